//! Any text as a template of the user's own: it may fail, and must neither panic nor eat time and memory.
#![no_main]

use capgen::diag::Diagnostic;
use capgen::diag::source::{SourceKind, Sources, Span};
use capgen::doc::json;
use capgen::doc::template::{Language, Template};
use capgen::report::diagnostics;

static TEMPLATE: Template =
    Template { name: "nginx/upstream.conf.j2", source: "", comment: "#", language: Language::Words, fuel: 2_000_000 };

/// A small context of the same shape as a real one.
const CONTEXT: &str = include_str!("../context.json");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let context = json::parse(CONTEXT).expect("the context is JSON");
    if let Err(error) = TEMPLATE.render(Some(text), &context) {
        let mut sources = Sources::default();
        let span = Span::new(sources.add(SourceKind::File, TEMPLATE.name, text), error.range);
        let diagnostic = Diagnostic::error(error.message).at(span, "");
        diagnostics::terminal(&sources, &[diagnostic], false, None);
        sources.place(span);
    }
});
