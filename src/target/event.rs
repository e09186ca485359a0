//! CronJobs that carry out planned events, and the rights that they need.
//!
//! An event happens once, but a CronJob knows no year. So each of them lets itself rest (`suspend`) once its work is done:
//! a year later none fires. Their names have the event's date, so an event on another day has CronJobs of its own, which do
//! not rest. One call sets floor and ceiling together. CronJobs of schedules that would move the floor meanwhile rest from
//! the first call on and wake with the last. With KEDA floors are triggers, and CronJobs move the ceiling alone.
//!
//! All of an event stands in one file for each workload, its account too: with the event it goes.

use crate::doc::Artifact;
use crate::doc::value::Node;
use crate::model::constants::Cronjob;
use crate::model::events::{Event, Phase};
use crate::model::workloads::Workload;
use crate::model::{Model, Platform};
use crate::why::Derived;

use super::job::{self, Owner, REST, Time, WAKE, Work};
use super::kube;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "event",
    summary: "CronJobs for planned events, which rest once they have run, and their rights: k8s/<workload>/event-<event>.yaml",
    emit,
};

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(constants) = &model.constants.cronjob else { return Ok(()) };
    let platform = &model.platform;
    super::emit_all(&model.workloads, take, |workload| {
        let mut artifacts = Vec::new();
        for event in &workload.events {
            let documents = documents(workload, event, platform, constants)?;
            if !documents.is_empty() {
                let artifact = kube::artifact(workload, &format!("event-{}", event.name), documents);
                artifacts.push(Artifact { owner: event.address.clone(), ..artifact });
            }
        }
        Ok(artifacts)
    })
}

fn documents(workload: &Workload, event: &Event, platform: &Platform, constants: &Cronjob) -> Result<Vec<Node>, Fault> {
    let phases = event.cronjob_phases(workload);
    if phases.is_empty() {
        return Ok(Vec::new());
    }
    let owner = Owner::of(workload);
    let of_event = |name: String| kube::named(name, &event.address.child("at"));
    let account = of_event(event.account_name(workload));
    let own = |phase: &Phase| of_event(event.object_name(workload, phase));
    let paused: Vec<Derived<String>> =
        event.paused.iter().map(|name| kube::named(name.clone(), &workload.target.name.address)).collect();
    let resting = phases.iter().map(|phase| own(phase)).chain(paused.iter().cloned());
    let mut rules = owner.rules();
    rules.push(job::suspend_rule(resting.collect()));
    let mut documents = job::rights(&account, rules, platform)?;
    for phase in &phases {
        let is_first = phases.first().is_some_and(|it| it.name == phase.name);
        let is_last = phases.last().is_some_and(|it| it.name == phase.name);
        let mut before = Vec::new();
        if is_first && !paused.is_empty() {
            before.push(("pause-schedules", job::suspend(&paused, REST, &platform.namespace)));
        }
        before.push(("scale", owner.set_limits(&phase.limits, &platform.namespace)));
        if is_last && !paused.is_empty() {
            before.push(("resume-schedules", job::suspend(&paused, WAKE, &platform.namespace)));
        }
        let last = job::suspend(&[own(phase)], REST, &platform.namespace);
        let time = Time { schedule: phase.from.clone(), time_zone: utc(event) };
        let work = Work { before, last, account: account.clone() };
        documents.push(job::cronjob(own(phase), time, work, platform, constants)?);
    }
    Ok(documents)
}

/// Every minute happens once there. The name that the IANA database gives it.
fn utc(event: &Event) -> Derived<String> {
    kube::named("Etc/UTC".to_owned(), &event.address.child("at"))
}
