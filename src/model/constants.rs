//! Numbers that no spec decides: how the CronJobs behave that open and close windows.
//!
//! They are registered like any other number, so that `explain` knows them, and only where a CronJob is written.

use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::workloads::{Scaling, Workload};

/// The numbers of each family of files that has some.
#[derive(Debug, Clone)]
pub struct Constants {
    /// `None` where no window needs a CronJob.
    pub cronjob: Option<Cronjob>,
}

/// How a CronJob, its Jobs and their container behave.
#[derive(Debug, Clone)]
pub struct Cronjob {
    /// How late a Job may start, in seconds.
    pub starting_deadline: Derived<i64>,
    /// How long a Job may try, in seconds.
    pub active_deadline: Derived<i64>,
    /// How often a failed pod is tried again.
    pub backoff_limit: Derived<i64>,
    /// Jobs that are kept to be looked at.
    pub successful_jobs_history: Derived<i64>,
    pub failed_jobs_history: Derived<i64>,
    /// The user that the container runs as.
    pub user: Derived<i64>,
    pub cpu: Derived<&'static str>,
    pub memory: Derived<&'static str>,
    pub cpu_limit: Derived<&'static str>,
    pub memory_limit: Derived<&'static str>,
}

pub(super) fn resolve(workloads: &[Workload], reasons: &mut Reasons) -> Constants {
    Constants { cronjob: workloads.iter().any(has_cronjobs).then(|| cronjob(reasons)) }
}

/// KEDA takes windows as triggers; everything else needs somebody who moves the floor.
fn has_cronjobs(workload: &Workload) -> bool {
    let is_keda = matches!(&workload.scaling, Scaling::Autoscaled(autoscaler) if autoscaler.keda.is_some());
    let has_event = workload.events.iter().any(|it| !it.cronjob_phases(workload).is_empty());
    has_event || (!workload.schedules.is_empty() && !is_keda)
}

fn cronjob(reasons: &mut Reasons) -> Cronjob {
    let at = Address::of(["capgen", "cronjob"]);
    let mut number = |key: &str, value: i64, reason| reasons.default(at.child(key), value, reason);
    let starting_deadline = number(
        "starting_deadline_seconds",
        600,
        "a controller that was away for ten minutes still moves the floor; one that comes later would meet the next window",
    );
    let active_deadline = number(
        "active_deadline_seconds",
        300,
        "a Job that hangs, on an image that cannot be pulled say, must not move the floor hours after its time",
    );
    let backoff_limit = number("backoff_limit", 2, "three tries within the deadline: Kubernetes waits 10 s, then 20 s");
    let successful_jobs_history = number("successful_jobs_history_limit", 1, "the last one shows that it works");
    let failed_jobs_history = number("failed_jobs_history_limit", 3, "enough to see whether failures repeat");
    let user = number(
        "run_as_user",
        65_532,
        "the user `nonroot` of distroless images: the kubectl image names no user, and root is not needed",
    );
    let mut quantity = |key: &str, value, reason| reasons.default(at.child(key), value, reason);
    Cronjob {
        starting_deadline,
        active_deadline,
        backoff_limit,
        successful_jobs_history,
        failed_jobs_history,
        user,
        cpu: quantity("cpu", "50m", "one call of kubectl"),
        memory: quantity("memory", "64Mi", "one call of kubectl"),
        cpu_limit: quantity("cpu_limit", "500m", "a namespace with a ResourceQuota takes no pod without limits"),
        memory_limit: quantity("memory_limit", "256Mi", "kubectl reads the list of every API that the cluster serves"),
    }
}
