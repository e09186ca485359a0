//! A [`Node`] from any self-describing format, with every key seen once.
//!
//! YAML and JSON share this visitor, since both of their readers let the last of two equal keys win without a word.
//! It must not know the text's syntax, apart from one question that only the text can answer: whether a scalar was
//! quoted. A plain key `<<` merges, and what else a plain text may mean says the format.
//!
//! Numbers outside `i64` without a fraction are kept as text, digit by digit; fractions become [`Value::Float`].

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use super::{Node, Value, words};

/// What a document may cost, counted over all documents of a text: one per value and one per byte of text.
///
/// Without aliases the cost is bounded by the length of the text; with them a few lines can ask for gigabytes.
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    pub(crate) fn new(amount: usize) -> Self {
        Self(Cell::new(amount))
    }

    pub(in crate::doc) fn take<E: Error>(&self, amount: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(amount);
        self.0.set(left.ok_or_else(|| E::custom("the aliases repeat too much of the document"))?);
        Ok(())
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
pub(crate) struct NodeSeed<'a> {
    pub(crate) budget: &'a Budget,
    /// `None` where every text is quoted (JSON).
    pub(crate) plain: Option<Plain<'a>>,
}

/// What texts without quotes mean (YAML).
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a> {
    /// The text being read.
    pub(crate) text: &'a str,
    /// What a plain scalar is, where it is no text after all.
    pub(crate) meaning: fn(&str) -> Option<Value>,
}

impl Plain<'_> {
    /// Whether a scalar that lies in the text stands there without quotes, and without `!!str` before it.
    fn holds(&self, scalar: &str) -> bool {
        let start = (scalar.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        let Some(before) = start.and_then(|start| self.text.get(..start)) else { return false };
        !before.ends_with(['"', '\'']) && !before.trim_end_matches(' ').ends_with("!!str")
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self).map(Node::from)
    }
}

impl NodeSeed<'_> {
    fn text<E: Error>(self, text: Cow<'static, str>) -> Result<Value, E> {
        self.budget.take(text.len() + 1)?;
        Ok(Value::Text(text))
    }

    fn scalar<E: Error>(self, value: Value) -> Result<Value, E> {
        self.budget.take(1)?;
        Ok(value)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.scalar(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.scalar(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.scalar(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.scalar(Value::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(int) => self.scalar(Value::Int(int)),
            Err(_) => self.text(value.to_string().into()),
        }
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.text(value.to_string().into())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.text(value.to_string().into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.scalar(Value::Float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.text(words::text(text))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value, E> {
        let meaning = self.plain.and_then(|plain| (plain.meaning)(text).filter(|_| plain.holds(text)));
        match meaning {
            Some(value) => self.scalar(value),
            None => self.visit_str(text),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.budget.take(1)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::List(exact(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.budget.take(1)?;
        let mut entries = Entries::default();
        let mut merged = None;
        while let Some(key) = members.next_key_seed(KeySeed { node: self, entries: &entries, merged: &merged })? {
            match key {
                Key::Name(name) => entries.push(name, members.next_value_seed(self)?),
                Key::Merge => merged = Some(members.next_value_seed(self)?),
            }
        }
        if let Some(merged) = merged {
            entries.merge(merged)?;
        }
        Ok(Value::Map(exact(entries.list)))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (tag, _) = data.variant::<String>()?;
        Err(Error::custom(format_args!("the tag `!{tag}` has no meaning here")))
    }
}

/// A list without room to grow: of a large dump that would be a quarter of its tree. To shrink it would not give it back.
pub(in crate::doc) fn exact<T>(mut list: Vec<T>) -> Vec<T> {
    if list.len() == list.capacity() {
        return list;
    }
    let mut exact = Vec::with_capacity(list.len());
    exact.append(&mut list);
    exact
}

/// The members of a map so far.
#[derive(Default)]
pub(in crate::doc) struct Entries {
    list: Vec<(Cow<'static, str>, Node)>,
    /// All keys, once looking through the list would cost more.
    index: BTreeSet<Cow<'static, str>>,
}

impl Entries {
    const SMALL: usize = 24;

    pub(in crate::doc) fn contains(&self, key: &str) -> bool {
        match self.index.is_empty() {
            true => self.list.iter().any(|(name, _)| name == key),
            false => self.index.contains(key),
        }
    }

    pub(in crate::doc) fn push(&mut self, key: Cow<'static, str>, node: Node) {
        match self.index.is_empty() {
            true if self.list.len() < Self::SMALL => {}
            true => self.index = self.list.iter().map(|(name, _)| name.clone()).chain([key.clone()]).collect(),
            false => _ = self.index.insert(key.clone()),
        }
        self.list.push((key, node));
    }

    pub(in crate::doc) fn into_list(self) -> Vec<(Cow<'static, str>, Node)> {
        self.list
    }

    /// Takes over what a merge key names: a map, or a list of maps of which the first wins. Written keys win over both.
    fn merge<E: Error>(&mut self, merged: Node) -> Result<(), E> {
        let maps = match merged.value {
            Value::List(maps) => maps,
            value => vec![value.into()],
        };
        for map in maps {
            let Value::Map(entries) = map.value else {
                return Err(E::custom("a merge key `<<` takes a map or a list of maps"));
            };
            for (key, node) in entries {
                if !self.contains(&key) {
                    self.push(key, node);
                }
            }
        }
        Ok(())
    }
}

enum Key {
    Name(Cow<'static, str>),
    Merge,
}

/// Reads one key; the error of a second equal one points at that one.
struct KeySeed<'a> {
    node: NodeSeed<'a>,
    entries: &'a Entries,
    merged: &'a Option<Node>,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl KeySeed<'_> {
    fn name<E: Error>(self, name: Cow<'static, str>) -> Result<Key, E> {
        self.node.budget.take(name.len())?;
        match self.entries.contains(&name) {
            true => Err(E::custom(format_args!("the key `{}` stands twice in one map", super::single_line(&name)))),
            false => Ok(Key::Name(name)),
        }
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a boolean as a key")
    }

    fn visit_bool<E: Error>(self, key: bool) -> Result<Key, E> {
        self.name(Cow::Borrowed(if key { "true" } else { "false" }))
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<Key, E> {
        self.name(key.to_string().into())
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<Key, E> {
        self.name(key.to_string().into())
    }

    fn visit_i128<E: Error>(self, key: i128) -> Result<Key, E> {
        self.name(key.to_string().into())
    }

    fn visit_u128<E: Error>(self, key: u128) -> Result<Key, E> {
        self.name(key.to_string().into())
    }

    fn visit_f64<E: Error>(self, key: f64) -> Result<Key, E> {
        self.name(key.to_string().into())
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        self.name(words::text(key))
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key, E> {
        match key == "<<" && self.node.plain.is_some_and(|plain| plain.holds(key)) {
            true if self.merged.is_some() => Err(E::custom("the merge key `<<` stands twice in one map")),
            true => Ok(Key::Merge),
            false => self.visit_str(key),
        }
    }
}
