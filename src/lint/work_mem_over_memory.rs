//! Sorts that together need more memory than the server has.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "work-mem-over-memory",
    level: Level::Warn,
    docs: r#"
### What it does
Adds up `shared_buffers` and three times `work_mem` for every connection and every background process, and compares it with the
memory of a PostgreSQL server whose `instance` is stated.
### Why is this bad?
`work_mem` is no limit of a connection but of each sort and each hash in it. Once all connections are busy the kernel ends a process
of the server, and PostgreSQL then restarts all of them.
### Example
`memory = "16Gi"` with `work_mem = "64Mi"` and `max_connections = 100`: 4 GB and 100 × 3 × 64 MB.
### Instead
Leave `work_mem` out: the model divides what is there. Where its least of 4 MB is too much already, let PgBouncer share fewer
`max_connections`, or give the server more memory.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for server in facts.model.servers.iter().filter(|it| it.peak_memory.value > it.memory.value) {
        let causes = &facts.model.causes;
        let message = format!("`{}` may take {} of {}", server.address, server.peak_memory.value, server.memory.value);
        let (work_mem, connections) = (&server.work_mem, &server.max_connections);
        let mut finding = findings.finding(message);
        let pin = causes.written_at(&work_mem.address);
        let memory = causes.written_at(&server.memory.address);
        finding = finding.at_some(pin.or(memory), format!("three times {} in each connection", work_mem.value));
        let most = causes.written_at(&connections.address);
        finding = finding.at_some(most, format!("{} connections and the background processes", connections.value));
        let help = match pin {
            Some(_) => "leave `work_mem` out, or write less",
            None => "write fewer `max_connections`, or more `memory`",
        };
        findings.push(finding.help(help));
    }
}
