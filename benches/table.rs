//! The measured numbers as a Markdown table: a column for each size, a row for each question.

use std::fmt;

/// A table that grows by columns.
#[derive(Debug, Default)]
pub(crate) struct Table {
    notes: Vec<String>,
    sizes: Vec<usize>,
    rows: Vec<(&'static str, Vec<String>)>,
}

impl Table {
    /// A sentence below the table.
    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// Begins a column.
    pub(crate) fn size(&mut self, workloads: usize) {
        self.sizes.push(workloads);
    }

    /// Fills a row of the column that was begun last.
    pub(crate) fn cell(&mut self, title: &'static str, value: impl ToString) {
        let index = self.rows.iter().position(|(it, _)| *it == title).unwrap_or_else(|| {
            self.rows.push((title, Vec::new()));
            self.rows.len() - 1
        });
        if let Some((_, cells)) = self.rows.get_mut(index) {
            cells.resize(self.sizes.len().saturating_sub(1), "-".to_owned());
            cells.push(value.to_string());
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.sizes.iter().map(|it| format!("{} workloads", grouped(*it))).collect();
        writeln!(f, "| median (least) | {} |", sizes.join(" | "))?;
        writeln!(f, "|---|{}", "---|".repeat(sizes.len()))?;
        for (title, cells) in &self.rows {
            writeln!(f, "| {title} | {} |", cells.join(" | "))?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}\n"))
    }
}

/// `10000` as `10 000`.
fn grouped(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{} {:03}", grouped(number / 1_000), number % 1_000),
    }
}
