//! Values by address, close together: what a lock remembers of a platform.
//!
//! A large platform has hundreds of thousands of them, of which a diff asks for few: a map with two texts an entry would
//! take ten times the memory, and most of the time that reading a lock takes. Sorted, the values of a table are
//! neighbours, so that its name is kept once; and as thousands of tables have the same keys, so is each key.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Address, table_of};

/// Texts by address, sorted by address, each address once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The table of each run of neighbours. A table may have several: `a.b-c.x` stands between `a.b` and `a.b.x`.
    tables: Texts,
    /// The first entry of each run.
    firsts: Vec<u32>,
    /// What follows the table in an address, each once, in the order in which they were met.
    rests: Texts,
    /// Which of `rests` each entry has.
    rest_of: Vec<u32>,
    /// The value of each entry.
    values: Texts,
}

/// A value under its address, which is `table` and `rest`, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The first two keys: `service.api`, as [`table_of`] finds them.
    pub table: &'a str,
    /// What follows them: `.autoscale.max`, or nothing.
    pub rest: &'a str,
    pub value: &'a str,
}

impl Entry<'_> {
    pub fn address(&self) -> Address {
        Address::verbatim(&[self.table, self.rest].concat())
    }

    /// How its address is sorted against another.
    pub fn order(&self, address: &str) -> Ordering {
        match address.as_bytes().split_at_checked(self.table.len()) {
            Some((start, end)) => self.table.as_bytes().cmp(start).then_with(|| self.rest.as_bytes().cmp(end)),
            None => self.table.cmp(address),
        }
    }

    fn starts_with(&self, prefix: &str) -> bool {
        match prefix.strip_prefix(self.table) {
            Some(end) => self.rest.starts_with(end),
            None => self.table.starts_with(prefix),
        }
    }
}

impl Values {
    pub fn len(&self) -> usize {
        self.rest_of.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rest_of.is_empty()
    }

    pub fn get(&self, address: &Address) -> Option<&str> {
        let found = self.from(address.as_str()).next()?;
        (found.order(address.as_str()) == Ordering::Equal).then_some(found.value)
    }

    /// All, sorted by address.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        self.since(0, 0)
    }

    /// The runs of neighbours, sorted by their addresses.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        (0..self.firsts.len()).map(|index| Run { values: self, index })
    }

    /// Those whose address begins with a text, sorted by address.
    pub fn starting_with<'a>(&'a self, prefix: &str) -> impl Iterator<Item = Entry<'a>> {
        self.from(prefix).take_while(move |it| it.starts_with(prefix))
    }

    /// Those that are not before an address.
    fn from(&self, address: &str) -> impl Iterator<Item = Entry<'_>> {
        let is_before = |run: usize, entry: usize| self.read(run, entry).order(address) == Ordering::Less;
        let after = partition(0..self.firsts.len(), |run| is_before(run, self.entries(run).start));
        let run = after.saturating_sub(1);
        self.since(run, partition(self.entries(run), |entry| is_before(run, entry)))
    }

    /// Entries from one of a run on.
    fn since(&self, run: usize, entry: usize) -> impl Iterator<Item = Entry<'_>> {
        (run..self.firsts.len()).flat_map(move |run| {
            let Range { start, end } = self.entries(run);
            (start.max(entry)..end).map(move |entry| self.read(run, entry))
        })
    }

    /// The entries of a run.
    fn entries(&self, run: usize) -> Range<usize> {
        let first = |run: usize| self.firsts.get(run).map_or(self.len(), |it| *it as usize);
        first(run)..first(run + 1)
    }

    fn read(&self, run: usize, entry: usize) -> Entry<'_> {
        let rest = self.rest_of.get(entry).map_or("", |rest| self.rests.get(*rest as usize));
        Entry { table: self.tables.get(run), rest, value: self.values.get(entry) }
    }
}

/// Neighbours of one table, which may have several such runs: `a.b-c.x` stands between `a.b` and `a.b.x`.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    values: &'a Values,
    index: usize,
}

impl<'a> Run<'a> {
    pub fn table(&self) -> &'a str {
        self.values.tables.get(self.index)
    }

    /// Sorted by address.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let Self { values, index } = *self;
        values.entries(index).map(move |entry| values.read(index, entry))
    }
}

/// The first index of which something does not hold, where it holds of none after that.
fn partition(Range { mut start, mut end }: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    while start < end {
        let middle = start.midpoint(end);
        match holds(middle) {
            true => start = middle + 1,
            false => end = middle,
        }
    }
    start
}

/// From entries in any order; of two with one address the last stands.
impl<A: AsRef<str>, V: AsRef<str>> FromIterator<(A, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (A, V)>>(entries: I) -> Self {
        let mut builder = Builder::default();
        entries.into_iter().for_each(|(address, value)| builder.push(address.as_ref(), value.as_ref()));
        builder.done()
    }
}

/// Values while they are put together.
#[derive(Debug, Default)]
pub struct Builder {
    values: Values,
    /// Whether some address does not stand behind the one before.
    is_unsorted: bool,
    /// The index of each rest.
    known: BTreeMap<Box<str>, u32>,
    /// What followed each rest the last time: tables of one kind have the same keys, so that few are looked up.
    next: Vec<u32>,
}

impl Builder {
    /// Of two values for one address the later one stands.
    pub fn push(&mut self, address: &str, value: &str) {
        let values = &mut self.values;
        let last = values.len().checked_sub(1).map(|last| values.read(values.firsts.len() - 1, last));
        self.is_unsorted |= last.is_some_and(|it| it.order(address) != Ordering::Less);
        // A table of which something was below has both of its keys.
        let same = last.filter(|it| !it.rest.is_empty()).and_then(|it| address.strip_prefix(it.table));
        let table = match same.filter(|rest| rest.starts_with('.')) {
            Some(rest) => &address[..address.len() - rest.len()],
            None => table_of(address),
        };
        if last.is_none_or(|it| it.table != table) {
            values.tables.push(table);
            values.firsts.push(short(values.rest_of.len()));
        }
        let rest = self.index(&address[table.len()..]);
        self.values.rest_of.push(rest);
        self.values.values.push(value);
    }

    pub fn done(self) -> Values {
        if !self.is_unsorted {
            return self.values;
        }
        let mut sorted: Vec<(Address, &str)> = self.values.iter().map(|it| (it.address(), it.value)).collect();
        sorted.reverse();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        sorted.dedup_by(|(a, _), (b, _)| a == b);
        let mut builder = Self::default();
        sorted.iter().for_each(|(address, value)| builder.push(address.as_str(), value));
        builder.values
    }

    /// The index of a rest, new where it was not met before.
    fn index(&mut self, rest: &str) -> u32 {
        let rests = &mut self.values.rests;
        let last = self.values.rest_of.last().map(|it| *it as usize);
        let next = last.and_then(|it| self.next.get(it)).copied();
        if let Some(next) = next.filter(|it| rests.get(*it as usize) == rest) {
            return next;
        }
        let index = self.known.get(rest).copied().unwrap_or_else(|| {
            let index = short(rests.len());
            rests.push(rest);
            self.known.insert(rest.into(), index);
            self.next.push(index);
            index
        });
        if let Some(next) = last.and_then(|it| self.next.get_mut(it)) {
            *next = index;
        }
        index
    }
}

/// Texts one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Texts {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(short(self.text.len()));
    }

    /// Nothing, where there is no such text.
    fn get(&self, index: usize) -> &str {
        let end = |index: usize| self.ends.get(index).map_or(0, |it| *it as usize);
        let start = index.checked_sub(1).map_or(0, end);
        self.text.get(start..end(index)).unwrap_or_default()
    }
}

/// A length, in half the room: the longest lock that is read has a sixteenth of what fits.
fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(entries: &[(&str, &str)]) -> Values {
        entries.iter().copied().collect()
    }

    fn addresses(values: &Values) -> Vec<String> {
        values.iter().map(|it| it.address().to_string()).collect()
    }

    #[test]
    fn entries_are_found_whatever_their_order() {
        let sorted = values(&[("a", "1"), ("a.b", ""), ("a.c", "3"), ("b", "4")]);
        let shuffled = values(&[("b", "4"), ("a.c", "2"), ("a", "1"), ("a.b", ""), ("a.c", "3")]);
        assert_eq!(sorted, shuffled);
        assert_eq!(addresses(&shuffled), ["a", "a.b", "a.c", "b"]);
        for (address, value) in [("a", Some("1")), ("a.b", Some("")), ("a.c", Some("3")), ("b", Some("4")), ("", None)]
        {
            assert_eq!(shuffled.get(&Address::verbatim(address)), value, "{address}");
        }
        assert_eq!(shuffled.get(&Address::verbatim("a.")), None);
        assert_eq!(shuffled.get(&Address::verbatim("c")), None);
        assert_eq!(Values::default().get(&Address::verbatim("a")), None);
    }

    /// Every address as it was written, apart at its table, and found again: in order, and the other way round.
    fn check(entries: &[(&str, &str)]) {
        let mut written: Vec<String> = entries.iter().map(|(table, rest)| format!("{table}{rest}")).collect();
        let value = |it: &String| (it.clone(), format!("<{it}>"));
        let made: Values = written.iter().map(value).collect();
        assert_eq!(made, written.iter().rev().map(value).collect());
        assert_eq!(made.len(), written.len());
        for it in &written {
            assert_eq!(made.get(&Address::verbatim(it)), Some(&*format!("<{it}>")), "{it}");
            assert_eq!(made.get(&Address::verbatim(&format!("{it}!"))), None, "{it}");
        }
        let mut apart: Vec<(&str, &str)> = made.iter().map(|it| (it.table, it.rest)).collect();
        written.sort();
        assert_eq!(addresses(&made), written);
        let mut expected = entries.to_vec();
        apart.sort_unstable();
        expected.sort_unstable();
        assert_eq!(apart, expected);
    }

    #[test]
    fn a_table_that_is_a_key_or_the_start_of_another_keeps_its_entries() {
        check(&[
            ("", ""),
            ("cluster", ""),
            ("cluster.name", ""),
            ("cluster.name", ".x"),
            ("cluster-b.x", ""),
            ("service.a", ""),
            ("service.a", ".max"),
            ("service.a", ".min"),
            ("service.a[0]", ""),
            ("service.a[0]", ".x"),
            ("service.a-b", ".max"),
            ("service.a-b", ".min"),
            ("service.ab", ".max"),
            ("version", ""),
        ]);
    }

    #[test]
    fn quoted_keys_keep_their_dots() {
        check(&[
            ("instance.\"m5.2xlarge\"", ".price"),
            ("instance.\"m5.2xlarge\"", ".cpu"),
            ("instance.\"m5\"", ".price"),
            ("service.\"odd \\\".\\\" key\"", ".\"x.y\".z"),
            ("service.\"ä\"", ".ü"),
            ("service.ä", ".ü"),
            ("service.a", ".\""),
        ]);
    }

    #[test]
    fn the_same_keys_of_many_tables_are_kept_once() {
        let keys = [".a", ".b", ".c"];
        let entry = |index: usize| (format!("service.s{:03}{}", index / 3, keys[index % 3]), index.to_string());
        let some = |index: &usize| !index.is_multiple_of(7);
        let made: Values = (0..999).filter(some).map(entry).collect();
        assert_eq!((made.rests.len(), made.tables.len(), made.len()), (3, 333, 856));
        for index in 0..999 {
            let (address, value) = entry(index);
            assert_eq!(made.get(&Address::verbatim(&address)), some(&index).then_some(&*value), "{address}");
        }
    }

    #[test]
    fn a_prefix_finds_its_neighbours() {
        let values = values(&[
            ("service.a", "0"),
            ("service.a-b.x", "1"),
            ("service.a.x", "2"),
            ("service.a.y", "3"),
            ("service.ab.x", "4"),
        ]);
        let found = |prefix| values.starting_with(prefix).map(|it| it.value).collect::<String>();
        assert_eq!(found("service.a."), "23");
        assert_eq!(found("service.a.y"), "3");
        assert_eq!(found("service.a"), "01234");
        assert_eq!(found("service.ab"), "4");
        assert_eq!(found("service.b"), "");
        assert_eq!(found("service.c"), "");
        assert_eq!(found("a"), "");
        assert_eq!(found(""), "01234");
    }
}
