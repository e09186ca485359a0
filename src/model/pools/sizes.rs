//! From the connections of one entry to its pool sizes.
//!
//! PgBouncer keeps one pool for each pair of entry and user, and each process has its own (`doc/config.md`, PgBouncer
//! 1.25): an entry may open `users × (pool_size + reserve_pool)` connections per process. `max_db_connections` is
//! written with exactly that, so the budget holds even where more users turn up. A pinned 0 means "no limit": the budget
//! then counts on the users that are written, and the lint `pool-without-limit` says so.

use crate::diag::Diagnostic;
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::super::reasons::{Answer, Reasons, more_is_more};
use super::budget::Candidate;
use super::{Database, formula_of, most_for, number};

/// Part of a pool that is kept in reserve, as a divisor: a sixth of the whole is a fifth of the rest.
const RESERVE_OF_ALL: i64 = 6;
const RESERVE_OF_POOL: i64 = RESERVE_OF_ALL - 1;

/// What one process may open for an entry.
#[derive(Debug)]
pub(super) struct Sizes {
    pub(super) pool_size: Derived<i64>,
    pub(super) reserve_pool: Derived<i64>,
    pub(super) min_pool_size: Option<Derived<i64>>,
    pub(super) max_db_connections: Derived<i64>,
    /// The pinned 0 that lifts the limit.
    pub(super) no_limit: Option<Derived<i64>>,
}

/// What the sizes of an entry start from.
pub(super) enum Basis {
    /// `pool_size` is pinned.
    PoolSize(Derived<i64>),
    /// So many connections per process, over all users.
    Connections {
        connections: Derived<i64>,
        /// How many usable connections of the server one more of these takes; `None` where the number is pinned.
        price: Option<Exact>,
    },
}

/// All sizes of one entry; `None` where there is not one connection for each user, which is then reported.
pub(super) fn resolve(
    candidate: &Candidate<'_>,
    basis: &Basis,
    database: &Database,
    reasons: &mut Reasons,
) -> Option<Sizes> {
    let (address, written) = (&candidate.address, candidate.written);
    // A pinned reserve is no demand: how a pool is split does not change what it carries, so nothing is compared.
    let reserve_at = address.child("reserve_pool");
    let reserve_pool = match number(written.reserve_pool.as_ref()) {
        Some(pin) => reasons.written(reserve_at, &pin),
        None => {
            let answer = reserve(candidate, basis, reasons)?;
            reasons.computed(reserve_at, answer)
        }
    };
    let pool_size = match basis {
        Basis::PoolSize(pinned) => pinned.clone(),
        Basis::Connections { connections, price } => {
            let answer = rest(candidate, connections, &reserve_pool, reasons)?;
            if answer.value < 1 {
                report_empty(candidate, connections, *price, database, reasons);
                return None;
            }
            reasons.computed(address.child("pool_size"), answer)
        }
    };
    let min_pool_size = number(written.min_pool_size.as_ref());
    let min_pool_size = min_pool_size.map(|it| reasons.written(address.child("min_pool_size"), &it));
    check_min_pool_size(candidate, min_pool_size.as_ref(), &pool_size, reasons);
    let max_db_connections = max_db_connections(candidate, &pool_size, &reserve_pool, reasons)?;
    let zero = number(written.max_db_connections.as_ref()).filter(|it| it.value == 0);
    let no_limit = zero.map(|it| reasons.written(address.child("max_db_connections"), &it));
    Some(Sizes { pool_size, reserve_pool, min_pool_size, max_db_connections, no_limit })
}

/// What is kept for clients that wait: a sixth of what a user has, or a fifth of a pinned pool.
fn reserve(candidate: &Candidate<'_>, basis: &Basis, reasons: &mut Reasons) -> Option<Answer<i64>> {
    let at = candidate.address.child("reserve_pool");
    match basis {
        Basis::PoolSize(pool_size) => {
            let exact = Exact::fraction(pool_size.value, RESERVE_OF_POOL);
            Some(Answer {
                value: reasons.floor(exact, &at, candidate.deciding())?,
                symbolic: "floor(pool_size / 5)",
                numbers: format!("floor({} / {RESERVE_OF_POOL})", pool_size.value),
                inputs: vec![pool_size.address.clone()],
            })
        }
        Basis::Connections { connections, .. } => {
            let users = &candidate.users;
            let exact = Exact::fraction(connections.value, users.value) / Exact::from(RESERVE_OF_ALL);
            Some(Answer {
                value: reasons.floor(exact, &at, candidate.deciding())?,
                symbolic: "floor(connections / users / 6)",
                numbers: format!("floor({} / {} / {RESERVE_OF_ALL})", connections.value, users.value),
                inputs: vec![connections.address.clone(), users.address.clone()],
            })
        }
    }
}

/// The pool of one user: its connections less the reserve; check: `floor(121 / 1) − 20` = 101.
fn rest(
    candidate: &Candidate<'_>,
    connections: &Derived<i64>,
    reserve_pool: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let (at, users) = (candidate.address.child("pool_size"), &candidate.users);
    let per_user = reasons.floor(Exact::fraction(connections.value, users.value), &at, candidate.deciding())?;
    Some(Answer {
        value: per_user.saturating_sub(reserve_pool.value),
        symbolic: "floor(connections / users) − reserve_pool",
        numbers: format!("floor({} / {}) − {}", connections.value, users.value, reserve_pool.value),
        inputs: vec![connections.address.clone(), users.address.clone(), reserve_pool.address.clone()],
    })
}

fn report_empty(
    candidate: &Candidate<'_>,
    connections: &Derived<i64>,
    price: Option<Exact>,
    database: &Database,
    reasons: &mut Reasons,
) {
    let (written, users) = (candidate.written, candidate.users.value);
    let message = format!("`{}` has no connection left for its pool", candidate.address);
    let shown = format!("{} connections per process for {users} users", connections.value);
    let diagnostic = match &written.reserve_pool {
        Some(pin) if connections.value >= users => Diagnostic::error(message)
            .at(pin.span, "all of them in reserve")
            .at(candidate.deciding(), shown)
            .help(format!("`reserve_pool = {}` or less", connections.value / users - 1)),
        _ => Diagnostic::error(message)
            .at(candidate.deciding(), shown)
            .at_some(written.users.as_ref().map(|it| it.span), "each needs one at least")
            .help(more(users - connections.value, price, users, database)),
    };
    reasons.sink.error(diagnostic.note(formula_of(&database.usable, reasons)));
}

/// What gives an entry as many connections more.
fn more(missing: i64, price: Option<Exact>, users: i64, database: &Database) -> String {
    let Some(price) = price else { return format!("`max_db_connections = {users}` or more") };
    let usable = (Exact::from(missing) * price + Exact::from(database.usable.value)).ceil();
    match usable {
        Some(usable) => {
            format!("a larger part, or `{}.max_connections = {}`", database.address, most_for(database, usable))
        }
        None => "a larger part, or fewer `users`".to_owned(),
    }
}

/// Connections of the entry over all users, per process; a pin beside `share` or `pool_size` has an answer to compare.
fn max_db_connections(
    candidate: &Candidate<'_>,
    pool_size: &Derived<i64>,
    reserve_pool: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let (users, written) = (&candidate.users, candidate.written);
    let pin = candidate.limit();
    let key =
        if pin.is_none() && written.max_db_connections.is_some() { "most_connections" } else { "max_db_connections" };
    let at = candidate.address.child(key);
    if pin.is_some() && written.share.is_none() && written.pool_size.is_none() {
        return reasons.decided(at, pin.as_ref(), None, more_is_more);
    }
    let exact = Exact::from(users.value) * (Exact::from(pool_size.value) + Exact::from(reserve_pool.value));
    let answer = Answer {
        value: reasons.floor(exact, &at, candidate.deciding())?,
        symbolic: "users × (pool_size + reserve_pool)",
        numbers: format!("{} × ({} + {})", users.value, pool_size.value, reserve_pool.value),
        inputs: vec![users.address.clone(), pool_size.address.clone(), reserve_pool.address.clone()],
    };
    reasons.decided(at, pin.as_ref(), Some(answer), more_is_more)
}

/// PgBouncer caps `min_pool_size` at the pool in silence (`doc/config.md`), so that the number written never holds.
fn check_min_pool_size(
    candidate: &Candidate<'_>,
    min: Option<&Derived<i64>>,
    pool_size: &Derived<i64>,
    reasons: &mut Reasons,
) {
    let (Some(min), Some(written)) = (min, &candidate.written.min_pool_size) else { return };
    if min.value <= pool_size.value {
        return;
    }
    let message = format!("`min_pool_size` is {}, above the pool of {}", min.value, pool_size.value);
    let diagnostic = Diagnostic::error(message)
        .at(written.span, "kept open")
        .at(candidate.deciding(), format!("`pool_size` {} comes from here", pool_size.value))
        .help(format!("`min_pool_size = {}` or less", pool_size.value));
    reasons.sink.error(diagnostic);
}
