//! A limit that is lower than what is promised.

use super::files::{pods, scalar};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "limit-below-request",
    level: Level::Deny,
    docs: r#"
### What it does
Compares the limits of CPU and memory of every container with its requests, those of services of
Docker Compose (`reservations`) among them.
### Why is this bad?
The API server refuses the pod: "must be less than or equal to cpu limit". A Deployment is taken, and then makes no pods. Docker refuses the container: "minimum
memory limit can not be less than memory reservation limit".
### Example
`requests: { cpu: "2" }` with `limits: { cpu: 1500m }`
### Instead
Write a limit that is not below the request, or leave it out.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    of_compose(files, findings);
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            for resource in ["cpu", "memory"] {
                let amount = |of: &str| pods::amount(container, of, resource);
                let (Some((request, asked)), Some((limit, most))) = (amount("requests"), amount("limits")) else {
                    continue;
                };
                if asked > most {
                    let message = format!(
                        "`{}` makes no pods: a container asks for {} of {resource} and may have {}",
                        object.identity,
                        asked.text(),
                        most.text()
                    );
                    let finding = findings.finding(message).at(files.at(object, limit), "lower than the request");
                    let finding = finding.at(files.at(object, request), "the request");
                    // A limit of 500 CPUs is no advice: then the request lost its unit.
                    let help = match pods::meant(resource, &asked) {
                        Some(meant) => format!("write `{resource}: {meant}` as the request: no machine has more"),
                        None => format!("write `{resource}: {}` or more as the limit", asked.text()),
                    };
                    findings.push(finding.help(help));
                }
            }
        }
    }
}

fn of_compose(files: &Files<'_>, findings: &mut Findings<'_>) {
    for service in files.compose_services() {
        for resource in ["cpus", "memory"] {
            let amounts = service.amount("reservations", resource).zip(service.amount("limits", resource));
            let Some(((request, _), (limit, _))) = amounts.filter(|((_, asked), (_, most))| asked > most) else {
                continue;
            };
            let message = format!("`{}` reserves more {resource} than it may have", service.title());
            let finding = findings.finding(message).at(files.at(service.object, limit), "lower than the reservation");
            let finding = finding.at(files.at(service.object, request), "the reservation");
            let least = scalar(request).unwrap_or_default();
            findings.push(finding.help(format!("write `{resource}: {least}` or more as the limit")));
        }
    }
}
