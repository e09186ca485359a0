//! Diagnostics as people read them in a terminal, drawn as rustc draws its own.
//!
//! It knows the texts that diagnostics point into. It must not know where the result is printed, and nothing that it
//! returns can steer a terminal but its own colours: control characters of the spec are made visible.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::diag::source::{FileId, SourceKind, Sources, Span};
use crate::diag::{Diagnostic, Label, Severity};

/// The columns of a line where nobody says how wide the terminal is; rustc takes the same number.
pub const DEFAULT_WIDTH: usize = 140;

/// Draws every diagnostic with the lines it points to, a blank line between them.
///
/// `width` is in columns; source lines that are longer are cut around the place in question. The text ends with a
/// newline, or is empty where there is nothing to say.
pub fn terminal(sources: &Sources, diagnostics: &[Diagnostic], color: bool, width: Option<usize>) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    // Below some forty columns there is no room for the line number and the source beside it.
    let renderer = renderer.term_width(width.unwrap_or(DEFAULT_WIDTH).max(40));
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&draw(&renderer, sources, diagnostic));
        out.push('\n');
    }
    out
}

/// `2 errors, 1 warning`; `None` where there is neither.
pub fn count_line(diagnostics: &[Diagnostic]) -> Option<String> {
    let counted = [Severity::Error, Severity::Warning].into_iter().filter_map(|severity| {
        match diagnostics.iter().filter(|it| it.severity == severity).count() {
            0 => None,
            1 => Some(format!("1 {}", severity.word())),
            count => Some(format!("{count} {}s", severity.word())),
        }
    });
    let counted: Vec<String> = counted.collect();
    (!counted.is_empty()).then(|| counted.join(", "))
}

fn draw(renderer: &Renderer, sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut title = level.primary_title(one_line(&diagnostic.message));
    if let Some(lint) = diagnostic.lint {
        title = title.id(lint);
    }
    let notes = diagnostic.notes.iter().map(|text| Level::NOTE.message(visible(text)));
    let help = diagnostic.help.iter().map(|text| Level::HELP.message(visible(text)));
    let group = title
        .elements(by_file(&diagnostic.labels).into_iter().flat_map(|labels| place(sources, &labels)))
        .elements(notes.chain(help));
    renderer.render(&[group])
}

/// The labels of each file together, the files in the order in which they are first pointed to.
fn by_file(labels: &[Label]) -> Vec<Vec<(&Label, AnnotationKind)>> {
    let mut files: Vec<Vec<(&Label, AnnotationKind)>> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let same_file =
            |it: &&mut Vec<(&Label, AnnotationKind)>| it.iter().any(|(it, _)| it.span.file == label.span.file);
        match files.iter_mut().find(same_file) {
            Some(file) => file.push((label, kind)),
            None => files.push(vec![(label, kind)]),
        }
    }
    files
}

/// The source lines of one file's labels, or the flag that they point into.
fn place<'a>(sources: &'a Sources, labels: &[(&'a Label, AnnotationKind)]) -> Vec<Element<'a>> {
    let Some(file) = labels.first().map(|(label, _)| label.span.file) else { return Vec::new() };
    let name = one_line(sources.name(file));
    match sources.kind(file) {
        SourceKind::File => vec![snippet(sources, file, labels).path(name).into()],
        // A flag has no line to draw: what would stand under its caret follows as text.
        SourceKind::Flag => {
            let texts = labels.iter().filter(|(label, _)| !label.text.is_empty());
            let texts = texts.map(|(label, _)| Level::NOTE.message(visible(&label.text)).into());
            std::iter::once(Origin::path(name).into()).chain(texts).collect()
        }
    }
}

fn snippet<'a>(
    sources: &'a Sources,
    file: FileId,
    labels: &[(&'a Label, AnnotationKind)],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = sources.shown(file);
    let ranges: Vec<Range<usize>> = labels.iter().map(|(label, _)| within(text, label.span)).collect();
    // Only the lines in question: the renderer walks all that it is given, once for every label.
    let first = ranges.iter().map(|range| range.start).min().unwrap_or_default();
    let last = ranges.iter().map(|range| range.end).max().unwrap_or_default();
    let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
    let end = last + text[last..end].trim_end_matches('\r').len();
    let line = sources.position(Span::new(file, start..start)).line;
    let annotations = labels.iter().zip(ranges).map(|((label, kind), range)| {
        let label = (!label.text.is_empty()).then(|| one_line(&label.text));
        kind.span(range.start - start..range.end - start).label(label)
    });
    Snippet::source(same_length(&text[start..end])).line_start(line).annotations(annotations)
}

/// A span's range, moved to where the text can be cut: inside it, between characters, not after a final newline.
fn within(text: &str, span: Span) -> Range<usize> {
    let last_line_end = text.trim_end_matches(['\r', '\n']).len();
    let boundary = |offset: usize| {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = boundary(span.range().start).min(last_line_end);
    // A span that ends with its line's newline would be drawn over two lines.
    let end = boundary(span.range().end).max(start);
    let end = start + text[start..end].trim_end_matches(['\r', '\n']).len();
    start..end
}

/// Text without what could move a cursor, change a colour or turn the direction of writing; newlines stay.
fn visible(text: &str) -> String {
    normalize_untrusted_str(&same_length(text))
}

fn one_line(text: &str) -> String {
    visible(text).replace('\n', " ")
}

/// Replaces what the renderer lets through: the second set of control characters (U+009B starts an escape sequence as
/// ESC does) and the invisible marks. Each stand-in has as many bytes as what it stands for, so spans stay right.
fn same_length(text: &str) -> Cow<'_, str> {
    let stand_in = |character: char| match character {
        '\u{80}'..='\u{9f}' => '·',
        '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => '\u{fffd}',
        it => it,
    };
    match text.chars().any(|it| stand_in(it) != it) {
        true => Cow::Owned(text.chars().map(stand_in).collect()),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests;
