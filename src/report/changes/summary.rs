//! Changes in brief: one line per object, then how many there are.

use super::{Report, phrase, totals};

/// The summary, as plain text.
pub fn write(report: &Report<'_>) -> String {
    let objects = report.riskiest_first();
    let mut out = String::with_capacity(objects.len() * 96);
    for object in objects {
        out.push_str(&phrase::title(object));
        out.push_str("  [");
        out.push_str(object.risk.risk.word());
        out.push_str("]\n");
    }
    out.push_str(&totals::line(report.changes));
    out.push('\n');
    out
}
