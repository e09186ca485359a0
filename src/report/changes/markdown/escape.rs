//! Texts from outside, so that neither Markdown nor HTML nor GitHub finds anything in them.

use super::super::phrase::visible;

/// A text as code.
///
/// The element and its entities mean the same in a paragraph, in a cell of a table and within HTML, where backticks are
/// only backticks. GitHub makes no mention, reference or emoji of what stands in it.
pub(in crate::report::changes) fn code(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str("<code>");
    for (at, character) in text.char_indices() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' | '\'' | '`' | '|' | '*' | '_' | '~' | '[' | ']' | '\\' | '@' | '#' | '$' | '!' => {
                out.push_str(&format!("&#{};", u32::from(character)));
            }
            // Bare links are found before it is seen where they stand.
            ':' if text[at..].starts_with(":/") => out.push_str("&#58;"),
            '.' if is_behind_www(&text[..at]) => out.push_str("&#46;"),
            it => out.push(it),
        }
    }
    out.push_str("</code>");
    out
}

fn is_behind_www(text: &str) -> bool {
    text.len().checked_sub(3).and_then(|start| text.get(start..)).is_some_and(|it| it.eq_ignore_ascii_case("www"))
}

/// The longest run of backticks in a text.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|it| it != '`').map(str::len).max().unwrap_or_default()
}
