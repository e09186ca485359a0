//! Our own typed structs as value trees.
//!
//! Field names stay borrowed, maps keep their order, and a [`Derived`](crate::why::Derived) leaves its address on the
//! node of its value. It must not know what the structs mean; optional fields are left out by the structs themselves.

mod compound;

use std::borrow::Cow;
use std::fmt;

use serde::ser::{self, Serialize};

use super::value::{Node, Value};
use crate::why::{Address, DERIVED};
use compound::{List, Map, Variant};

/// A value that has no place in a document: a mistake in one of our structs, never in the user's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The tree of a struct, fields in their order; `None` becomes null.
///
/// # Errors
/// An integer outside `i64`, bytes, or a map key that is not a text, a number or a boolean.
pub fn to_node<T: Serialize + ?Sized>(value: &T) -> Result<Node, Error> {
    value.serialize(ToNode)
}

/// The serializer behind [`to_node`].
pub(super) struct ToNode;

fn node(value: Value) -> Result<Node, Error> {
    Ok(Node::from(value))
}

fn outside(value: impl fmt::Display) -> Error {
    Error(format!("{value} does not fit into 64 bits with a sign"))
}

impl ser::Serializer for ToNode {
    type Ok = Node;
    type Error = Error;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Variant<List>;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Variant<Map>;

    fn serialize_bool(self, value: bool) -> Result<Node, Error> {
        node(Value::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Node, Error> {
        node(Value::Int(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Result<Node, Error> {
        node(Value::Int(value.into()))
    }

    fn serialize_i32(self, value: i32) -> Result<Node, Error> {
        node(Value::Int(value.into()))
    }

    fn serialize_i64(self, value: i64) -> Result<Node, Error> {
        node(Value::Int(value))
    }

    fn serialize_i128(self, value: i128) -> Result<Node, Error> {
        node(Value::Int(i64::try_from(value).map_err(|_| outside(value))?))
    }

    fn serialize_u8(self, value: u8) -> Result<Node, Error> {
        node(Value::Int(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Result<Node, Error> {
        node(Value::Int(value.into()))
    }

    fn serialize_u32(self, value: u32) -> Result<Node, Error> {
        node(Value::Int(value.into()))
    }

    fn serialize_u64(self, value: u64) -> Result<Node, Error> {
        node(Value::Int(i64::try_from(value).map_err(|_| outside(value))?))
    }

    fn serialize_u128(self, value: u128) -> Result<Node, Error> {
        node(Value::Int(i64::try_from(value).map_err(|_| outside(value))?))
    }

    fn serialize_f32(self, value: f32) -> Result<Node, Error> {
        node(Value::Float(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<Node, Error> {
        node(Value::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Node, Error> {
        node(Value::Text(value.to_string().into()))
    }

    fn serialize_str(self, value: &str) -> Result<Node, Error> {
        node(Value::Text(value.to_owned().into()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Node, Error> {
        Err(ser::Error::custom("bytes have no place in a document"))
    }

    fn serialize_none(self) -> Result<Node, Error> {
        node(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, Error> {
        node(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Error> {
        node(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Node, Error> {
        node(Value::Text(variant.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Node, Error> {
        if name != DERIVED {
            return value.serialize(self);
        }
        let address = Address::passed();
        Ok(Node { address, ..value.serialize(self)? })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Error> {
        node(Value::Map(vec![(Cow::Borrowed(variant), value.serialize(self)?)]))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, Error> {
        Ok(List(Vec::with_capacity(len.unwrap_or(0))))
    }

    fn serialize_tuple(self, len: usize) -> Result<List, Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List, Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        len: usize,
    ) -> Result<Variant<List>, Error> {
        Ok(Variant { name, content: self.serialize_seq(Some(len))? })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Map, Error> {
        Ok(Map { entries: Vec::with_capacity(len.unwrap_or(0)), key: None })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Map, Error> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        len: usize,
    ) -> Result<Variant<Map>, Error> {
        Ok(Variant { name, content: self.serialize_map(Some(len))? })
    }
}

#[cfg(test)]
mod tests;
