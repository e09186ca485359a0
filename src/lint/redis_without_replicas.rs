//! A Redis Cluster whose masters have no replica.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "redis-without-replicas",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for a `[redis.NAME]` that is a cluster with `replicas = 0`.
### Why is this bad?
A master that fails takes its slots and their keys with it. Nobody replaces it, and by Redis' own default
(`cluster-require-full-coverage`) all the others stop answering until it is back.
### Example
`masters = 3` and `replicas = 0`, as `redis-cli --cluster create … --cluster-replicas 0` makes it.
### Instead
Write `replicas = 1` or take the line out. For a cache that may be lost, waive it with a reason, and write
`settings = { cluster-require-full-coverage = false }`, so that the rest goes on.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for redis in &facts.model.redis {
        let Some(cluster) = redis.cluster.as_ref().filter(|it| it.replicas.value == 0) else { continue };
        let place = facts.model.causes.written_at(&cluster.replicas.address).unwrap_or(redis.place);
        let message = format!("the masters of `{}` have no replica: one that fails stops all of them", redis.address);
        let finding = findings.finding(message).at(place, "");
        findings.push(finding.help("replicas = 1"));
    }
}
