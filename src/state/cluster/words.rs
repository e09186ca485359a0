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
        // The last is of a kind that went while `kubectl` remembers it.
        let starts = ["the server doesn't have a resource type \"", "no matches for kind \"", ", Resource="];
        let rest = starts.iter().find_map(|start| line.split_once(start)).map(|(_, rest)| rest)?;
        let is_gone =
            !line.contains(", Resource=") || line.contains("the server could not find the requested resource");
        rest.split_once('"').filter(|_| is_gone).map(|(kind, _)| kind.to_owned())
    })
}

/// `kubectl` ended with a failure.
pub(super) fn refused(name: &str, namespace: Option<&str>, complaints: &[String]) -> Diagnostic {
    let said = complaints.join("; ");
    let error = |what: String| Diagnostic::error(format!("{what}: {said}"));
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let context = if name == super::UNNAMED { String::new() } else { format!(" --context={name}") };
    if name == super::UNNAMED && has(&["localhost:8080", "127.0.0.1:8080", "[::1]:8080"]) {
        return error("`kubectl` has no current context".to_owned()).help("kubectl config get-contexts");
    }
    if has(&["context was not found", "does not exist", "no context exists"]) {
        return error(format!("`kubectl` knows no context `{name}`")).help("kubectl config get-contexts");
    }
    if has(&["Forbidden", "forbidden"]) {
        let scope = namespace.map(|it| format!(" --namespace={it}")).unwrap_or_default();
        let resource = forbidden_resource(&said).unwrap_or_else(|| "hpa".to_owned());
        return error(format!("the cluster `{name}` does not let you list objects"))
            .help(format!("kubectl auth can-i list {resource}{scope}{context}"));
    }
    if has(&["Unauthorized", "logged in", "provide credentials", "getting credentials"]) {
        return error(format!("the cluster `{name}` does not know you")).help(format!("kubectl auth whoami{context}"));
    }
    if has(&["Unable to connect", "was refused", "no such host", "i/o timeout", "deadline exceeded", "Client.Timeout"])
    {
        return error(format!("the cluster `{name}` cannot be reached")).help(format!("kubectl cluster-info{context}"));
    }
    error(format!("`kubectl` cannot read the cluster `{name}`"))
}

/// Why a dry run failed: the first reason, and how many more there are.
///
/// Before each reason `kubectl` prints the whole patch, which may hold what nobody should read in a log.
pub(super) fn why_not(complaints: &[String]) -> String {
    let reasons: Vec<&str> =
        complaints.iter().filter_map(|line| Some(line.split_once(": error when ")?.1.split_once("\": ")?.1)).collect();
    match reasons.as_slice() {
        [] => complaints.iter().find(|line| !line.starts_with('{')).cloned().unwrap_or_default(),
        [only] => (*only).to_owned(),
        [first, more @ ..] => format!("{first} (and {} more)", more.len()),
    }
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

#[cfg(test)]
mod tests {
    //! What kubectl 1.32 said to a server of our own.
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[track_caller]
    fn check(said: &str, message: &str, help: &str) {
        let diagnostic = refused("prod", Some("production"), &[said.to_owned()]);
        assert_eq!(diagnostic.message, format!("{message}: {said}"));
        assert_eq!(diagnostic.help.concat(), help);
    }

    #[test]
    fn each_refusal_says_what_to_type() {
        check(
            "Error from server (Forbidden): scaledobjects.keda.sh is forbidden: User \"a\" cannot list resource \
             \"scaledobjects\" in API group \"keda.sh\" in the namespace \"production\"",
            "the cluster `prod` does not let you list objects",
            "kubectl auth can-i list scaledobjects.keda.sh --namespace=production --context=prod",
        );
        check(
            "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
            "the cluster `prod` does not know you",
            "kubectl auth whoami --context=prod",
        );
        check(
            "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
            "the cluster `prod` cannot be reached",
            "kubectl cluster-info --context=prod",
        );
        check(
            "Error in configuration: context was not found for specified context: prod",
            "`kubectl` knows no context `prod`",
            "kubectl config get-contexts",
        );
        check("error: something else", "`kubectl` cannot read the cluster `prod`", "");
    }

    #[test]
    fn a_failed_dry_run_shows_no_patch() {
        let one = "Error from server (Forbidden): error when applying patch:\n{\"password\":1}\nto:\nResource: \"x\"\n\
                   Name: \"a\"\nfor: \"STDIN\": error when patching \"STDIN\": a is forbidden";
        let said = |text: &str| why_not(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(said(one), "a is forbidden");
        assert_eq!(said(&format!("{one}\n{one}")), "a is forbidden (and 1 more)");
        assert_eq!(said("error: error validating"), "error: error validating");
    }

    #[test]
    fn without_a_context_nothing_names_one() {
        let said = "The connection to the server localhost:8080 was refused - did you specify the right host or port?";
        let refused = |said: &str| refused(super::super::UNNAMED, None, &[said.to_owned()]);
        assert_eq!(refused(said).help.concat(), "kubectl config get-contexts");
        assert_eq!(refused("Unable to connect to the server").help.concat(), "kubectl cluster-info");
    }

    #[test]
    fn a_kind_that_is_not_there_is_found() {
        let missing = |text: &str| missing_kind(&[text.to_owned()]);
        let said = "error: the server doesn't have a resource type \"ScaledObject\"";
        assert_eq!(missing(said).as_deref(), Some("ScaledObject"));
        let said = "error: no matches for kind \"ScaledObject\" in version \"keda.sh/v1alpha1\"";
        assert_eq!(missing(said).as_deref(), Some("ScaledObject"));
        let said = "Error from server (NotFound): Unable to list \"keda.sh/v1alpha1, Resource=scaledobjects\": \
                    the server could not find the requested resource (get scaledobjects.keda.sh)";
        assert_eq!(missing(said).as_deref(), Some("scaledobjects"));
        assert_eq!(missing("error: no"), None);
    }
}
