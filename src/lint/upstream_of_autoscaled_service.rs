//! Servers of an upstream that are there only while a service runs its most pods.

use crate::model::workloads::Scaling;
use crate::spec::upstream::Servers;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "upstream-of-autoscaled-service",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for upstreams that count their servers by a `service` with an autoscaler whose floor is below its limit.
### Why is this bad?
nginx resolves every name when it starts and refuses to start where one is missing. With fewer pods than the most, some are:
the next reload of nginx in a quiet hour is an outage.
### Example
`servers = "web{n}:8000"` with `service = "web"`, which scales from 2 to 10.
### Instead
Name the Service of Kubernetes, which knows its pods: `servers = ["web:8000"]`. Or fix the number: `replicas = 4`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for (name, entry) in facts.spec.upstream.iter() {
        let Some(service) = &entry.value.service else { continue };
        let Some(workload) = facts.workload(service.value.as_str()) else { continue };
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let (min, max) = (autoscaler.min.value, autoscaler.max.value);
        if min < max {
            let message =
                format!("`upstream.{name}` names {max} servers, but `{}` may run only {min} of them", workload.address);
            let finding = findings
                .finding(message)
                .at(service.span, "as many as it has at most")
                .at(workload.place, format!("scales from {min} to {max}"));
            let port = match &entry.value.servers.value {
                Servers::Pattern(pattern) => pattern.as_str().rsplit(':').next().unwrap_or_default(),
                Servers::List(_) => continue,
            };
            let in_front = format!("servers = [\"{}:{port}\"]", workload.target.name.value);
            findings
                .push(finding.help(format!("name the Service in front of the pods: `{in_front}`, without `service`")));
        }
    }
}
