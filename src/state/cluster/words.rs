//! What `kubectl` complains about, in words that say what to type.

use crate::diag::Diagnostic;
use crate::state::command::Silence;

/// `kubectl` said nothing at all.
pub(super) fn silent(silence: Silence) -> Diagnostic {
    match silence {
        Silence::Missing => Diagnostic::error("`kubectl` is not installed, and `cluster` asks it")
            .help("dump the objects where it is (`kubectl get hpa,pdb -n NAMESPACE -o yaml`), and use `--against file:dump.yaml`"),
        Silence::Broken(reason) => Diagnostic::error(format!("`kubectl` cannot be run: {reason}")),
        Silence::TooSlow(seconds) => {
            Diagnostic::error(format!("`kubectl` did not answer within {seconds} s, and was stopped"))
                .help("kubectl cluster-info")
        }
        Silence::TooMuch(bytes) => Diagnostic::error(format!("`kubectl` answers with more than {} MiB", bytes >> 20)),
    }
}

/// The kind that the cluster does not know, as `kubectl` writes it.
pub(super) fn missing_kind(complaints: &[String]) -> Option<String> {
    complaints.iter().find_map(|line| {
        let rest = line
            .split_once("the server doesn't have a resource type \"")
            .or_else(|| line.split_once("no matches for kind \""))
            .map(|(_, rest)| rest)?;
        rest.split_once('"').map(|(kind, _)| kind.to_owned())
    })
}

/// `kubectl` ended with a failure.
pub(super) fn refused(name: &str, namespace: Option<&str>, complaints: &[String]) -> Diagnostic {
    let said = complaints.join("; ");
    let error = |what: String| Diagnostic::error(format!("{what}: {said}"));
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["context was not found", "does not exist", "no context exists"]) {
        return error(format!("`kubectl` knows no context `{name}`")).help("kubectl config get-contexts");
    }
    if has(&["Forbidden", "forbidden"]) {
        let scope = namespace.map(|it| format!(" --namespace={it}")).unwrap_or_default();
        let resource = forbidden_resource(&said).unwrap_or_else(|| "hpa".to_owned());
        return error(format!("the cluster `{name}` does not let you list objects"))
            .help(format!("kubectl auth can-i list {resource}{scope} --context={name}"));
    }
    if has(&["Unauthorized", "logged in", "provide credentials", "getting credentials"]) {
        return error(format!("the cluster `{name}` does not know you"))
            .help(format!("kubectl auth whoami --context={name}"));
    }
    if has(&["Unable to connect", "was refused", "no such host", "i/o timeout", "deadline exceeded", "Client.Timeout"])
    {
        return error(format!("the cluster `{name}` cannot be reached"))
            .help(format!("kubectl cluster-info --context={name}"));
    }
    error(format!("`kubectl` cannot read the cluster `{name}`"))
}

/// `scaledobjects.keda.sh` out of `cannot list resource "scaledobjects" in API group "keda.sh"`.
fn forbidden_resource(said: &str) -> Option<String> {
    let quoted = |behind: &str| said.split_once(behind)?.1.split_once('"').map(|(word, _)| word.to_owned());
    let resource = quoted("resource \"")?;
    match quoted("API group \"").filter(|it| !it.is_empty()) {
        Some(group) => Some(format!("{resource}.{group}")),
        None => Some(resource),
    }
}
