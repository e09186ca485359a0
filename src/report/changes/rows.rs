//! Capacity and cost before and after, as the rows of tables.
//!
//! It knows the columns and what their cells say. It must not know how a table is drawn.

use crate::diff::{EventRow, Headline, NodeGroupRow, PoolRow, Shift, WorkloadRow};

use super::phrase::shift;

/// A table: the names of its columns, and its rows with as many cells each.
pub(super) struct Table {
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// What each service and worker carries, and with how many pods.
pub(super) fn workloads(headline: &Headline, most: usize, quote: &dyn Fn(&str) -> String) -> Table {
    let row = |row: &WorkloadRow| {
        let shown = |it: &Shift| sides(headline, it, quote);
        let peak = shown(&row.peak);
        let peak = if peak.is_empty() { peak } else { format!("{peak} {}", row.unit) };
        let [binds, min, max] = [&row.binds, &row.min_replicas, &row.max_replicas].map(shown);
        vec![quote(row.address.as_str()), peak, binds, min, max]
    };
    Table {
        header: vec!["workload", "carries at most", "limited by", "min replicas", "max replicas"],
        rows: headline.workloads.iter().take(most).map(row).collect(),
    }
}

/// What events raise floors and ceilings to.
pub(super) fn events(headline: &Headline, most: usize, quote: &dyn Fn(&str) -> String) -> Table {
    let row = |row: &EventRow| {
        let [min, max] = [&row.min_replicas, &row.max_replicas].map(|it| sides(headline, it, quote));
        vec![quote(row.address.as_str()), min, max]
    };
    Table {
        header: vec!["event", "min replicas meanwhile", "max replicas meanwhile"],
        rows: headline.events.iter().take(most).map(row).collect(),
    }
}

/// How many connections each pool opens.
pub(super) fn pools(headline: &Headline, most: usize, quote: &dyn Fn(&str) -> String) -> Table {
    let row = |row: &PoolRow| {
        let [processes, each, all] = [&row.processes, &row.each, &row.all].map(|it| sides(headline, it, quote));
        vec![quote(row.address.as_str()), processes, each, all]
    };
    Table {
        header: vec!["pool", "processes", "connections of each at most", "of all at most"],
        rows: headline.pools.iter().take(most).map(row).collect(),
    }
}

/// How many nodes each group has, and what they cost.
pub(super) fn nodegroups(headline: &Headline, most: usize, quote: &dyn Fn(&str) -> String) -> Table {
    let row = |row: &NodeGroupRow| {
        let [min, max] = [&row.min, &row.max].map(|it| sides(headline, it, quote));
        let cost = dollars(headline, &row.monthly_cost, quote);
        vec![quote(row.address.as_str()), min, max, cost + if row.is_ignored { " (ignored)" } else { "" }]
    };
    Table {
        header: vec!["node group", "min nodes", "max nodes", "monthly cost at max"],
        rows: headline.nodegroups.iter().take(most).map(row).collect(),
    }
}

/// `monthly cost at most $1200.00 → $1500.00`; `None` where it stays. Where nothing is known of the other side, what the
/// new one costs.
pub(super) fn monthly_cost(headline: &Headline, quote: &dyn Fn(&str) -> String) -> Option<String> {
    let cost = headline.monthly_cost.as_ref()?;
    let matters = headline.is_one_sided || !cost.is_same();
    let text = dollars(headline, cost, quote);
    let is_ignored = headline.nodegroups.iter().any(|it| it.is_ignored);
    let once = if is_ignored { ", once the ignored node groups are replaced" } else { "" };
    (matters && !text.is_empty()).then(|| format!("monthly cost at most {text}{once}"))
}

/// Both sides; where nothing is known of the other one, this one alone, for nothing changed that anybody could tell.
fn sides(headline: &Headline, it: &Shift, quote: &dyn Fn(&str) -> String) -> String {
    match headline.is_one_sided {
        true => shift(&Shift { before: it.after.clone(), after: it.after.clone() }, quote),
        false => shift(it, quote),
    }
}

fn dollars(headline: &Headline, cost: &Shift, quote: &dyn Fn(&str) -> String) -> String {
    sides(headline, cost, &|text| quote(&format!("${text}")))
}
