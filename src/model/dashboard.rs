//! The dashboard: its names and times. What it shows are the groups of [`super::alerts`], with the same thresholds as lines.

use crate::diag::Diagnostic;
use crate::spec::Spec;
use crate::why::{Address, Derived};

use super::alerts;
use super::reasons::Reasons;
use super::signals;

/// A dashboard as Grafana takes it.
#[derive(Debug)]
pub struct Dashboard {
    /// Of the file.
    pub name: Derived<String>,
    /// 40 characters at most.
    pub uid: Derived<String>,
    pub title: Derived<String>,
    pub tags: Derived<Vec<String>>,
    /// As Prometheus and Grafana write it.
    pub refresh: Derived<String>,
    pub range: Derived<String>,
}

/// The longest identifier of a dashboard (grafana v13, `pkg/util/shortid_generator.go`).
const LONGEST_UID: usize = 40;

pub(super) fn resolve(spec: &Spec, reasons: &mut Reasons) -> Option<Dashboard> {
    let entry = spec.dashboard.as_ref()?;
    let (at, written) = (Address::of(["dashboard"]), &entry.value);
    let name = alerts::file_name(spec, written.name.as_ref(), &at, entry.key, reasons)?;
    let uid = match &written.uid {
        Some(uid) => reasons.taken(at.child("uid"), uid.value.as_str().to_owned(), uid.span),
        None => {
            let text = format!("capgen-{}", name.value.replace('.', "-"));
            if text.len() > LONGEST_UID {
                let message = format!("`{text}` has {} characters, Grafana takes {LONGEST_UID} at most", text.len());
                let diagnostic = Diagnostic::error(message).at(entry.key, "by this the dashboard would be known");
                reasons.sink.error(diagnostic.help("write a shorter `uid = \"…\"` under `[dashboard]`"));
            }
            reasons.default(at.child("uid"), text, "one for each name, the same on every machine")
        }
    };
    let title = match &written.title {
        Some(title) => reasons.taken(at.child("title"), title.value.as_str().to_owned(), title.span),
        None => reasons.default(at.child("title"), format!("{}: capacity", name.value), "what it is about"),
    };
    let tags: Vec<String> = match &written.tags {
        Some(tags) => tags.value.iter().map(|it| it.value.as_str().to_owned()).collect(),
        None => vec!["capacity".to_owned()],
    };
    let joined = tags.join(", ");
    let tags_of = match &written.tags {
        Some(written) => reasons.taken(at.child("tags"), joined, written.span),
        None => reasons.default(at.child("tags"), joined, "what it is about"),
    };
    let reason = "as often as most scrapes";
    let refresh = signals::duration(at.child("refresh"), written.refresh.as_ref(), "30s", reason, reasons);
    let reason = "a peak and what came before it";
    let range = signals::duration(at.child("range"), written.range.as_ref(), "6h", reason, reasons);
    Some(Dashboard { name, uid, title, tags: tags_of.map(|_| tags), refresh, range })
}
