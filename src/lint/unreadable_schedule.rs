//! A schedule that Kubernetes or KEDA cannot read.

use crate::doc::object::Object;
use crate::doc::value::Node;
use crate::unit::cron::Cron;
use crate::unit::zone::Zone;

use super::files::{get, items, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unreadable-schedule",
    level: Level::Deny,
    docs: r#"
### What it does
Reads the schedules and time zones of CronJobs and of KEDA's cron triggers as they do.
### Why is this bad?
A CronJob is refused; a trigger fails at every look, and the ScaledObject with it. Five fields are known and Sunday is 0: six fields, 7 and a range
that wraps (`FRI-MON`) are other dialects, and a zone stands in `timeZone`, never in the line.
### Example
`schedule: "0 0 18 * * 1-5"`
### Instead
Write five fields, minute first: `0 18 * * 1-5`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for job in files.of_kind("CronJob") {
        let Some(spec) = job.tree.get("spec") else { continue };
        line(files, findings, job, get(spec, "schedule"), true);
        zone(files, findings, job, get(spec, "timeZone"));
    }
    for object in files.of_kind("ScaledObject") {
        let triggers = items(get(&object.tree, "spec.triggers")).filter(|it| text(it, "type") == Some("cron"));
        for metadata in triggers.filter_map(|it| it.get("metadata")) {
            line(files, findings, object, get(metadata, "start"), false);
            line(files, findings, object, get(metadata, "end"), false);
            zone(files, findings, object, get(metadata, "timezone"));
        }
    }
}

fn line(files: &Files<'_>, findings: &mut Findings<'_>, object: &Object, node: Option<&Node>, has_words: bool) {
    let Some((node, text)) = node.and_then(|it| Some((it, it.as_str()?))) else { return };
    let fault = match Cron::parse(text) {
        Ok(cron) if cron.is_descriptor() && !has_words => "KEDA knows no `@` words".to_owned(),
        Ok(_) => return,
        Err(fault) => fault,
    };
    let message = format!("`{}`: {fault}", object.identity);
    let finding = findings.finding(message).at(files.at(object, node), "cannot be read");
    findings.push(finding.help("write five fields, minute first, such as `0 18 * * 1-5`; Sunday is 0"));
}

fn zone(files: &Files<'_>, findings: &mut Findings<'_>, object: &Object, node: Option<&Node>) {
    let Some((node, name)) = node.and_then(|it| Some((it, it.as_str()?))) else { return };
    if let Err(fault) = Zone::parse(name) {
        let message = format!("`{}`: {fault}", object.identity);
        let finding = findings.finding(message).at(files.at(object, node), "no time zone");
        findings.push(finding.help("write a name of the IANA database, such as `Europe/Rome` or `Etc/UTC`"));
    }
}
