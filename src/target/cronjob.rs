//! CronJobs that open and close the windows of schedules, and the rights that they need.
//!
//! Each schedule of a workload without KEDA gets two: `…-up` raises the floor at the start, `…-down` puts it back at the
//! end. The floor of an HPA is its `minReplicas`: scaling the workload itself would be undone at the next tick. A fixed
//! number is scaled directly. KEDA takes windows as triggers: no CronJob there.

use crate::doc::Artifact;
use crate::doc::value::Node;
use crate::model::constants::Cronjob;
use crate::model::schedules::Schedule;
use crate::model::workloads::Workload;
use crate::model::{Model, Platform};
use crate::why::Derived;

use super::job::{self, Owner, Time, Work};
use super::kube;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "cronjob",
    summary: "CronJobs for the schedules of workloads without KEDA, and their rights: \
              k8s/<workload>/{cronjob-<schedule>,rbac}.yaml",
    emit,
};

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(constants) = &model.constants.cronjob else { return Ok(()) };
    let platform = &model.platform;
    super::emit_all(&model.workloads, take, |workload| {
        let owner = Owner::of(workload);
        if matches!(owner, Owner::ScaledObject(_)) || workload.schedules.is_empty() {
            return Ok(Vec::new());
        }
        let rights = job::rights(&account(workload), owner.rules(), platform)?;
        let mut artifacts = vec![kube::artifact(workload, "rbac", rights)];
        for schedule in &workload.schedules {
            let edges = edges(workload, schedule, &owner, platform, constants)?;
            let file = format!("cronjob-{}", schedule.name);
            // The schedule asks for the file, not the workload.
            artifacts.push(Artifact { owner: schedule.address.clone(), ..kube::artifact(workload, &file, edges) });
        }
        Ok(artifacts)
    })
}

/// The name of the ServiceAccount, the Role and the RoleBinding.
fn account(workload: &Workload) -> Derived<String> {
    workload.target.name.map(|name| format!("{name}-schedule"))
}

/// The CronJobs at both edges of a window.
fn edges(
    workload: &Workload,
    schedule: &Schedule,
    owner: &Owner<'_>,
    platform: &Platform,
    constants: &Cronjob,
) -> Result<Vec<Node>, Fault> {
    let [up, down] = schedule.cronjob_names(workload);
    let edges = [(up, &schedule.start, &schedule.min), (down, &schedule.end, workload.floor())];
    let cronjobs = edges.into_iter().map(|(name, time, replicas)| {
        let name = kube::named(name, &workload.target.name.address);
        let time = Time {
            schedule: time.map(|it| it.text().to_owned()),
            time_zone: schedule.time_zone.map(|it| it.name().to_owned()),
        };
        let last = owner.set_floor(replicas, &platform.namespace);
        job::cronjob(name, time, Work { before: Vec::new(), last, account: account(workload) }, platform, constants)
    });
    cronjobs.collect()
}
