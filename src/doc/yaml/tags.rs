//! Which tags of YAML's own a text may hold: those of the core schema, that its readers agree on.
//!
//! `serde_yaml` tells of tags of one's own (`!Ref`) and drops every other one in silence: what is behind
//! `!!python/object` would be read as if the tag were not there. So a text that may hold such a tag is read once more,
//! with `!!` written as the start of a tag of one's own. It is as long as before, so every place stays, and since no
//! scalar starts with `!`, no more than the contents of some texts differ.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::read::fault;
use crate::doc::value::Fault;
use crate::doc::value::read::Budget;

/// The core schema, and the `!!merge` that yq writes before `<<`.
const CORE: [&str; 8] = ["map", "seq", "str", "null", "bool", "int", "float", "merge"];

/// What stands for the second `!` of `!!`.
const OWN: char = '~';

/// What stands for a comma, which may be in a tag between `!<` and `>` only.
const COMMA: &str = "*";

/// What the core schema's tags are short for.
const PREFIX: &str = "tag:yaml.org,2002:";

/// Refuses every tag that is not of the core schema, and directives that give tags other names.
pub(super) fn check(text: &str, budget: &Budget) -> Result<(), Fault> {
    if let Some(index) = text.split('\n').position(|line| line.starts_with("%TAG")) {
        return Err(Fault::line(index + 1, "the directive `%TAG` has no meaning here".to_owned()));
    }
    if !text.contains("!!") && !text.contains("!<") {
        return Ok(());
    }
    let own = own(text);
    for document in serde_yaml::Deserializer::from_str(&own) {
        Tags { budget }.deserialize(document).map_err(|error| fault(&error))?;
    }
    Ok(())
}

/// The text with tags of one's own only, byte for byte as long.
fn own(text: &str) -> String {
    let mut own = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("!!").into_iter().chain(rest.find("!<")).min() {
        let (before, tag) = rest.split_at(at);
        own.push_str(before);
        own.push('!');
        own.push(OWN);
        rest = &tag[2..];
        // `!<tag:yaml.org,2002:int>` is `!!int`, letter by letter.
        let end = rest.find(|it: char| it == '>' || it.is_whitespace());
        if let Some(end) = end.filter(|end| tag.starts_with("!<") && rest[*end..].starts_with('>')) {
            own.push_str(&rest[..end].replace(',', COMMA));
            own.push(OWN);
            rest = &rest[end + 1..];
        }
    }
    own + rest
}

/// The tag as it was written, and whether it is one of the core schema.
fn read(tag: &str) -> (String, bool) {
    match tag.strip_prefix(OWN) {
        None => (format!("!{tag}"), false),
        Some(tag) => match tag.strip_suffix(OWN) {
            None => (format!("!!{tag}"), CORE.contains(&tag)),
            Some(tag) => {
                let tag = tag.replace(COMMA, ",");
                let is_core = tag.strip_prefix(PREFIX).is_some_and(|tag| CORE.contains(&tag));
                (format!("!<{tag}>"), is_core)
            }
        },
    }
}

/// Reads a value for its tags alone.
#[derive(Clone, Copy)]
struct Tags<'a> {
    budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for Tags<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.budget.take(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tags<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key_seed(self)?.is_some() {
            members.next_value_seed(self)?;
        }
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        let (tag, content) = data.variant::<String>()?;
        match read(&tag) {
            (_, true) => content.newtype_variant_seed(self),
            (tag, false) => Err(Error::custom(format_args!("the tag `{tag}` has no meaning here"))),
        }
    }
}
