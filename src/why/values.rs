//! Values by address, in one piece of text: what a lock remembers of a platform.
//!
//! A large platform has hundreds of thousands of them, of which a diff asks for few: a map with two texts an entry would
//! take several times the memory and most of the time that reading a lock takes.

use super::Address;

/// How long a piece of text grows, in bytes: a single one would be copied each time that it has to grow.
const PIECE: usize = 1 << 20;

/// Texts by address, sorted by address, each address once.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Address and value of each entry, one after the other.
    pieces: Vec<String>,
    entries: Vec<Entry>,
}

/// Where an entry stands in its piece.
#[derive(Debug, Clone, Copy)]
struct Entry {
    piece: usize,
    /// Where the address begins, where the value begins, and where it ends, in bytes.
    at: [usize; 3],
}

impl Values {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, address: &Address) -> Option<&str> {
        let (found, value) = self.read(self.entries.get(self.first_from(address.as_str()))?);
        (found == address.as_str()).then_some(value)
    }

    /// All, sorted by address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| self.read(entry))
    }

    /// Those whose address begins with a text, sorted by address.
    pub fn starting_with<'a>(&'a self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let found = self.entries.iter().skip(self.first_from(prefix)).map(|entry| self.read(entry));
        found.take_while(move |(address, _)| address.starts_with(prefix))
    }

    /// The index of the first entry that is not before an address.
    fn first_from(&self, address: &str) -> usize {
        self.entries.partition_point(|entry| self.read(entry).0 < address)
    }

    fn read(&self, Entry { piece, at: [start, middle, end] }: &Entry) -> (&str, &str) {
        let piece = self.pieces.get(*piece).map(String::as_str).unwrap_or_default();
        (piece.get(*start..*middle).unwrap_or_default(), piece.get(*middle..*end).unwrap_or_default())
    }

    fn push(&mut self, address: &str, value: &str) {
        let length = address.len() + value.len();
        if self.pieces.last().is_none_or(|piece| piece.len() + length > PIECE) {
            self.pieces.push(String::new());
        }
        if let Some(piece) = self.pieces.last_mut() {
            let start = piece.len();
            piece.push_str(address);
            piece.push_str(value);
            let at = [start, start + address.len(), start + length];
            self.entries.push(Entry { piece: self.pieces.len() - 1, at });
        }
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Values {}

/// From entries in any order; of two with one address the last stands.
impl<A: AsRef<str>, V: AsRef<str>> FromIterator<(A, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (A, V)>>(entries: I) -> Self {
        let mut values = Self::default();
        entries.into_iter().for_each(|(address, value)| values.push(address.as_ref(), value.as_ref()));
        if values.iter().is_sorted_by(|(a, _), (b, _)| a < b) {
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
    fn a_long_text_stands_in_pieces() {
        let long = "x".repeat(PIECE);
        let values = values(&[("a", &long), ("b", "1"), ("c", &long), ("d", "")]);
        assert_eq!((values.pieces.len(), values.len()), (4, 4));
        assert_eq!(
            values.iter().map(|(address, value)| (address, value.len())).collect::<Vec<_>>(),
            [("a", PIECE), ("b", 1), ("c", PIECE), ("d", 0)]
        );
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
