//! The documents of a large YAML text.

use super::kubernetes;
use crate::doc::value::{Fault, Node};
use crate::doc::yaml::{self, Limits};

/// Every document, and for a List its members.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, Fault> {
    Ok(yaml::parse(text, &Limits::default())?.into_iter().flat_map(kubernetes::members).collect())
}
