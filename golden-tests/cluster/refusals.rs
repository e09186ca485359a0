//! Clusters that do not answer, users who may not ask, and objects that stand in each other's way.

use std::collections::BTreeSet;
use std::ffi::OsString;

use crate::diffs::{dump, install};
use crate::said::{self, Said};
use crate::server::{Cluster, User};
use crate::{Subject, folder};

/// A user without rights, a context that nobody knows, a server that does not listen: one message each, saying what to type.
///
/// # Errors
/// What is said instead.
pub(crate) fn nobody(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    install(cluster, subject, &[])?;
    let said = said::diff(&folder(&subject.spec), "cluster", cluster.environment(User::Nobody))?;
    said.must_fail(&[
        "error: the cluster `test` does not let you list",
        "is forbidden: User \"nobody\" cannot list resource",
        "help: kubectl auth can-i list ",
        " --namespace=kafka-pipeline --context=test",
    ])
}

/// # Errors
/// What is said instead of the message.
pub(crate) fn stranger(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    let said = with_kubeconfig(cluster, subject, "stranger", "token: admin", "token: guessed", "cluster")?;
    said.must_fail(&["error: the cluster `test` does not know you", "help: kubectl auth whoami --context=test"])
}

/// # Errors
/// What is said instead of the message.
pub(crate) fn unknown_context(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    let said = said::diff(&folder(&subject.spec), "cluster:nowhere", cluster.environment(User::Admin))?;
    said.must_fail(&["error: `kubectl` knows no context `nowhere`", "help: kubectl config get-contexts"])
}

/// # Errors
/// What is said instead of the message.
pub(crate) fn no_context(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    let said = with_kubeconfig(cluster, subject, "unset", "current-context: test", "current-context: ''", "cluster")?;
    said.must_fail(&["error: `kubectl` has no current context", "help: kubectl config get-contexts"])
}

/// # Errors
/// What is said instead of the message.
pub(crate) fn unreachable(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    // Nobody listens there: it is below the ports that programs get.
    let said =
        with_kubeconfig(cluster, subject, "unreachable", "https://127.0.0.1:", "https://127.0.0.1:1/", "cluster")?;
    said.must_fail(&["error: the cluster `test` cannot be reached", "help: kubectl cluster-info --context=test"])
}

/// As another user, whose login differs in one place.
fn with_kubeconfig(
    cluster: &Cluster,
    subject: &Subject,
    name: &str,
    before: &str,
    after: &str,
    against: &str,
) -> Result<Said, String> {
    let text = std::fs::read_to_string(cluster.kubeconfig(User::Admin)).map_err(|error| error.to_string())?;
    let path = cluster.write(name, &text.replace(before, after))?;
    let environment = cluster.environment(User::Admin).map(|(name, value)| match name {
        "KUBECONFIG" => (name, OsString::from(&path)),
        _ => (name, value),
    });
    said::diff(&folder(&subject.spec), against, environment)
}

/// Without KEDA's kinds every ScaledObject is new, whether kubectl remembers the kinds or not.
///
/// # Errors
/// What is said instead.
pub(crate) fn without_kinds(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    install(cluster, subject, &[])?;
    cluster.kubectl(&["get", "scaledobjects", "--all-namespaces"])?;
    cluster.kubectl(&["delete", "crd", "scaledobjects.keda.sh", "--wait=false"])?;
    cluster.wait_for_removal("scaledobjects.keda.sh")?;
    let said = [User::Admin, User::Reader, User::Admin]
        .map(|user| said::diff(&folder(&subject.spec), "cluster", cluster.environment(user)));
    // Whatever was said, the next test finds the kinds.
    cluster.install_kinds()?;
    for said in said {
        let said = said?;
        let name = |name: &&str| format!("add ScaledObject kafka-pipeline/{name}");
        said.must_show(&["download-worker-scaler", "event-ingester", "result-processor"].iter().map(name).collect())?;
        let note =
            "note: the cluster `test` does not know the kind ScaledObject of keda.sh: such objects count as absent";
        if said.complaints.matches(note).count() != 1 {
            return Err(format!("no note, or several: {}", said.complaints));
        }
    }
    Ok(())
}

/// An HPA that somebody made by hand, for the workload of a ScaledObject that is not there yet.
///
/// # Errors
/// What is said instead.
pub(crate) fn another_owner(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    install(cluster, subject, &[])?;
    let namespace = "--namespace=kafka-pipeline";
    cluster.kubectl(&["delete", "scaledobject", "event-ingester", namespace, "--wait=false"])?;
    cluster.apply(&hpa("by-hand", ""), &[])?;
    let title = "ScaledObject kafka-pipeline/event-ingester";
    for against in ["cluster".to_owned(), dump(cluster, subject)?] {
        let said = said::diff(&folder(&subject.spec), &against, cluster.environment(User::Admin))?;
        said.must_show(&BTreeSet::from([format!("add {title}")]))?;
        let risk = said.risk_of(title).unwrap_or_default();
        if !risk.starts_with("ordering: the workload has a HorizontalPodAutoscaler, and KEDA refuses a second owner") {
            return Err(format!("{against}: {risk}"));
        }
    }
    Ok(())
}

/// The HPA that KEDA makes of a ScaledObject is KEDA's: nothing differs by it, and it is no other owner.
///
/// # Errors
/// What is said instead.
pub(crate) fn an_hpa_of_keda(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    install(cluster, subject, &[])?;
    let uid =
        ["get", "scaledobject", "event-ingester", "--namespace=kafka-pipeline", "--output=jsonpath={.metadata.uid}"];
    let owner = format!(
        "  ownerReferences:\n  - {{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: event-ingester, uid: {}, controller: true}}\n",
        cluster.kubectl(&uid)?
    );
    cluster.apply(&hpa("keda-hpa-event-ingester", &owner), &[])?;
    for against in ["cluster".to_owned(), dump(cluster, subject)?] {
        let said = said::diff(&folder(&subject.spec), &against, cluster.environment(User::Admin))?;
        said.must_show(&BTreeSet::new())?;
        if said.unmanaged().iter().any(|it| it.contains("keda-hpa")) {
            return Err(format!("{against}: KEDA's own counts as nobody's: {:?}", said.unmanaged()));
        }
    }
    Ok(())
}

fn hpa(name: &str, metadata: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {name}\n  namespace: kafka-pipeline\n\
         {metadata}spec:\n  maxReplicas: 5\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: event-ingester}}\n"
    )
}
