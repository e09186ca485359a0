//! Bars: a name, a drawn length, a number. The length alone is SVG, so that texts keep their size on every screen.

use crate::doc::markup::html;

/// One bar. Lengths are in thousandths of the row.
pub(super) struct Bar {
    /// HTML.
    pub(super) name: String,
    /// HTML.
    pub(super) value: String,
    /// What the drawing shows, as text.
    pub(super) label: String,
    /// Start, length and kind of each part: `main`, `soft`, `bind`, `alt`.
    pub(super) parts: Vec<(i64, i64, &'static str)>,
    /// Lines across the bar.
    pub(super) marks: Vec<i64>,
}

/// A chart with its caption, which is HTML.
pub(super) fn chart(caption: &str, legend: &[(&'static str, &str)], bars: &[Bar]) -> String {
    let rows: String = bars.iter().map(row).collect();
    let entry = |(kind, text): &(&str, &str)| {
        format!("<li><span class=\"key {kind}\" aria-hidden=\"true\"></span>{}</li>\n", html(text))
    };
    let legend: String = legend.iter().map(entry).collect();
    let legend = if legend.is_empty() { String::new() } else { format!("<ul class=\"legend\">\n{legend}</ul>\n") };
    format!("<figure>\n<figcaption>{caption}</figcaption>\n<ul class=\"bars\">\n{rows}</ul>\n{legend}</figure>\n")
}

fn row(bar: &Bar) -> String {
    let part = |(start, length, kind): &(i64, i64, &str)| {
        format!("<rect class=\"{kind}\" x=\"{start}\" width=\"{length}\" height=\"20\"/>")
    };
    let mark = |at: &i64| format!("<line class=\"mark\" x1=\"{at}\" x2=\"{at}\" y1=\"0\" y2=\"20\"/>");
    let parts: String = bar.parts.iter().filter(|it| it.1 > 0).map(part).collect();
    // At the very edge, half of a line would be cut off.
    let marks: String = bar.marks.iter().map(|at| mark(&(*at).clamp(4, 996))).collect();
    format!(
        "<li><span class=\"name\">{}</span>\
         <svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\">\
         <rect class=\"track\" width=\"1000\" height=\"20\"/>{parts}{marks}</svg>\
         <span class=\"value\">{}</span></li>\n",
        bar.name,
        html(&bar.label),
        bar.value
    )
}
