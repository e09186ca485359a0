//! Why a number is what it is.
//!
//! Every decided value is a [`Derived`] with an [`Address`]; its [`Why`] stands in one registry, [`Causes`].
//! What was written, what defaults, what a catalogue says and what a formula gave are entries of the same kind, so
//! causes chain, and `explain`, `--reverse`, the comment beside a number, "because" and the lints read one thing.

pub mod values;

mod causes;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::ser::{Serialize, Serializer};

use crate::diag::source::Span;

pub use causes::{Causes, Finder};

/// Tables of the spec that have keys of their own; below every other one stand tables with names. Sorted.
pub const SINGLE: [&str; 10] =
    ["alerts", "cluster", "compose", "dashboard", "ecs", "emergency", "metrics", "output", "platform", "runbook"];

/// The path of a value's pin in the spec, quoted like TOML: `service.api.autoscale.max`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

impl Address {
    /// The address of a key path.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = String::new();
        for key in keys {
            push_key(&mut text, key);
        }
        Self(text.into())
    }

    /// An address that is already in its written form.
    pub fn verbatim(text: &str) -> Self {
        Self(text.into())
    }

    /// The address one key below.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        thread_local! {
            /// A model makes hundreds of thousands of these, and each is copied to its own place in the end.
            static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
        }
        TEXT.with_borrow_mut(|text| {
            text.clear();
            text.push_str(&self.0);
            push_key(text, key);
            Self(text.as_str().into())
        })
    }

    /// The address of an array's element: `upstream.web.servers[0]`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0).into())
    }

    /// The address of the [`Derived`] that a serializer was just handed; there is none a second time.
    pub fn passed() -> Option<Self> {
        PASSED.take()
    }

    /// Whether both are one in memory, which spares comparing their texts; equal ones need not be.
    fn is_one_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two keys, the table that it belongs to: `service.api`.
    pub fn table(&self) -> &str {
        table_of(&self.0)
    }

    /// The header of the spec under which it is written: `service.api`, or `cluster` of `cluster.name`.
    pub fn header(&self) -> &str {
        let first = self.0.split('.').next().unwrap_or_default();
        if SINGLE.contains(&first) { first } else { self.table() }
    }

    /// Whether this address is `other` or lies below it.
    pub fn is_within(&self, other: &Address) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

fn push_key(text: &mut String, key: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    match bare {
        true => text.push_str(key),
        false => {
            text.push('"');
            for character in key.chars() {
                match character {
                    '"' => text.push_str("\\\""),
                    '\\' => text.push_str("\\\\"),
                    it if it.is_control() => text.push_str(&format!("\\u{:04X}", u32::from(it))),
                    it => text.push(it),
                }
            }
            text.push('"');
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// It stands in the spec, or in a `--set` flag.
    Written(Span),
    /// Nobody wrote it; the text says why this value.
    Default(&'static str),
    /// A row of a table that capgen carries, with its source.
    Catalogue(&'a str),
    /// It was computed: the formula by names, and with the numbers in.
    Formula { symbolic: Symbolic<'a>, numbers: &'a str },
}

/// A formula by names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbolic<'a> {
    /// One of the model's own.
    Ours(&'static str),
    /// One that stands in the spec.
    OfSpec(&'a str),
}

impl Deref for Symbolic<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Ours(text) => text,
            Self::OfSpec(text) => text,
        }
    }
}

/// The reason of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why<'a> {
    /// The value as text, as `explain` and the lock print it.
    pub value: &'a str,
    pub origin: Origin<'a>,
    /// What went in; each has an entry of its own.
    pub inputs: &'a [Address],
}

impl fmt::Display for Symbolic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<'a> Why<'a> {
    /// The formula with the numbers in, where one gave the value.
    pub fn numbers(&self) -> Option<&'a str> {
        match self.origin {
            Origin::Formula { numbers, .. } => Some(numbers),
            _ => None,
        }
    }

    /// Whether it was written, in the spec or in a flag.
    pub fn is_written(&self) -> bool {
        matches!(self.origin, Origin::Written(_))
    }
}

/// A decided value and the address under which its [`Why`] stands.
///
/// Serializes as a newtype of its own name, its address beside it ([`Address::passed`]): `doc`'s serializer keeps the
/// address on the leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived<T> {
    pub value: T,
    pub address: Address,
}

/// The private name by which `doc`'s serializer knows a [`Derived`].
pub const DERIVED: &str = "$capgen::why::Derived";

impl<T> Derived<T> {
    /// The same reason for a value in another form (a quantity as text, say).
    pub fn map<U>(&self, with: impl FnOnce(&T) -> U) -> Derived<U> {
        Derived { value: with(&self.value), address: self.address.clone() }
    }
}

thread_local! {
    /// The address of the value that is being serialized. Through serde it would go as text, and be copied for each of
    /// the hundreds of thousands of leaves of a large platform.
    static PASSED: Cell<Option<Address>> = const { Cell::new(None) };
}

impl<T: Serialize> Serialize for Derived<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PASSED.set(Some(self.address.clone()));
        serializer.serialize_newtype_struct(DERIVED, &self.value)
    }
}

/// The first two keys of an address: the table that it belongs to.
pub fn table_of(address: &str) -> &str {
    let mut keys = 0;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (index, byte) in address.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_quoted,
            b'"' => is_quoted = !is_quoted,
            b'.' if !is_quoted => {
                keys += 1;
                if keys == 2 {
                    return &address[..index];
                }
            }
            _ => {}
        }
    }
    address
}
