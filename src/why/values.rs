//! Values by address, in one piece of text: what a lock remembers of a platform.
//!
//! A large platform has hundreds of thousands of them, of which a diff asks for few: a map with two texts an entry would
//! take several times the memory and most of the time that reading a lock takes.

use super::Address;

/// Texts by address, sorted by address, each address once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Address and value of each entry, one after the other.
    text: String,
    /// Where the address and where the value of each entry begin, in bytes.
    entries: Vec<(usize, usize)>,
}

impl Values {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, address: &Address) -> Option<&str> {
        let at = self.first_from(address.as_str());
        let (found, value) = self.at(at)?;
        (found == address.as_str()).then_some(value)
    }

    /// All, sorted by address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        (0..self.len()).filter_map(|index| self.at(index))
    }

    /// Those whose address begins with a text, sorted by address.
    pub fn starting_with<'a>(&'a self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from = self.first_from(prefix);
        (from..self.len())
            .filter_map(|index| self.at(index))
            .take_while(move |(address, _)| address.starts_with(prefix))
    }

    /// The index of the first entry that is not before an address.
    fn first_from(&self, address: &str) -> usize {
        self.entries.partition_point(|(start, middle)| self.text.get(*start..*middle) < Some(address))
    }

    fn at(&self, index: usize) -> Option<(&str, &str)> {
        let (start, middle) = *self.entries.get(index)?;
        let end = self.entries.get(index + 1).map_or(self.text.len(), |(next, _)| *next);
        Some((self.text.get(start..middle)?, self.text.get(middle..end)?))
    }

    fn push(&mut self, address: &str, value: &str) {
        let start = self.text.len();
        self.text.push_str(address);
        self.entries.push((start, self.text.len()));
        self.text.push_str(value);
    }
}

/// From entries in any order; of two with one address the last stands.
impl<A: AsRef<str>, V: AsRef<str>> FromIterator<(A, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (A, V)>>(entries: I) -> Self {
        let mut values = Self::default();
        entries.into_iter().for_each(|(address, value)| values.push(address.as_ref(), value.as_ref()));
        if values.iter().is_sorted_by(|(a, _), (b, _)| a < b) {
            values.text.shrink_to_fit();
            values.entries.shrink_to_fit();
            return values;
        }
        let mut sorted: Vec<_> = values.iter().collect();
        sorted.reverse();
        sorted.sort_by_key(|(address, _)| *address);
        sorted.dedup_by_key(|(address, _)| *address);
        sorted.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(entries: &[(&str, &str)]) -> Values {
        entries.iter().copied().collect()
    }

    #[test]
    fn entries_are_found_whatever_their_order() {
        let sorted = values(&[("a", "1"), ("a.b", ""), ("a.c", "3"), ("b", "4")]);
        let shuffled = values(&[("b", "4"), ("a.c", "2"), ("a", "1"), ("a.b", ""), ("a.c", "3")]);
        assert_eq!(sorted.iter().collect::<Vec<_>>(), shuffled.iter().collect::<Vec<_>>());
        for (address, value) in [("a", Some("1")), ("a.b", Some("")), ("a.c", Some("3")), ("b", Some("4")), ("", None)]
        {
            assert_eq!(shuffled.get(&Address::verbatim(address)), value, "{address}");
        }
        assert_eq!(shuffled.get(&Address::verbatim("a.")), None);
        assert_eq!(shuffled.get(&Address::verbatim("c")), None);
    }

    #[test]
    fn a_prefix_finds_its_neighbours() {
        let values =
            values(&[("service.a-b.x", "1"), ("service.a.x", "2"), ("service.a.y", "3"), ("service.ab.x", "4")]);
        let found = |prefix| values.starting_with(prefix).map(|it| it.1).collect::<String>();
        assert_eq!(found("service.a."), "23");
        assert_eq!(found("service.c"), "");
        assert_eq!(found(""), "1234");
    }
}
