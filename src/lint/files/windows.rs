//! Windows as files have them: CronJobs that move a floor or a number of replicas, by what they move.

use super::kubectl::Call;
use super::{Files, get, text};
use crate::doc::object::Object;
use crate::doc::value::{Node, Value};
use crate::unit::cron::Cron;

/// One CronJob that moves a number.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Edge<'a> {
    pub(in crate::lint) job: &'a Object,
    /// `spec.schedule`.
    pub(in crate::lint) line: &'a Node,
    pub(in crate::lint) cron: Cron,
    /// As it is written; `None`: that of the controller.
    pub(in crate::lint) zone: Option<&'a str>,
    /// The floor, or the replicas.
    pub(in crate::lint) count: i64,
}

/// Everything that moves one number.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Moved<'a> {
    /// The kind and the name of the object.
    pub(in crate::lint) what: (&'static str, String),
    pub(in crate::lint) edges: Vec<Edge<'a>>,
}

impl Moved<'_> {
    /// Whether a CronJob stands there twice, in variants, so that nobody knows which of them run together.
    pub(in crate::lint) fn has_variants(&self) -> bool {
        let is_again = |index: usize, edge: &Edge<'_>| {
            self.edges.iter().take(index).any(|it| it.job.identity == edge.job.identity)
        };
        self.edges.iter().enumerate().any(|(index, edge)| is_again(index, edge))
    }
}

impl<'a> Files<'a> {
    /// What CronJobs move by kubectl. Jobs that are suspended, and lines that cannot be read, are left out.
    pub(in crate::lint) fn moved(&self) -> Vec<Moved<'a>> {
        let mut all: Vec<Moved<'a>> = Vec::new();
        for call in self.calls() {
            let Some((kind, name)) = call.what() else { continue };
            let Some(edge) = edge(&call) else { continue };
            let is_same = |it: &&mut Moved<'a>| {
                it.what.0 == kind
                    && it.what.1 == name
                    && it.edges.first().is_some_and(|first| self.are_together(first.job, call.job))
            };
            match all.iter_mut().find(is_same) {
                Some(moved) => moved.edges.push(edge),
                None => all.push(Moved { what: (kind, name.to_owned()), edges: vec![edge] }),
            }
        }
        all
    }
}

fn edge<'a>(call: &Call<'a>) -> Option<Edge<'a>> {
    let count = if call.verb() == Some("scale") { call.replicas()? } else { call.min_replicas()? };
    let spec = get(&call.job.tree, "spec")?;
    let is_suspended = get(spec, "suspend").is_some_and(|it| it.value == Value::Bool(true));
    let line = get(spec, "schedule").filter(|_| !is_suspended)?;
    let cron = Cron::parse(line.as_str()?).ok()?;
    Some(Edge { job: call.job, line, cron, zone: text(spec, "timeZone"), count })
}
