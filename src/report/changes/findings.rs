//! Changes one by one, for formats that point at lines of the spec.
//!
//! It knows what a single finding is about and which lines caused it. It must not know how either is written down.

use std::cmp::Reverse;

use crate::diag::source::{SourceKind, Span};
use crate::diff::{Action, Because, Edit, InputChange, InputRef, ObjectChange, Verdict};
use crate::doc::object::Identity;

use super::{Report, phrase};

/// One change with one risk.
#[derive(Clone, Copy)]
pub(super) enum Finding<'a> {
    /// An object that comes, goes or has another name.
    Object(&'a ObjectChange),
    /// A leaf of an object.
    Leaf(&'a ObjectChange, &'a Edit),
    /// An input whose change is a risk in itself.
    Input(&'a InputChange),
}

/// All of them, the worst first, then in the order of the objects and their leaves.
pub(super) fn all<'a>(report: &Report<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for object in report.riskiest_first() {
        if object.action != Action::Change || object.edits.is_empty() {
            findings.push(Finding::Object(object));
        }
        findings.extend(object.edits.iter().map(|edit| Finding::Leaf(object, edit)));
    }
    findings.extend(report.changes.risky_inputs().map(Finding::Input));
    findings.sort_by_key(|it| Reverse(it.verdict().risk));
    findings
}

impl<'a> Finding<'a> {
    pub(super) fn verdict(self) -> &'a Verdict {
        match self {
            Self::Object(object) => &object.risk,
            Self::Leaf(_, edit) => &edit.risk,
            Self::Input(change) => &change.risk,
        }
    }

    /// The generated file; `None` for an input.
    pub(super) fn file(self) -> Option<&'a str> {
        match self {
            Self::Object(object) | Self::Leaf(object, _) => Some(&object.file),
            Self::Input(_) => None,
        }
    }

    /// `HorizontalPodAutoscaler production/wakala-api: spec.maxReplicas: 30 → 39`, safe to print.
    pub(super) fn message(self) -> String {
        let plain = &phrase::plain;
        match self {
            Self::Object(object) => format!("{} {}", plain(&phrase::name(object)), verb(&object.action)),
            Self::Leaf(object, edit) => {
                let values = phrase::edit(edit.before.as_deref(), edit.after.as_deref(), plain);
                format!("{}: {}: {values}", plain(&phrase::name(object)), plain(&edit.path.to_string()))
            }
            Self::Input(InputChange { input, .. }) => {
                let values = phrase::edit(input.before.as_deref(), input.after.as_deref(), plain);
                format!("{}: {values}", plain(input.address.as_str()))
            }
        }
    }

    /// Why it is so, in sentences that are safe to print.
    pub(super) fn reasons(self, report: &Report<'_>) -> Vec<String> {
        self.because().iter().map(|it| phrase::sentence(report, it, &phrase::plain)).collect()
    }

    /// The inputs behind it that are written in files of the spec, and where, in their order.
    pub(super) fn places(self, report: &Report<'_>) -> Vec<(&'a InputRef, Span)> {
        let inputs: Vec<&InputRef> = match self {
            Self::Input(change) => vec![&change.input],
            Self::Object(_) | Self::Leaf(..) => self.because().iter().filter_map(input).collect(),
        };
        let place = |it: &'a InputRef| Some((it, report.place(it)?));
        let places = inputs.into_iter().filter_map(place);
        places.filter(|(_, span)| report.sources.kind(span.file) == SourceKind::File).collect()
    }

    /// What stays the same as long as it is the same finding, whatever the values and lines are.
    pub(super) fn key(self) -> String {
        let of_object = |object: &ObjectChange| match &object.identity {
            Identity::Kubernetes { group, .. } => format!("{group}\n{}", object.identity),
            it => it.to_string(),
        };
        match self {
            Self::Object(object) => of_object(object),
            Self::Leaf(object, edit) => format!("{}\n{}", of_object(object), edit.path),
            Self::Input(change) => change.input.address.to_string(),
        }
    }

    fn because(self) -> &'a [Because] {
        match self {
            Self::Object(object) => &object.because,
            Self::Leaf(_, edit) => &edit.because,
            Self::Input(_) => &[],
        }
    }
}

fn input(because: &Because) -> Option<&InputRef> {
    match because {
        Because::Input(input) => Some(input),
        Because::EditedByHand | Because::DeletedByHand | Because::Version { .. } => None,
    }
}

fn verb(action: &Action) -> &'static str {
    match action {
        Action::Add => "is added",
        Action::Remove => "goes",
        Action::Change => "changes",
        Action::Rename { .. } => "is renamed",
    }
}
