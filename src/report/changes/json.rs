//! Changes for programs: everything that is known, uncut, in a versioned form.
//!
//! The form itself stands in `format`; here it is filled. Lists are never absent, and totals spare readers the counting.

mod format;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::generate::SchemaSettings;

use crate::diag::source::{Position, SourceKind, Span};
use crate::diag::{Diagnostic, Label};
use crate::diff::{self, Attribution, Because, Verdict};
use crate::doc::json::Plain;
use crate::doc::object;
use crate::doc::value::{Node, is_hidden};
use crate::why::Address;

use super::{Report, totals};
use format::{
    ActionWord, AttributionWord, Cause, Document, Edit, Event, Finding, FindingPlace, Headline, Identity, Ignored,
    Input, InputRef, NodeGroup, Object, Place, Pool, Risk, Shift, Totals, Tree, WholeWord, Workload,
};

/// Rises when a reader of the former version would read wrongly.
const FORMAT_VERSION: u32 = 1;

/// The changes as one JSON document with a newline at its end.
pub fn write(report: &Report<'_>) -> String {
    // Every key is a text and the target is memory, so nothing can fail.
    let text = serde_json::to_string_pretty(&document(report)).unwrap_or_default();
    escape_hidden(text)
}

/// The JSON Schema of what [`write`] gives, in draft 2020-12.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    format!("{:#}\n", generator.into_root_schema_for::<Document<'static>>().to_value())
}

/// JSON escapes the first control characters only. All that is hidden stands within texts, and is escaped there too.
/// The text gets a newline at its end.
pub(in crate::report) fn escape_hidden(mut text: String) -> String {
    let is_hidden = |character: char| character != '\n' && is_hidden(character);
    // What JSON lets through is DEL or not ASCII, and bytes are compared many at a time.
    if text.bytes().any(|byte| byte >= 0x7f) && text.contains(is_hidden) {
        let mut escaped = String::with_capacity(text.len() + 64);
        for character in text.chars() {
            match is_hidden(character) {
                false => escaped.push(character),
                true => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }),
            }
        }
        text = escaped;
    }
    text.push('\n');
    text
}

fn document<'a>(report: &Report<'a>) -> Document<'a> {
    let changes = report.changes;
    Document {
        format_version: FORMAT_VERSION,
        against: report.against,
        attribution: match changes.attribution {
            Attribution::Inputs => AttributionWord::Inputs,
            Attribution::DecidedBy => AttributionWord::DecidedBy,
        },
        totals: totals(changes),
        headline: headline(&changes.headline),
        objects: changes.objects.iter().map(|it| object(report, it)).collect(),
        inputs: changes
            .inputs
            .iter()
            .map(|it| Input { input: input(report, &it.input), risk: risk(&it.risk) })
            .collect(),
        ignored: changes.ignored.iter().map(ignored).collect(),
        unmanaged: changes.unmanaged.iter().map(identity).collect(),
        findings: report.findings.iter().map(|it| finding(report, it)).collect(),
        notes: report.notes,
    }
}

fn totals(changes: &diff::Changes) -> Totals {
    let totals = totals::totals(changes);
    let mut by_risk = BTreeMap::new();
    for object in &changes.objects {
        *by_risk.entry(object.risk.risk.word()).or_default() += 1;
    }
    Totals {
        changed: totals.change,
        added: totals.add,
        removed: totals.remove,
        renamed: totals.rename,
        unchanged: changes.unchanged,
        ignored: changes.ignored.len(),
        unmanaged: changes.unmanaged.len(),
        by_risk,
        worst: totals.worst.map(diff::Risk::word),
    }
}

fn headline(headline: &diff::Headline) -> Headline<'_> {
    Headline {
        workloads: headline.workloads.iter().map(workload).collect(),
        events: headline.events.iter().map(event).collect(),
        pools: headline.pools.iter().map(pool).collect(),
        nodegroups: headline.nodegroups.iter().map(nodegroup).collect(),
        monthly_cost: headline.monthly_cost.as_ref().map(shift),
    }
}

fn workload(row: &diff::WorkloadRow) -> Workload<'_> {
    Workload {
        address: row.address.as_str(),
        unit: row.unit,
        peak: shift(&row.peak),
        binds: shift(&row.binds),
        min_replicas: shift(&row.min_replicas),
        max_replicas: shift(&row.max_replicas),
    }
}

fn event(row: &diff::EventRow) -> Event<'_> {
    let (min_replicas, max_replicas) = (shift(&row.min_replicas), shift(&row.max_replicas));
    Event { address: row.address.as_str(), min_replicas, max_replicas }
}

fn pool(row: &diff::PoolRow) -> Pool<'_> {
    let (processes, connections_each, connections) = (shift(&row.processes), shift(&row.each), shift(&row.all));
    Pool { address: row.address.as_str(), processes, connections_each, connections }
}

fn nodegroup(row: &diff::NodeGroupRow) -> NodeGroup<'_> {
    let (min, max, monthly_cost) = (shift(&row.min), shift(&row.max), shift(&row.monthly_cost));
    NodeGroup { address: row.address.as_str(), min, max, monthly_cost, is_ignored: row.is_ignored }
}

fn shift(shift: &diff::Shift) -> Shift<'_> {
    Shift { before: shift.before.as_deref(), after: shift.after.as_deref() }
}

fn object<'a>(report: &Report<'a>, object: &'a diff::ObjectChange) -> Object<'a> {
    let (action, renamed_from) = match &object.action {
        diff::Action::Add => (ActionWord::Add, None),
        diff::Action::Remove => (ActionWord::Remove, None),
        diff::Action::Change => (ActionWord::Change, None),
        diff::Action::Rename { from } => (ActionWord::Rename, Some(identity(from))),
    };
    let tree = |node: &'a Node| Tree(Plain(node));
    Object {
        identity: identity(&object.identity),
        action,
        renamed_from,
        file: &object.file,
        owner: object.owner.as_ref().map(Address::as_str),
        risk: risk(&object.risk),
        because: causes(report, &object.because),
        edits: object.edits.iter().map(|it| edit(report, it)).collect(),
        before: object.before.as_ref().map(tree),
        after: object.after.as_ref().map(tree),
    }
}

fn edit<'a>(report: &Report<'a>, edit: &'a diff::Edit) -> Edit<'a> {
    Edit {
        path: edit.path.to_string(),
        before: edit.before.as_deref(),
        after: edit.after.as_deref(),
        address: edit.address.as_ref().map(Address::as_str),
        risk: risk(&edit.risk),
        because: causes(report, &edit.because),
    }
}

fn causes<'a>(report: &Report<'a>, causes: &'a [Because]) -> Vec<Cause<'a>> {
    let cause = |it: &'a Because| match it {
        Because::Input(it) => Cause::Input(input(report, it)),
        Because::EditedByHand => Cause::EditedByHand,
        Because::DeletedByHand => Cause::DeletedByHand,
        Because::Version { before, after } => Cause::Version { before, after },
    };
    causes.iter().map(cause).collect()
}

fn input<'a>(report: &Report<'a>, input: &'a diff::InputRef) -> InputRef<'a> {
    InputRef {
        address: input.address.as_str(),
        table: input.whole.map(|it| match it {
            diff::Whole::New => WholeWord::New,
            diff::Whole::Gone => WholeWord::Gone,
        }),
        before: input.before.as_deref(),
        after: input.after.as_deref(),
        before_place: input.before_place.as_deref(),
        place: report.place(input).map(|span| at(report, span)),
    }
}

fn finding<'a>(report: &Report<'a>, finding: &'a Diagnostic) -> Finding<'a> {
    let place = |it: &'a Label| FindingPlace { place: at(report, it.span), label: &it.text };
    Finding {
        severity: finding.severity.word(),
        lint: finding.lint,
        message: &finding.message,
        places: finding.labels.iter().map(place).collect(),
        help: &finding.help,
    }
}

fn at<'a>(report: &Report<'a>, span: Span) -> Place<'a> {
    let file = report.sources.name(span.file);
    match report.sources.kind(span.file) {
        SourceKind::Flag => Place { file, line: None, column: None },
        SourceKind::File => {
            let Position { line, column } = report.sources.position(span);
            Place { file, line: Some(line), column: Some(column) }
        }
    }
}

fn risk(verdict: &Verdict) -> Risk<'_> {
    Risk { risk: verdict.risk.word(), reason: verdict.reason }
}

fn ignored(ignored: &diff::Ignored) -> Ignored<'_> {
    Ignored {
        identity: identity(&ignored.identity),
        path: ignored.path.to_string(),
        before: ignored.before.as_deref(),
        after: ignored.after.as_deref(),
        reason: ignored.reason,
    }
}

fn identity(identity: &object::Identity) -> Identity<'_> {
    use object::Identity as Of;
    let (format, group, kind, namespace, name) = match identity {
        Of::Kubernetes { group, kind, namespace, name } => {
            ("kubernetes", Some(group.as_str()), Some(kind.as_str()), namespace.as_deref(), name)
        }
        Of::Pgbouncer { name } => ("pgbouncer", None, None, None, name),
        Of::Settings { program, name } => (*program, None, None, None, name),
        Of::Nginx { kind, name } => ("nginx", None, Some(*kind), None, name),
        Of::File { path } => ("file", None, None, None, path),
    };
    Identity { title: identity.to_string(), format, group, kind, namespace, name }
}

#[cfg(test)]
pub(super) mod tests;
