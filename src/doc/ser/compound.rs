//! Lists, maps, keys and enum variants of the serializer.
//!
//! It knows how a tree is assembled, and nothing of scalars or addresses.

use std::borrow::Cow;

use serde::ser::{self, Serialize};

use super::{Error, Node, ToNode, Value};

/// A list under construction.
pub(in crate::doc) struct List(pub(super) Vec<Node>);

impl ser::SerializeSeq for List {
    type Ok = Node;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.0.push(value.serialize(ToNode)?);
        Ok(())
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Value::List(self.0).into())
    }
}

impl ser::SerializeTuple for List {
    type Ok = Node;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Node, Error> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Node;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Node, Error> {
        ser::SerializeSeq::end(self)
    }
}

/// A map under construction.
pub(in crate::doc) struct Map {
    pub(super) entries: Vec<(Cow<'static, str>, Node)>,
    pub(super) key: Option<Cow<'static, str>>,
}

impl ser::SerializeMap for Map {
    type Ok = Node;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(key_of(key.serialize(ToNode)?)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().ok_or_else(|| ser::Error::custom("a value stands before its key"))?;
        self.entries.push((key, value.serialize(ToNode)?));
        Ok(())
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Value::Map(self.entries).into())
    }
}

impl ser::SerializeStruct for Map {
    type Ok = Node;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.entries.push((Cow::Borrowed(key), value.serialize(ToNode)?));
        Ok(())
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Value::Map(self.entries).into())
    }
}

fn key_of(node: Node) -> Result<Cow<'static, str>, Error> {
    match node.value {
        Value::Text(text) => Ok(text),
        Value::Int(int) => Ok(int.to_string().into()),
        Value::Bool(it) => Ok(Cow::Borrowed(if it { "true" } else { "false" })),
        _ => Err(ser::Error::custom("a map key must be a text, a number or a boolean")),
    }
}

/// An enum variant with content: a map of its name alone.
pub(in crate::doc) struct Variant<C> {
    pub(super) name: &'static str,
    pub(super) content: C,
}

impl<C> Variant<C> {
    fn wrap(name: &'static str, content: Node) -> Node {
        Value::Map(vec![(Cow::Borrowed(name), content)]).into()
    }
}

impl ser::SerializeTupleVariant for Variant<List> {
    type Ok = Node;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(&mut self.content, value)
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Self::wrap(self.name, ser::SerializeSeq::end(self.content)?))
    }
}

impl ser::SerializeStructVariant for Variant<Map> {
    type Ok = Node;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        ser::SerializeStruct::serialize_field(&mut self.content, key, value)
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Self::wrap(self.name, ser::SerializeStruct::end(self.content)?))
    }
}
