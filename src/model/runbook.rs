//! The runbook: what a spec says of the page beside the numbers, which stand in the rest of the model.

use crate::diag::source::Spanned;
use crate::spec::Spec;
use crate::spec::runbook as written;
use crate::spec::scalar::{Line, Text};
use crate::why::{Address, Derived};

use super::reasons::Reasons;

/// The page for who is on call.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// `runbook`.
    pub address: Address,
    pub title: Derived<String>,
    pub owner: Option<Derived<String>>,
    pub links: Vec<Link>,
    pub notes: Notes,
}

/// Another page.
#[derive(Debug, Clone)]
pub struct Link {
    pub title: Derived<String>,
    pub url: Derived<String>,
}

/// Sentences for each part of the page.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    pub before: Vec<Derived<String>>,
    pub scale_up: Vec<Derived<String>>,
    pub verify: Vec<Derived<String>>,
    pub roll_back: Vec<Derived<String>>,
    pub scale_down: Vec<Derived<String>>,
    pub troubleshooting: Vec<Derived<String>>,
    pub prevention: Vec<Derived<String>>,
}

pub(super) fn resolve(spec: &Spec, reasons: &mut Reasons) -> Option<Runbook> {
    let entry = spec.runbook.as_ref()?;
    let (address, written) = (Address::of(["runbook"]), &entry.value);
    Some(Runbook {
        title: title(spec, written, &address, reasons),
        owner: written.owner.as_ref().map(|it| line(address.child("owner"), it, reasons)),
        links: links(written, &address.child("links"), reasons),
        notes: written.notes.as_ref().map(|it| notes(it, &address.child("notes"), reasons)).unwrap_or_default(),
        address,
    })
}

fn title(spec: &Spec, written: &written::Runbook, address: &Address, reasons: &mut Reasons) -> Derived<String> {
    let at = address.child("title");
    match (&written.title, &spec.platform.name) {
        (Some(title), _) => line(at, title, reasons),
        (None, Some(name)) => reasons.default(
            at,
            format!("Scaling runbook of {}", name.value),
            "what the page is, and the platform's name",
        ),
        (None, None) => reasons.default(at, "Scaling runbook".to_owned(), "what the page is"),
    }
}

fn links(written: &written::Runbook, address: &Address, reasons: &mut Reasons) -> Vec<Link> {
    let links = written.links.iter().flatten().enumerate().map(|(index, link)| {
        let at = address.index(index);
        let url = reasons.taken(at.child("url"), link.url.value.as_str().to_owned(), link.url.span);
        Link { title: line(at.child("title"), &link.title, reasons), url }
    });
    links.collect()
}

fn notes(written: &written::Notes, address: &Address, reasons: &mut Reasons) -> Notes {
    let mut of = |key: &str, lines: &Option<Vec<Spanned<Text<Line>>>>| {
        let at = address.child(key);
        let lines = lines.iter().flatten().enumerate();
        lines.map(|(index, it)| line(at.index(index), it, reasons)).collect()
    };
    Notes {
        before: of("before", &written.before),
        scale_up: of("scale_up", &written.scale_up),
        verify: of("verify", &written.verify),
        roll_back: of("roll_back", &written.roll_back),
        scale_down: of("scale_down", &written.scale_down),
        troubleshooting: of("troubleshooting", &written.troubleshooting),
        prevention: of("prevention", &written.prevention),
    }
}

fn line(at: Address, written: &Spanned<Text<Line>>, reasons: &mut Reasons) -> Derived<String> {
    reasons.taken(at, written.value.as_str().to_owned(), written.span)
}
