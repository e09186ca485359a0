//! A pool of PgBouncer over all of its processes.
//!
//! Every process reads the same ini, so what stands there holds for one of them: with another number of processes a
//! smaller pool may be as many connections as before.

use super::{Action, ObjectChange, PoolRow, Risk, Shift, Step, Verdict};
use crate::doc::object::Identity;
use crate::doc::state::Memory;
use crate::why::{Address, Causes};

/// The keys of an ini whose numbers hold for one process.
const PER_PROCESS: [&str; 6] =
    ["pool_size", "reserve_pool", "max_db_connections", "default_pool_size", "reserve_pool_size", "max_client_conn"];

/// Said of a number that is lower for each process, and not for all of them.
const AS_MANY: &str = "each process has fewer, and all of them together as many as before";

/// Takes back the risk of numbers that are lower only because there are more processes.
pub(super) fn judge(causes: &Causes, memory: &Memory, changes: &mut [ObjectChange]) {
    for change in changes.iter_mut().filter(|it| it.action == Action::Change) {
        if let (Identity::Pgbouncer { .. }, Some(owner)) = (&change.identity, &change.owner) {
            let at = owner.child("instances");
            let before = memory.inputs.get(&at).or_else(|| memory.numbers.get(&at)).and_then(number);
            let after = causes.get(&at).and_then(|why| number(why.value));
            if let (Some(before), Some(after)) = (before, after) {
                relieve(change, before, after);
            }
        }
    }
}

/// Makes every number safe that is no lower over all processes, of which there were `before` and are `after`.
fn relieve(change: &mut ObjectChange, before: i64, after: i64) {
    let mut is_relieved = false;
    for edit in change.edits.iter_mut().filter(|it| it.risk.risk == Risk::Disruptive) {
        let is_counted = matches!(edit.path.0.last(), Some(Step::Key(key)) if PER_PROCESS.contains(&key.as_str()));
        let number = |text: &Option<String>| text.as_deref().and_then(number).filter(|_| is_counted);
        if let (Some(each_before), Some(each)) = (number(&edit.before), number(&edit.after)) {
            let (all_before, all) = (before.saturating_mul(each_before), after.saturating_mul(each));
            // What does not divide by the number of processes is less than one for each.
            if after > before && all.saturating_add(after) > all_before {
                edit.risk = Verdict { risk: Risk::Safe, reason: AS_MANY };
                is_relieved = true;
            }
        }
    }
    let worst = change.edits.iter().map(|it| &it.risk).max_by_key(|it| it.risk);
    if let Some(worst) = worst.filter(|_| is_relieved) {
        change.risk = worst.clone();
    }
}

/// One entry of a PgBouncer, from the numbers of both sides.
pub(super) fn row(address: Address, processes: Shift, each: Shift) -> PoolRow {
    let all = Shift {
        before: of_all(processes.before.as_deref(), each.before.as_deref()),
        after: of_all(processes.after.as_deref(), each.after.as_deref()),
    };
    PoolRow { address, processes, each, all }
}

/// `None` where a process has no limit, or a side no number.
fn of_all(processes: Option<&str>, each: Option<&str>) -> Option<String> {
    let all = number(processes?)?.checked_mul(number(each?)?)?;
    (all > 0).then(|| all.to_string())
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}
