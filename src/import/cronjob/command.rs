//! What a CronJob does, where it calls kubectl once to move a number of replicas.

use super::super::tree;
use crate::doc::json;
use crate::doc::value::Node;

/// One edge of a window.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) moved: Moved,
    pub(super) number: i64,
    pub(super) schedule: String,
    pub(super) time_zone: Option<String>,
}

/// What is moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moved {
    /// `minReplicas` of the HorizontalPodAutoscaler of this name.
    Autoscaler(String),
    /// The replicas of an object; its kind in lowercase.
    Workload { kind: String, name: String },
}

/// Reads a CronJob: arguments of kubectl, or a shell line that calls it once.
pub(super) fn of_cronjob(tree: &Node) -> Option<Action> {
    let spec = tree.get("spec")?;
    let containers = tree::items_at(spec, "jobTemplate spec template spec containers");
    let [container] = containers else { return None };
    let of = |place| tree::items_at(container, place).iter().filter_map(tree::text);
    let arguments: Vec<String> = of("command").chain(of("args")).collect();
    let words = match arguments.iter().position(|it| it == "-c") {
        Some(at) => words(arguments.get(at + 1)?),
        None => arguments,
    };
    let calls = words.iter().filter(|it| is_kubectl(it)).count();
    let start = words.iter().position(|it| is_kubectl(it)).map_or(0, |it| it + 1);
    if calls > 1 {
        return None;
    }
    let (moved, number) = call(words.get(start..)?)?;
    let schedule = tree::text_at(spec, "schedule")?;
    Some(Action { moved, number, schedule, time_zone: tree::text_at(spec, "timeZone") })
}

fn is_kubectl(word: &str) -> bool {
    word.rsplit('/').next() == Some("kubectl")
}

/// `scale deployment web --replicas=2`, `patch hpa web --patch {"spec":{"minReplicas":6}}`.
fn call(words: &[String]) -> Option<(Moved, i64)> {
    let (verb, rest) = words.split_first()?;
    let (mut plain, mut flags) = (Vec::new(), Vec::new());
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match word.split_once('=') {
            Some((flag, value)) if word.starts_with('-') => flags.push((flag, value.to_owned())),
            None if word.starts_with('-') => flags.push((word, rest.next().cloned().unwrap_or_default())),
            _ => plain.push(word.as_str()),
        }
    }
    let flag = |names: &[&str]| flags.iter().find(|(it, _)| names.contains(it)).map(|(_, value)| value.as_str());
    let (kind, name) = match plain.as_slice() {
        [both] => both.split_once('/')?,
        [kind, name] => (*kind, *name),
        _ => return None,
    };
    let kind = singular(kind);
    match (verb.as_str(), kind.as_str()) {
        ("scale", _) => Some((Moved::Workload { kind, name: name.to_owned() }, flag(&["--replicas"])?.parse().ok()?)),
        ("patch", "hpa" | "horizontalpodautoscaler") => {
            let patch = flag(&["--patch", "-p"])?;
            let patch = json::parse(patch).ok()?;
            Some((Moved::Autoscaler(name.to_owned()), tree::int_at(&patch, "spec minReplicas")?))
        }
        _ => None,
    }
}

/// `deployments.apps` is `deployment`.
fn singular(kind: &str) -> String {
    let kind = kind.split('.').next().unwrap_or_default().to_lowercase();
    match kind.as_str() {
        "deploy" => "deployment".to_owned(),
        "sts" => "statefulset".to_owned(),
        it => it.strip_suffix('s').unwrap_or(it).to_owned(),
    }
}

/// The words of a shell line, as far as quotes decide them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote): (Vec<String>, Option<String>, Option<char>) = (Vec::new(), None, None);
    for character in line.chars() {
        match (quote, character) {
            (Some(open), it) if it == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, it) if it.is_whitespace() || it == ';' => words.extend(word.take()),
            (_, it) => word.get_or_insert_default().push(it),
        }
    }
    words.extend(word);
    words
}
