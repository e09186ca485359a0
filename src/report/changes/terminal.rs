//! Changes for a person at a terminal: capacity and cost first, then object by object, the riskiest first.
//!
//! It must not know whether there is a terminal: its caller says whether to colour and where to cut. Nothing in the
//! result can steer a terminal but its own colours.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use anstyle::{AnsiColor, Style as Paint};
use rayon::prelude::*;

use crate::diff::{ObjectChange, Risk};

use super::Report;
use super::hunks::{self, Detail, Kind};
use super::phrase::{self, plain};
use super::rows::{self, Table};
use super::totals;

/// The reasons of one object that are listed before they are only counted.
const MOST_CAUSES: usize = 10;

/// The characters of a diff's line that are shown in the narrowest terminal.
const NARROWEST: usize = 20;

/// The objects that one core writes at least, before it is worth another one's while.
const FEW: usize = 32;

/// How the text is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// The columns after which a line of a diff is cut; `None`: never.
    pub width: Option<usize>,
}

const NONE: Paint = Paint::new();
const BOLD: Paint = Paint::new().bold();
const DIM: Paint = Paint::new().dimmed();
const GREEN: Paint = AnsiColor::Green.on_default();
const RED: Paint = AnsiColor::Red.on_default();
const YELLOW: Paint = AnsiColor::Yellow.on_default();
const CYAN: Paint = AnsiColor::Cyan.on_default();

/// Everything that differs, what it means and why it is so.
pub fn write(report: &Report<'_>, style: Style) -> String {
    let mut page = Page { report, style, out: String::new() };
    page.headline();
    let objects = report.riskiest_first();
    let parts = objects.par_chunks(FEW).map(|objects| {
        let mut page = Page { report, style, out: String::new() };
        objects.iter().for_each(|it| page.object(it));
        page.out
    });
    page.out.push_str(&parts.collect::<Vec<String>>().concat());
    page.inputs();
    page.beside();
    page.line(BOLD, &totals::line(report.changes));
    page.out
}

struct Page<'a> {
    report: &'a Report<'a>,
    style: Style,
    out: String,
}

impl Page<'_> {
    fn headline(&mut self) {
        let headline = &self.report.changes.headline;
        let before = self.out.len();
        self.table(&rows::workloads(headline, usize::MAX, &plain));
        self.table(&rows::events(headline, usize::MAX, &plain));
        self.table(&rows::pools(headline, usize::MAX, &plain));
        self.table(&rows::nodegroups(headline, usize::MAX, &plain));
        if let Some(cost) = rows::monthly_cost(headline, &plain) {
            self.line(NONE, &cost);
        }
        if self.out.len() > before {
            self.out.push('\n');
        }
    }

    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() {
            return;
        }
        let header: Vec<String> = table.header.iter().map(|it| (*it).to_owned()).collect();
        let width = |column: usize| {
            let cells = std::iter::once(&header).chain(&table.rows).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..header.len()).map(width).collect();
        for (position, row) in std::iter::once(&header).chain(&table.rows).enumerate() {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            self.line(if position == 0 { BOLD } else { NONE }, line.trim_end());
        }
    }

    fn object(&mut self, object: &ObjectChange) {
        self.paint(BOLD, &phrase::title(object));
        self.out.push_str("  ");
        self.line(of_risk(object.risk.risk), &format!("[{}]", object.risk.risk.word()));
        for about in phrase::risks(object) {
            let places = phrase::places(&about.paths, &plain);
            self.line(
                of_risk(about.what.risk),
                &format!("  {}: {}{places}", about.what.risk.word(), about.what.reason),
            );
        }
        self.hunks(object);
        let causes = phrase::causes(object);
        for about in causes.iter().take(MOST_CAUSES) {
            let places = phrase::places(&about.paths, &plain);
            self.line(CYAN, &format!("  {}{places}", phrase::sentence(self.report, about.what, &plain)));
        }
        if let Some(more) = causes.len().checked_sub(MOST_CAUSES + 1) {
            let text = match more + 1 {
                1 => "  and 1 reason more".to_owned(),
                more => format!("  and {more} reasons more"),
            };
            self.line(CYAN, &text);
        }
        self.out.push('\n');
    }

    fn hunks(&mut self, object: &ObjectChange) {
        let detail = if self.style.color { Detail::Words } else { Detail::Lines };
        let _ = hunks::lines(object, detail, &mut |kind, parts| {
            self.diff_line(kind, parts);
            ControlFlow::Continue(())
        });
    }

    /// A line of a diff: as many of its characters as there is room for, the marked ones in bold.
    fn diff_line(&mut self, kind: Kind, parts: &[(bool, &str)]) {
        let paint = match kind {
            Kind::Same => NONE,
            Kind::Removed => RED,
            Kind::Added => GREEN,
            Kind::Header => DIM,
        };
        self.out.push_str("  ");
        self.paint(paint, kind.sign());
        let room = self.style.width.map(|width| width.saturating_sub(2 + kind.sign().len()).max(NARROWEST));
        let length = parts.iter().map(|(_, part)| part.chars().count()).sum();
        let cut_after = room.filter(|room| *room < length).map(|room| room - 1);
        let mut left = cut_after.unwrap_or(length);
        for (marked, part) in parts {
            let shown = phrase::prefix(part, left);
            left -= shown.chars().count();
            self.paint(if *marked { paint.bold().underline() } else { paint }, &phrase::visible(shown));
        }
        if cut_after.is_some() {
            self.out.push('…');
        }
        self.out.push('\n');
    }

    /// Inputs whose change is a risk in itself.
    fn inputs(&mut self) {
        let risky: Vec<_> = self.report.changes.risky_inputs().collect();
        for change in &risky {
            let values = phrase::edit(change.input.before.as_deref(), change.input.after.as_deref(), &plain);
            let place = phrase::written_at(self.report, &change.input, &plain);
            self.paint(BOLD, &format!("{}: {values}{place}  ", plain(change.input.address.as_str())));
            self.line(of_risk(change.risk.risk), &format!("[{}]", change.risk.risk.word()));
            self.line(of_risk(change.risk.risk), &format!("  {}: {}", change.risk.risk.word(), change.risk.reason));
        }
        if !risky.is_empty() {
            self.out.push('\n');
        }
    }

    /// What is there beside the changes: counted, and listed on demand.
    fn beside(&mut self) {
        let (ignored, unmanaged) = (&self.report.changes.ignored, &self.report.changes.unmanaged);
        let hint = if self.report.shows_ignored { ":" } else { "; --show-ignored lists them" };
        let shown = if self.report.shows_ignored { usize::MAX } else { 0 };
        if !ignored.is_empty() {
            self.line(NONE, &format!("{}{hint}", phrase::ignored_count(ignored.len())));
        }
        for it in ignored.iter().take(shown) {
            self.line(DIM, &format!("  {}", phrase::ignored(it, &plain)));
        }
        if !unmanaged.is_empty() {
            self.line(NONE, &format!("{}{hint}", phrase::unmanaged_count(unmanaged.len())));
        }
        for it in unmanaged.iter().take(shown) {
            self.line(DIM, &format!("  {}", plain(&it.to_string())));
        }
    }

    /// `text` must be safe to print.
    fn line(&mut self, paint: Paint, text: &str) {
        self.paint(paint, text);
        self.out.push('\n');
    }

    fn paint(&mut self, paint: Paint, text: &str) {
        let _ = match self.style.color && !text.is_empty() {
            true => write!(self.out, "{paint}{text}{paint:#}"),
            false => write!(self.out, "{text}"),
        };
    }
}

fn of_risk(risk: Risk) -> Paint {
    match risk {
        Risk::Safe => GREEN,
        Risk::Ignored | Risk::Restart => YELLOW,
        Risk::Disruptive | Risk::Ordering => RED,
        Risk::Irreversible => RED.bold(),
    }
}
