//! The names that a setting's expression may use, and where their numbers come from.

use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::super::workloads::{Family, LoadKind, Opened, Scaling, Workload};

/// A name with its number.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Exact,
    pub(super) address: Address,
}

type Number = (Exact, Address);

/// How a name gets its number.
struct Row {
    name: &'static str,
    /// Whose expressions may use it; `None` is everybody.
    family: Option<Family>,
    /// What to write where the number is not there.
    needs: &'static str,
    of: fn(&Workload) -> Option<Number>,
}

/// Every fixed name, sorted. `docs/model.md` documents them.
const VARIABLES: &[Row] = &[
    Row {
        name: "concurrency",
        family: Some(Family::Worker),
        needs: "`concurrency = …`",
        of: |it| plain(it.throughput.concurrency.as_ref()?),
    },
    Row {
        name: "connections_per_pod",
        family: Some(Family::Service),
        needs: "`connections_per_pod = …`",
        of: |it| per_pod(it, LoadKind::Connections),
    },
    Row {
        name: "cpu",
        family: None,
        needs: "`resources = { cpu = \"…\" }`",
        of: |it| cores(it.resources.cpu.as_ref()?),
    },
    Row {
        name: "cpu_limit",
        family: None,
        needs: "`resources = { cpu_limit = \"…\" }`",
        of: |it| cores(it.resources.cpu_limit.as_ref()?),
    },
    Row {
        name: "event_rate",
        family: Some(Family::Worker),
        needs: "`event_rate = …`, and what one worker carries",
        of: |it| target(it, LoadKind::Events),
    },
    Row {
        name: "lag_threshold",
        family: Some(Family::Worker),
        needs: "`kafka`, `redis` or `rabbitmq`, and `autoscale` instead of `replicas`",
        of: lag_threshold,
    },
    Row { name: "max_replicas", family: None, needs: "", of: |it| whole(it.peak()) },
    Row {
        name: "memory_limit_mib",
        family: None,
        needs: "`resources = { memory_limit = \"…\" }`",
        of: |it| mebibytes(it.resources.memory_limit.as_ref()?),
    },
    Row {
        name: "memory_mib",
        family: None,
        needs: "`resources = { memory = \"…\" }`",
        of: |it| mebibytes(it.resources.memory.as_ref()?),
    },
    Row { name: "min_replicas", family: None, needs: "", of: |it| whole(it.floor()) },
    Row {
        name: "partitions",
        family: Some(Family::Worker),
        needs: "`kafka = { partitions = … }`",
        of: |it| whole(it.partitions.as_ref()?),
    },
    Row {
        name: "processing_time",
        family: Some(Family::Worker),
        needs: "`processing_time = \"…\"`",
        of: |it| plain(it.throughput.processing_time.as_ref()?),
    },
    Row {
        name: "rps_per_pod",
        family: Some(Family::Service),
        needs: "`rps_per_pod = …`",
        of: |it| per_pod(it, LoadKind::Requests),
    },
    Row {
        name: "target_connections",
        family: Some(Family::Service),
        needs: "`target_connections = …` and `connections_per_pod`",
        of: |it| target(it, LoadKind::Connections),
    },
    Row {
        name: "target_rps",
        family: Some(Family::Service),
        needs: "`target_rps = …` and `rps_per_pod`",
        of: |it| target(it, LoadKind::Requests),
    },
    Row {
        name: "throughput_per_worker",
        family: Some(Family::Worker),
        needs: "`throughput_per_worker = …`",
        of: |it| plain(it.throughput.per_second.as_ref()?),
    },
];

/// The number of a name.
///
/// # Errors
/// What to write so that a known name gets a number; `None` where there is no such name.
pub(super) fn find(name: &str, workload: &Workload) -> Result<Variable, Option<&'static str>> {
    let found = match name.split_once('.') {
        Some((table, entry)) => match connections(workload, table) {
            Some(opened) => {
                let it = opened.iter().find(|it| it.name == entry).ok_or(None)?;
                whole(&it.count)
            }
            None => return Err(None),
        },
        None => {
            let row = fitting(workload).find(|row| row.name == name).ok_or(None)?;
            Some((row.of)(workload).ok_or(Some(row.needs))?)
        }
    };
    let (value, address) = found.ok_or(None)?;
    Ok(Variable { name: name.to_owned(), value, address })
}

/// Every name that an expression of this workload may use, for suggestions.
pub(super) fn known(workload: &Workload) -> Vec<String> {
    let mut names: Vec<String> = fitting(workload).map(|row| row.name.to_owned()).collect();
    for table in ["pool_connections", "database_connections", "redis_connections"] {
        let opened = connections(workload, table).unwrap_or_default();
        names.extend(opened.iter().map(|it| format!("{table}.{}", it.name)));
    }
    names
}

fn fitting(workload: &Workload) -> impl Iterator<Item = &'static Row> {
    let family = workload.family;
    VARIABLES.iter().filter(move |row| row.family.is_none_or(|it| it == family))
}

fn connections<'w>(workload: &'w Workload, table: &str) -> Option<&'w [Opened]> {
    match table {
        "pool_connections" => Some(&workload.pool_connections),
        "database_connections" => Some(&workload.database_connections),
        "redis_connections" => Some(&workload.redis_connections),
        _ => None,
    }
}

/// Whole cores: `500m` is a half.
fn cores(quantity: &Derived<Quantity>) -> Option<Number> {
    Some((Exact::fraction(quantity.value.milli_ceil(), 1000), quantity.address.clone()))
}

/// `2Gi` is 2048.
fn mebibytes(quantity: &Derived<Quantity>) -> Option<Number> {
    Some((Exact::fraction(quantity.value.bytes_ceil(), 1 << 20), quantity.address.clone()))
}

fn whole(number: &Derived<i64>) -> Option<Number> {
    Some((Exact::from(number.value), number.address.clone()))
}

fn plain(number: &Derived<Exact>) -> Option<Number> {
    Some((number.value, number.address.clone()))
}

fn per_pod(workload: &Workload, kind: LoadKind) -> Option<Number> {
    plain(&workload.loads.iter().find(|it| it.kind == kind)?.per_pod)
}

fn target(workload: &Workload, kind: LoadKind) -> Option<Number> {
    plain(workload.loads.iter().find(|it| it.kind == kind)?.target.as_ref()?)
}

fn lag_threshold(workload: &Workload) -> Option<Number> {
    match &workload.scaling {
        Scaling::Autoscaled(autoscaler) => whole(&autoscaler.keda.as_ref()?.lag_threshold),
        Scaling::Fixed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::VARIABLES;

    /// The list of names in the documentation is the list that is used.
    #[test]
    fn every_name_is_documented_and_sorted() {
        let page = include_str!("../../../docs/model.md");
        for row in VARIABLES {
            assert!(page.contains(&format!("| `{}` |", row.name)), "docs/model.md: {}", row.name);
        }
        assert!(VARIABLES.is_sorted_by_key(|row| row.name));
    }
}
