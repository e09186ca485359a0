//! What is watched of what workloads share: pools, servers, nodes.

use crate::model::alerts::kinds;
use crate::model::nodes::{Cost, NodeGroup, decimal};
use crate::model::pools::{Database, Pgbouncer, PoolEntry};
use crate::model::reasons::{Answer, Reasons};
use crate::model::signals::{Fits, Series};

use crate::unit::exact::Exact;
use crate::why::Derived;

use super::{Alert, Group, Parts, Query, Replicas, Settings, exactly, plain, share_of};

/// Connections that PostgreSQL keeps for superusers: `superuser_reserved_connections`.
const SUPERUSER_RESERVED: i64 = 3;

/// Hours of a month, as the cost of a group counts them.
const HOURS: i64 = 730;

/// The groups of PgBouncers and their entries, of servers and of node groups.
pub(super) fn resolve(parts: &Parts<'_>, settings: &Settings<'_>, reasons: &mut Reasons) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut add = |subject, labels, alerts: Vec<Option<Alert>>| {
        let alerts: Vec<Alert> = alerts.into_iter().flatten().collect();
        groups.push(Group {
            subject,
            labels,
            alerts,
            capacity: None,
            follows: None,
            replicas: None,
            monthly_price: None,
        });
    };
    for database in parts.databases {
        let alerts = vec![database_connections(database, parts, settings, reasons)];
        add(database.address.clone(), vec![("database", database.name.clone())], alerts);
    }
    for pgbouncer in parts.pgbouncers {
        let alerts = vec![clients(pgbouncer, parts, settings, reasons)];
        add(pgbouncer.address.clone(), vec![("pgbouncer", pgbouncer.name.clone())], alerts);
        for entry in &pgbouncer.entries {
            let labels = vec![("pgbouncer", pgbouncer.name.clone()), ("pool", entry.name.clone())];
            let alerts = vec![waiting(entry, parts, settings, reasons), servers(entry, parts, settings, reasons)];
            add(entry.address.clone(), labels, alerts);
        }
    }
    groups.extend(parts.nodegroups.iter().map(|group| {
        let labels = vec![("nodegroup", group.name.clone())];
        let alerts = nodes(group, parts, settings, reasons).into_iter().collect();
        let replicas = Replicas {
            now: Query::CountAtLeast(counted(group, parts)),
            min: group.min.clone(),
            max: group.max.clone(),
            ceiling: None,
        };
        let monthly_price = group.cost.as_ref().map(|it| monthly_price(group, it, reasons));
        Group {
            subject: group.address.clone(),
            labels,
            alerts,
            capacity: None,
            follows: None,
            replicas: Some(replicas),
            monthly_price,
        }
    }));
    groups
}

fn monthly_price(group: &NodeGroup, cost: &Cost, reasons: &mut Reasons) -> Derived<String> {
    let answer = Answer {
        value: cost.hourly.value * Exact::from(HOURS),
        symbolic: "hourly price × 730 h",
        numbers: format!("{} × {HOURS}", decimal(cost.hourly.value)),
        inputs: vec![cost.hourly.address.clone()],
    };
    exactly(&reasons.computed(group.address.child("monthly_price"), answer))
}

fn counted(group: &NodeGroup, parts: &Parts<'_>) -> Series {
    let names = &parts.monitoring.names;
    Series::new(&names.node_labels.value).is(&names.node_group_label.value, &group.name)
}

/// All connections to a server, against those that are not the superusers'.
fn database_connections(
    database: &Database,
    parts: &Parts<'_>,
    settings: &Settings<'_>,
    reasons: &mut Reasons,
) -> Option<Alert> {
    let (most, percent) = (&database.max_connections, &settings.saturation);
    let kind = &kinds::DATABASE_CONNECTIONS_NEAR_LIMIT;
    let open = most.map(|it| it.saturating_sub(SUPERUSER_RESERVED));
    let text = format!("({} − {SUPERUSER_RESERVED})", most.value);
    let symbolic = "floor((max_connections − 3) × saturation_percent)";
    let threshold = share_of(kind, &database.address, (&open, &text), percent, symbolic, reasons)?;
    let server = format!("{}:{}", database.host.value, database.port.value);
    let series = Series::new(&parts.monitoring.names.postgres_connections.value).is("server", &server);
    settings.alert(kind, threshold, Query::Total(series), reasons)
}

/// A group whose number of nodes is fixed is always at its limit.
fn nodes(group: &NodeGroup, parts: &Parts<'_>, settings: &Settings<'_>, reasons: &mut Reasons) -> Option<Alert> {
    if group.max.value <= group.min.value {
        return None;
    }
    let query = Query::CountAtLeast(counted(group, parts));
    settings.alert(&kinds::NODES_AT_MAXIMUM, plain(&group.max), query, reasons)
}

/// The clients of each process, with a server connection and without.
fn clients(pgbouncer: &Pgbouncer, parts: &Parts<'_>, settings: &Settings<'_>, reasons: &mut Reasons) -> Option<Alert> {
    let (most, kind) = (&pgbouncer.max_client_conn, &kinds::POOL_CLIENTS_NEAR_LIMIT);
    let of = (most, most.value.to_string());
    let symbolic = "floor(max_client_conn × saturation_percent)";
    let at = &pgbouncer.address;
    let threshold = share_of(kind, at, (of.0, &of.1), &settings.saturation, symbolic, reasons)?;
    let entries: Vec<String> = pgbouncer.entries.iter().map(|it| it.name.clone()).collect();
    let names = &parts.monitoring.names;
    let series = [&names.pgbouncer_active, &names.pgbouncer_waiting]
        .map(|it| Series::new(&it.value).of("database", Fits::OneOf(entries.clone())));
    let query = Query::TotalBy { label: "instance", series: series.to_vec() };
    settings.alert(kind, threshold, query, reasons)
}

fn waiting(entry: &PoolEntry, parts: &Parts<'_>, settings: &Settings<'_>, reasons: &mut Reasons) -> Option<Alert> {
    let kind = &kinds::POOL_CLIENTS_WAITING;
    let at = entry.address.child("alerts").child(kind.key);
    let nothing = reasons.default(at, 0, "a pool that is large enough keeps nobody waiting for long");
    let series = Series::new(&parts.monitoring.names.pgbouncer_waiting.value).is("database", &entry.name);
    settings.alert(kind, plain(&nothing), Query::Total(series), reasons)
}

/// The server connections of each process, against those that it has without its reserve: to use all of these is what a pool
/// is for.
fn servers(entry: &PoolEntry, parts: &Parts<'_>, settings: &Settings<'_>, reasons: &mut Reasons) -> Option<Alert> {
    if entry.reserve_pool.value == 0 {
        return None;
    }
    let (users, size, kind) = (&entry.users, &entry.pool_size, &kinds::POOL_RESERVE_IN_USE);
    let answer = Answer {
        value: users.value.checked_mul(size.value)?,
        symbolic: "users × pool_size",
        numbers: format!("{} × {}", users.value, size.value),
        inputs: vec![users.address.clone(), size.address.clone()],
    };
    let threshold = plain(&reasons.computed(entry.address.child("alerts").child(kind.key), answer));
    let series = Series::new(&parts.monitoring.names.pgbouncer_servers.value).is("name", &entry.name);
    settings.alert(kind, threshold, Query::TotalBy { label: "instance", series: vec![series] }, reasons)
}
