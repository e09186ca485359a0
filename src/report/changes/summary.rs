//! Changes in brief: one line per object and per input that is a risk in itself, then how many there are.

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
    for change in report.changes.risky_inputs() {
        let values = phrase::edit(change.input.before.as_deref(), change.input.after.as_deref(), &phrase::plain);
        out.push_str(&phrase::plain(change.input.address.as_str()));
        out.push_str(": ");
        out.push_str(&values);
        out.push_str("  [");
        out.push_str(change.risk.risk.word());
        out.push_str("]\n");
    }
    out.push_str(&totals::line(report.changes));
    out.push('\n');
    out
}
