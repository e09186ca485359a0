//! What capgen says when something is wrong: the messages and the places they point to.
//!
//! Nothing here prints. A stage pushes into a [`Sink`] and goes on; `Result<T, Reported>` is control flow only,
//! and a [`Reported`] can be had only from [`Sink::error`], so `?` never loses a message.
//!
//! Wording: one phrase, lowercase, no full stop, values in backticks, complete in one line.
//! Labels point to each line that took part; `help` is something one can type.

pub mod secret;
pub mod source;
pub mod suggest;

use std::borrow::Cow;

use source::Span;

/// How bad it is. Ordered: a `Warning` is worse than a `Note`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

impl Severity {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One message that stands alone, with the places that took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// The lint's name; errors have none.
    pub lint: Option<&'static str>,
    pub message: String,
    /// The first label is where it is wrong, the others took part.
    pub labels: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// Something that can be typed.
    pub help: Vec<String>,
}

/// A place and what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

impl Diagnostic {
    /// Something that stops the run.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, None, message)
    }

    /// Something to know, which changes nothing.
    pub fn remark(message: impl Into<String>) -> Self {
        Self::new(Severity::Note, None, message)
    }

    /// An opinion, at the level the lint has.
    pub fn lint(severity: Severity, lint: &'static str, message: impl Into<String>) -> Self {
        Self::new(severity, Some(lint), message)
    }

    fn new(severity: Severity, lint: Option<&'static str>, message: impl Into<String>) -> Self {
        Self { severity, lint, message: said(message), labels: Vec::new(), notes: Vec::new(), help: Vec::new() }
    }

    /// Points at a place; the first call names the primary one.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: said(text) });
        self
    }

    /// Points at a place if there is one.
    #[must_use]
    pub fn at_some(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.at(span, text),
            None => self,
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(said(text));
        self
    }

    /// Adds something that can be typed.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(said(text));
        self
    }
}

/// A text without the secrets that it quotes.
fn said(text: impl Into<String>) -> String {
    let text = text.into();
    match secret::said(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(shown) => shown,
    }
}

/// Proof that an error was pushed into a [`Sink`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported(());

/// Collects diagnostics.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// Takes an error and hands out the proof of it.
    pub fn error(&mut self, diagnostic: Diagnostic) -> Reported {
        debug_assert_eq!(diagnostic.severity, Severity::Error);
        self.diagnostics.push(diagnostic);
        Reported(())
    }

    /// Takes anything.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Takes over what another sink collected (from another thread).
    pub fn append(&mut self, other: Sink) {
        self.diagnostics.extend(other.diagnostics);
    }

    /// `Err` where an error without a lint was reported.
    pub fn ok(&self) -> Result<(), Reported> {
        match self.diagnostics.iter().any(|it| it.lint.is_none() && it.severity == Severity::Error) {
            true => Err(Reported(())),
            false => Ok(()),
        }
    }

    /// Everything, in the order of the texts it points to, each message once.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let key = |it: &Diagnostic| (it.labels.first().map(|label| label.span), std::cmp::Reverse(it.severity));
        self.diagnostics.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
        self.diagnostics.dedup();
        self.diagnostics
    }
}
