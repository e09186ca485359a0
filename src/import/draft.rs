//! The spec as units: tables that stand or fall together.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Remark;
use super::toml::{self, Table, Value};
use crate::doc::object::Identity;

/// A spec in the making.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub(super) platform: Option<Table>,
    pub(super) units: Vec<Unit>,
    /// Lints that would stop a build, and are waived until somebody looks at them.
    waived: Vec<String>,
    /// What was read and stands nowhere in the spec.
    pub remarks: Vec<Remark>,
    /// Files without objects that were read all the same: those of Docker Compose.
    pub read: BTreeSet<String>,
}

/// Tables that stand or fall together: a service, a PgBouncer with its entries.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// `service.api`: the address by which the build calls it.
    pub table: String,
    /// The objects that it asks for, each with its place.
    pub objects: Vec<(Identity, String)>,
    /// Whether it is only right where the build writes those objects as they are: it would make others otherwise.
    pub must_be_exact: bool,
    pub(super) tables: Vec<Table>,
    /// What to print instead, where it is left out: lines of a comment.
    pub(super) instead: Vec<String>,
    /// Units without any of which this one has no use.
    pub(super) serves: Vec<String>,
    /// Whether those cannot stand without it.
    pub(super) is_needed: bool,
    /// What it is called where it is no object of its own, and its place: a node group.
    pub(super) beside: Option<(String, String)>,
    /// Numbers that it needs and nobody wrote, each with a place.
    pub(super) assumed: Vec<(String, String)>,
    pub(super) left_out: bool,
    /// What it is without one of its objects, where the others can stand alone.
    pub(super) without: Vec<(Identity, Unit)>,
}

/// A draft as a text.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    pub text: String,
    /// The lines of each unit that is part of it, from 1.
    units: Vec<(Range<usize>, usize)>,
}

impl Draft {
    /// The spec, in the order of the language's reference.
    pub fn print(&self) -> Printed {
        let mut printed = Printed { text: "version = 1\n".to_owned(), units: Vec::new() };
        if let Some(platform) = self.platform.as_ref().filter(|it| !it.entries.is_empty()) {
            printed.text.push('\n');
            platform.print(&mut printed.text);
        }
        let mut line = lines(&printed.text);
        for (index, unit) in self.units.iter().enumerate() {
            let start = printed.text.len();
            match self.stands(unit) {
                true => unit.print(&mut printed.text),
                false => unit.print_instead(&mut printed.text),
            }
            let first = line;
            line += lines(&printed.text[start..]);
            if self.stands(unit) {
                printed.units.push((first + 1..line + 1, index));
            }
        }
        if !self.waived.is_empty() {
            let mut lints = Table::new(&["lints"], "");
            for name in &self.waived {
                let reason = Value::text("as it was when it was imported");
                lints.add(name, Value::inline([("level", Some(Value::text("warn"))), ("reason", Some(reason))]));
            }
            printed.text.push('\n');
            lints.print(&mut printed.text);
        }
        printed
    }

    /// The units that are part of the spec.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(|it| self.stands(it))
    }

    fn stands(&self, unit: &Unit) -> bool {
        let stands = |table: &String| self.units.iter().any(|it| it.table == *table && !it.left_out);
        !unit.left_out && (unit.serves.is_empty() || unit.serves.iter().any(stands))
    }

    /// Leaves out the unit of a table. `false` where there is none, or none any more.
    pub fn leave_out(&mut self, table: &str, why: &str) -> bool {
        let Some(unit) = self.units.iter_mut().find(|it| it.table == table && !it.left_out) else { return false };
        unit.left_out = true;
        let objects = unit.objects.iter().map(|(object, place)| (object.to_string(), place.clone()));
        for (object, place) in objects.chain(unit.beside.clone()) {
            self.remarks.push(Remark::Stays { place, object, why: why.to_owned() });
        }
        let served = if unit.is_needed { unit.serves.clone() } else { Vec::new() };
        for table in served {
            self.leave_out(&table, why);
        }
        true
    }

    /// Leaves one object out of the unit of a table, or the whole unit where the rest cannot stand alone. `false` where there
    /// is none, or none any more.
    pub fn leave_out_object(&mut self, table: &str, object: &Identity, why: &str) -> bool {
        let unit = self.units.iter_mut().find(|it| it.table == table && !it.left_out);
        let rest = unit.and_then(|unit| {
            let at = unit.without.iter().position(|(it, _)| is_same(it, object))?;
            let rest = unit.without.swap_remove(at).1;
            Some(std::mem::replace(unit, rest))
        });
        let Some(former) = rest else { return self.leave_out(table, why) };
        for (object, place) in former.objects.iter().filter(|(it, _)| is_same(it, object)) {
            let (place, object, why) = (place.clone(), object.to_string(), why.to_owned());
            self.remarks.push(Remark::Stays { place, object, why });
        }
        true
    }

    /// Turns a lint that would stop the build into a warning. `false` where it is one already.
    pub fn waive(&mut self, lint: &str) -> bool {
        let is_new = !self.waived.iter().any(|it| it == lint);
        if is_new {
            self.waived.push(lint.to_owned());
            self.waived.sort();
        }
        is_new
    }

    /// The table of the unit that a line of the printed spec belongs to.
    pub fn table_at<'d>(&'d self, printed: &Printed, line: usize) -> Option<&'d str> {
        let (_, index) = printed.units.iter().find(|(lines, _)| lines.contains(&line))?;
        self.units.get(*index).map(|it| it.table.as_str())
    }

    /// Every number of the spec that nobody wrote, with a place.
    pub fn assumed(&self) -> impl Iterator<Item = &(String, String)> {
        self.units().flat_map(|it| &it.assumed)
    }

    /// Whether anything was taken over.
    pub fn is_empty(&self) -> bool {
        self.units().next().is_none()
    }

    pub(super) fn add(&mut self, unit: Unit) {
        self.units.push(unit);
    }
}

impl Unit {
    /// Whether it is of no use without a table.
    pub fn serves(&self, table: &str) -> bool {
        self.serves.iter().any(|it| it == table)
    }

    fn print(&self, out: &mut String) {
        for table in &self.tables {
            out.push('\n');
            table.print(out);
        }
    }

    fn print_instead(&self, out: &mut String) {
        for (position, line) in self.instead.iter().enumerate() {
            out.push_str(if position == 0 { "\n" } else { "" });
            toml::remark(out, line);
        }
    }
}

/// Whether what was read is what would be built: a manifest that names no namespace is for any.
fn is_same(read: &Identity, built: &Identity) -> bool {
    match (read, built) {
        (
            Identity::Kubernetes { group, kind, namespace: None, name },
            Identity::Kubernetes { group: other_group, kind: other_kind, name: other_name, .. },
        ) => (group, kind, name) == (other_group, other_kind, other_name),
        _ => read == built,
    }
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|it| *it == b'\n').count()
}
