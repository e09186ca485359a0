//! Where the values of a document stand in its text: a tree of the same shape, with places instead of values.
//!
//! It is read by the same readers as the values, so the two never disagree; only what somebody asks about is read again.
//! A text that lies in the document as it is gives its place by itself. For anything else (numbers, texts with escapes) the
//! place is looked up behind its key, and where there is none, the key stands for it. It must not know what is wrong there.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use super::read::{Budget, Plain};
use super::{Path, Step};

/// The place of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The key before it.
    pub key: Option<Range<usize>>,
    /// The value itself, with its quotes, where it is one piece of a line.
    pub value: Option<Range<usize>>,
    pub inside: Inside,
}

/// The marks within a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Inside {
    #[default]
    Nothing,
    /// In the order of the map; what a merge key brings in comes last.
    Map(Vec<(String, Mark)>),
    List(Vec<Mark>),
}

impl Mark {
    /// The marks on the way to a path, as far as there are any: the document's own first.
    pub fn along(&self, path: &Path) -> Vec<&Mark> {
        let mut way = vec![self];
        for step in &path.0 {
            let here = way.last().and_then(|mark| match (&mark.inside, step) {
                (Inside::Map(entries), Step::Key(key)) => {
                    entries.iter().find(|(name, _)| name == key).map(|(_, it)| it)
                }
                (Inside::List(items), Step::Index(index)) => items.get(*index),
                _ => None,
            });
            match here {
                Some(mark) => way.push(mark),
                None => break,
            }
        }
        way
    }

    /// What stands for the value in a message: itself, or its key, or what stands for the first thing within it.
    pub fn shown(&self) -> Option<Range<usize>> {
        let first = || match &self.inside {
            Inside::Nothing => None,
            Inside::Map(entries) => entries.iter().find_map(|(_, it)| it.key.clone().or_else(|| it.shown())),
            Inside::List(items) => items.iter().find_map(Mark::shown),
        };
        self.value.clone().or_else(|| self.key.clone()).or_else(first)
    }
}

/// Reads the marks of one value.
#[derive(Clone, Copy)]
pub(crate) struct MarkSeed<'a> {
    /// The whole text that is read, in which places are counted.
    pub(crate) text: &'a str,
    pub(crate) budget: &'a Budget,
    /// `None` where every text is quoted (JSON), so that `<<` is a key as any other.
    pub(crate) plain: Option<Plain<'a>>,
}

impl MarkSeed<'_> {
    /// The place of something that was borrowed from the text, with the quotes around it.
    fn place(&self, piece: &str) -> Option<Range<usize>> {
        let start = (piece.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let range = start..start.checked_add(piece.len())?;
        self.text.get(range.clone()).filter(|found| *found == piece)?;
        let bytes = self.text.as_bytes();
        let quote = start.checked_sub(1).and_then(|it| bytes.get(it)).filter(|it| matches!(it, b'"' | b'\''));
        Some(match quote.is_some() && bytes.get(range.end) == quote {
            true => start - 1..range.end + 1,
            false => range,
        })
    }

    /// A scalar in the line of its key, which ends at `after`.
    fn behind(&self, after: usize) -> Option<Range<usize>> {
        let line = self.text.get(after..)?.split(['\n', '\r']).next()?;
        let colon = line.find(|it| !matches!(it, ' ' | '\t')).filter(|at| line[*at..].starts_with(':'))?;
        let value = line[colon + 1..].trim_start_matches([' ', '\t']);
        let start = after + line.len() - value.len();
        let end = value.find(" #").unwrap_or(value.len());
        let end = match value.starts_with(['"', '\'']) {
            true => quoted(value)?,
            false => value[..end].find([',', '}', ']']).unwrap_or(end),
        };
        let value = value.get(..end)?.trim_end();
        let is_scalar = !value.is_empty() && !value.starts_with(['|', '>', '{', '[', '#', '&', '*', '!']);
        is_scalar.then(|| start..start + value.len())
    }
}

/// Where a quoted text ends, behind its closing quote.
fn quoted(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.first()?;
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' if quote == b'"' => at += 1,
            it if it == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            it if it == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

impl<'de> DeserializeSeed<'de> for MarkSeed<'_> {
    type Value = Mark;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Mark, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl MarkSeed<'_> {
    fn unknown<E: Error>(self, cost: usize) -> Result<Mark, E> {
        self.budget.take(cost + 1)?;
        Ok(Mark::default())
    }
}

impl<'de> Visitor<'de> for MarkSeed<'_> {
    type Value = Mark;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_none<E: Error>(self) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Mark, E> {
        self.unknown(0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Mark, E> {
        self.unknown(text.len())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Mark, E> {
        self.budget.take(text.len() + 1)?;
        // An empty text may lie anywhere.
        let value = self.place(text).filter(|it| !it.is_empty() && !self.text[it.clone()].contains('\n'));
        Ok(Mark { value, ..Mark::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Mark, A::Error> {
        self.budget.take(1)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Mark { inside: Inside::List(list), ..Mark::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Mark, A::Error> {
        self.budget.take(1)?;
        let mut entries = Vec::new();
        let mut merged = Vec::new();
        while let Some((name, place)) = members.next_key_seed(KeySeed(self))? {
            let mut mark = members.next_value_seed(self)?;
            let is_merge = name == "<<" && place.as_ref().is_some_and(|it| self.text.get(it.clone()) == Some("<<"));
            if is_merge && self.plain.is_some() {
                merged.push(mark.inside);
                continue;
            }
            if mark.inside == Inside::Nothing && mark.value.is_none() {
                mark.value = place.as_ref().and_then(|it| self.behind(it.end));
            }
            mark.key = place;
            entries.push((name, mark));
        }
        merged.into_iter().for_each(|it| merge(&mut entries, it));
        Ok(Mark { inside: Inside::Map(entries), ..Mark::default() })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Mark, A::Error> {
        Err(Error::custom("a tag has no meaning here"))
    }
}

/// A map, or a list of maps of which the first wins: whoever looks for a key takes the first one.
fn merge(entries: &mut Vec<(String, Mark)>, merged: Inside) {
    match merged {
        Inside::Nothing => {}
        Inside::Map(more) => entries.extend(more),
        Inside::List(maps) => maps.into_iter().for_each(|it| merge(entries, it.inside)),
    }
}

/// Reads a key as the text that a value tree has for it, and its place.
struct KeySeed<'a>(MarkSeed<'a>);

type Key = (String, Option<Range<usize>>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl KeySeed<'_> {
    fn name<E: Error>(&self, name: String) -> Result<Key, E> {
        self.0.budget.take(name.len() + 1)?;
        Ok((name, None))
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a boolean as a key")
    }

    fn visit_bool<E: Error>(self, key: bool) -> Result<Key, E> {
        self.name(key.to_string())
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<Key, E> {
        self.name(key.to_string())
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<Key, E> {
        self.name(key.to_string())
    }

    fn visit_i128<E: Error>(self, key: i128) -> Result<Key, E> {
        self.name(key.to_string())
    }

    fn visit_u128<E: Error>(self, key: u128) -> Result<Key, E> {
        self.name(key.to_string())
    }

    fn visit_f64<E: Error>(self, key: f64) -> Result<Key, E> {
        self.name(key.to_string())
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        self.name(key.to_owned())
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key, E> {
        let place = self.0.place(key).filter(|it| !it.is_empty());
        let (name, _) = self.name(key.to_owned())?;
        Ok((name, place))
    }
}
