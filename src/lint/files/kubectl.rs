//! Jobs that run kubectl: what their commands scale, and to what.

use super::pods::{containers, pod};
use super::{Files, items, text};
use crate::doc::json;
use crate::doc::object::Object;
use crate::doc::value::Node;

/// A call of kubectl in a CronJob.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Call<'a> {
    pub(in crate::lint) job: &'a Object,
    pub(in crate::lint) pod: &'a Node,
    /// The part of `command` or `args` in which it stands.
    pub(in crate::lint) node: &'a Node,
    /// The words behind `kubectl`.
    words: Vec<String>,
}

impl Call<'_> {
    /// Whether it changes how many replicas there are, directly or through an autoscaler's limits.
    pub(in crate::lint) fn scales(&self) -> bool {
        self.verb() == Some("scale") || self.min_replicas().is_some()
    }

    /// `scale`, `patch`, …
    pub(in crate::lint) fn verb(&self) -> Option<&str> {
        self.plain().next()
    }

    /// The kind, as Kubernetes has it, and the name of what it is about.
    pub(in crate::lint) fn what(&self) -> Option<(&'static str, &str)> {
        let mut plain = self.plain().skip(1);
        let first = plain.next()?;
        let (kind, name) = match first.split_once('/') {
            Some(both) => both,
            None => (first, plain.next()?),
        };
        let kind = match kind.split('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "deployment" | "deployments" | "deploy" => "Deployment",
            "statefulset" | "statefulsets" | "sts" => "StatefulSet",
            "replicaset" | "replicasets" | "rs" => "ReplicaSet",
            "horizontalpodautoscaler" | "horizontalpodautoscalers" | "hpa" => "HorizontalPodAutoscaler",
            "scaledobject" | "scaledobjects" | "so" => "ScaledObject",
            _ => return None,
        };
        Some((kind, name))
    }

    /// What `--replicas` says.
    pub(in crate::lint) fn replicas(&self) -> Option<i64> {
        self.flag(&["--replicas"])?.parse().ok()
    }

    /// The floor that a patch sets.
    pub(in crate::lint) fn min_replicas(&self) -> Option<i64> {
        let patch = json::parse(self.flag(&["--patch", "-p"])?).ok()?;
        let spec = patch.get("spec")?;
        super::int(spec.get("minReplicas").or_else(|| spec.get("minReplicaCount"))?)
    }

    /// Whether the patch moves the ceiling, too.
    pub(in crate::lint) fn raises_ceiling(&self) -> bool {
        let patch = self.flag(&["--patch", "-p"]).and_then(|it| json::parse(it).ok());
        let spec = patch.as_ref().and_then(|it| it.get("spec"));
        spec.is_some_and(|it| it.get("maxReplicas").or_else(|| it.get("maxReplicaCount")).is_some())
    }

    /// The words that are neither flags nor their values.
    fn plain(&self) -> impl Iterator<Item = &str> {
        let mut is_value = false;
        self.words.iter().map(String::as_str).filter(move |word| {
            let belongs = std::mem::replace(&mut is_value, TAKE_VALUES.contains(word));
            !belongs && !word.starts_with('-')
        })
    }

    /// The value of a flag, by any of its names.
    pub(super) fn flag(&self, names: &[&str]) -> Option<&str> {
        self.words.iter().enumerate().find_map(|(index, word)| match word.split_once('=') {
            Some((name, value)) if names.contains(&name) => Some(value),
            _ if names.contains(&word.as_str()) => self.words.get(index + 1).map(String::as_str),
            _ => None,
        })
    }
}

/// Flags of kubectl whose value is a word of its own.
const TAKE_VALUES: [&str; 10] =
    ["-n", "--namespace", "--replicas", "-p", "--patch", "--type", "--context", "--kubeconfig", "-l", "--timeout"];

impl<'a> Files<'a> {
    /// Every call of kubectl in a CronJob.
    pub(in crate::lint) fn calls(&self) -> Vec<Call<'a>> {
        let jobs = self.of_kind("CronJob").filter_map(|job| Some((job, pod(job)?)));
        let containers = jobs.flat_map(|(job, pod)| containers(pod).map(move |it| (job, pod, it)));
        containers.flat_map(|(job, pod, container)| calls(job, pod, container)).collect()
    }
}

fn calls<'a>(job: &'a Object, pod: &'a Node, container: &'a Node) -> Vec<Call<'a>> {
    let parts: Vec<&Node> = items(container.get("command")).chain(items(container.get("args"))).collect();
    let call = |node: &'a Node, words: Vec<String>| Call { job, pod, node, words };
    // A shell's script holds commands of its own.
    let script = parts
        .iter()
        .find(|it| it.as_str().is_some_and(|it| it.trim().contains([' ', '\n']) && it.contains("kubectl ")));
    if let Some(script) = script {
        let commands = commands(script.as_str().unwrap_or_default()).into_iter();
        let of_kubectl = commands.filter_map(|mut words| {
            let at = words.iter().position(|it| is_kubectl(it))?;
            Some(words.split_off(at + 1))
        });
        return of_kubectl.map(|words| call(script, words)).collect();
    }
    let words: Vec<String> = parts.iter().filter_map(|it| it.as_str()).map(str::to_owned).collect();
    let first = parts.first().filter(|_| words.len() == parts.len());
    let is_entry =
        container.get("command").is_none() && text(container, "image").is_some_and(|it| it.contains("kubectl"));
    match (first, words.first().is_some_and(|it| is_kubectl(it))) {
        (Some(first), true) => vec![call(parts.get(1).unwrap_or(first), words[1..].to_vec())],
        (Some(first), false) if is_entry => vec![call(first, words)],
        _ => Vec::new(),
    }
}

fn is_kubectl(word: &str) -> bool {
    word.rsplit('/').next() == Some("kubectl")
}

/// The commands of a script, as words: what a shell does with quotes and separators, and nothing else of it.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in script.replace("\\\n", " ").chars() {
        match (quote, character) {
            (Some(open), it) if it == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\n' | ';' | '&' | '|') => {
                if let (Some(done), Some(command)) = (word.take(), commands.last_mut()) {
                    command.push(done);
                }
                if !matches!(character, ' ' | '\t') {
                    commands.push(Vec::new());
                }
            }
            (_, it) => word.get_or_insert_default().push(it),
        }
    }
    if let (Some(done), Some(command)) = (word, commands.last_mut()) {
        command.push(done);
    }
    commands
}
