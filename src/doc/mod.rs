//! Documents: what capgen writes, as data. The closed set of formats is [`Body`].
//!
//! A leaf carries the [`Address`] of the value that decided it, so every later stage can ask why it is there.
//! This module alone knows how each format is read and printed.

pub mod conf;
pub mod ini;
pub mod json;
pub mod leaves;
pub mod markup;
pub mod mask;
pub mod nginx;
pub mod object;
pub mod ser;
pub mod state;
pub mod template;
pub mod value;
pub mod yaml;

use crate::why::Address;
use conf::Conf;
use ini::Ini;
use value::Node;

/// One file that should exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// Relative to the output folder, with `/`, made of checked names only.
    pub path: String,
    /// The spec table that asks for the file: `service.api`.
    pub owner: Address,
    pub body: Body,
}

/// The formats that capgen prints.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// One or more YAML documents.
    Yaml(Vec<Node>),
    /// A PgBouncer ini.
    Ini(Ini),
    /// One setting a line: PostgreSQL, Redis.
    Conf(Conf),
    /// One JSON document.
    Json(Node),
    /// The output of a template, or a format without structure. It carries the reasons of its whole context.
    Text(Text),
}

/// A text and the addresses that went into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    /// How a comment line starts in this format.
    pub comment: &'static str,
    pub causes: Vec<Address>,
}
