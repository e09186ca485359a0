//! An explanation, for people and for programs.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::diag::source::Sources;
use crate::doc::leaves::Leaf;
use crate::doc::mask;
use crate::why::{Address, Causes, Origin, Why};

/// What was asked, resolved.
#[derive(Debug, Clone)]
pub enum Question {
    /// Single numbers.
    Numbers(Vec<Address>),
    /// Everything below a table.
    Table(Vec<Address>),
    /// Places in files.
    Places(Vec<String>),
    /// A line of the spec: what is written on it, and what depends on that.
    Line { place: String, written: Vec<Address>, decided: Vec<Address> },
}

/// Everything that an explanation is made of.
#[derive(Debug)]
pub struct Explanation<'a> {
    pub question: Question,
    pub causes: &'a Causes,
    pub leaves: &'a [Leaf<'a>],
    pub sources: &'a Sources,
}

/// The format version of [`json`].
const FORMAT_VERSION: u32 = 1;

/// The explanation for people.
pub fn text(explanation: &Explanation<'_>) -> String {
    let mut out = String::new();
    match &explanation.question {
        Question::Numbers(addresses) => {
            for address in addresses {
                number(explanation, address, &mut out);
            }
        }
        Question::Table(addresses) => {
            for address in addresses {
                overview(explanation, address, &mut out);
            }
        }
        Question::Places(places) => {
            for leaf in explanation.leaves.iter().filter(|leaf| places.contains(&leaf.place())) {
                let is_single = places.len() == 1;
                place(explanation, leaf, is_single, &mut out);
            }
        }
        Question::Line { place, written, decided } => line(explanation, place, written, decided, &mut out),
    }
    out
}

/// A number with its whole chain of reasons, and where it stands.
fn number(explanation: &Explanation<'_>, address: &Address, out: &mut String) {
    let mut seen = BTreeSet::new();
    chain(explanation, address, 0, &mut seen, out);
    if let Some(asked) = explanation.causes.asked(address) {
        let _ = writeln!(out, "the model alone would say {}", mask::decided(address, asked.value));
        formula(asked, 1, out);
        for input in asked.inputs {
            chain(explanation, input, 2, &mut seen, out);
        }
    }
    let own = explanation.leaves.iter().filter(|leaf| leaf.address == Some(address));
    let places = each_once(own.map(Leaf::place));
    if !places.is_empty() {
        let _ = writeln!(out, "stands in");
        for place in places {
            let _ = writeln!(out, "  {place}");
        }
    }
}

fn chain<'a>(
    explanation: &Explanation<'a>,
    address: &'a Address,
    depth: usize,
    seen: &mut BTreeSet<&'a Address>,
    out: &mut String,
) {
    let indent = "  ".repeat(depth);
    let Some(why) = explanation.causes.get(address) else { return };
    let value = mask::decided(address, why.value);
    if !seen.insert(address) && !why.inputs.is_empty() {
        let _ = writeln!(out, "{indent}{address} = {value}, as above");
        return;
    }
    match why.origin {
        Origin::Formula { .. } => {
            let _ = writeln!(out, "{indent}{address} = {value}");
            formula(why, depth + 1, out);
        }
        _ => {
            let _ = writeln!(out, "{indent}{address} = {value}   ({})", source(explanation, address, why));
        }
    }
    for input in why.inputs {
        chain(explanation, input, depth + 2, seen, out);
    }
}

/// The lines of a formula: by names, then with the numbers in.
fn formula(why: Why<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    if let Origin::Formula { symbolic, numbers } = why.origin {
        let _ = writeln!(out, "{indent}= {symbolic}");
        let _ = writeln!(out, "{indent}= {numbers}");
    }
}

/// Where a value that is no formula comes from.
fn source(explanation: &Explanation<'_>, address: &Address, why: Why<'_>) -> String {
    let sources = explanation.sources;
    match why.origin {
        Origin::Written(span) if explanation.causes.asked(address).is_some() => {
            format!("pinned at {}", sources.place(span))
        }
        Origin::Written(span) => sources.place(span),
        Origin::Default(reason) => format!("default: {reason}"),
        Origin::Catalogue(row) => format!("catalogue: {row}"),
        Origin::Formula { numbers, .. } => numbers.to_string(),
    }
}

/// One line about a value.
fn overview(explanation: &Explanation<'_>, address: &Address, out: &mut String) {
    if let Some(why) = explanation.causes.get(address) {
        let value = mask::decided(address, why.value);
        let _ = writeln!(out, "{address} = {value}   ({})", source(explanation, address, why));
    }
}

fn place(explanation: &Explanation<'_>, leaf: &Leaf<'_>, is_single: bool, out: &mut String) {
    match (leaf.address, leaf.path.0.is_empty()) {
        (Some(address), true) => overview(explanation, address, out),
        (Some(address), false) if is_single => {
            let _ = writeln!(out, "{}: {}", leaf.place(), leaf.value);
            number(explanation, address, out);
        }
        (Some(address), false) => {
            let from = explanation.causes.get(address).map(|why| source(explanation, address, why));
            let _ = writeln!(out, "{}: {}   {address} ({})", leaf.place(), leaf.value, from.unwrap_or_default());
        }
        (None, _) => {
            let _ = writeln!(
                out,
                "{}: {}   no number: the target writes it for `{}`",
                leaf.place(),
                leaf.value,
                leaf.owner
            );
        }
    }
}

fn line(explanation: &Explanation<'_>, place: &str, written: &[Address], decided: &[Address], out: &mut String) {
    if written.is_empty() {
        let _ = writeln!(out, "{place} decides nothing: a comment, a table's name, or a value that nothing uses");
        return;
    }
    let _ = writeln!(out, "{place} says");
    for address in written {
        let value = explanation.causes.get(address).map(|why| mask::decided(address, why.value)).unwrap_or_default();
        let _ = writeln!(out, "  {address} = {value}");
    }
    if !decided.is_empty() {
        let _ = writeln!(out, "which decides");
        for address in decided {
            let _ = write!(out, "  ");
            overview(explanation, address, out);
        }
    }
    let places = stands_in(explanation, written.iter().chain(decided).collect());
    if !places.is_empty() {
        let _ = writeln!(out, "and stands in");
        for place in places {
            let _ = writeln!(out, "  {place}");
        }
    }
}

fn stands_in(explanation: &Explanation<'_>, addresses: BTreeSet<&Address>) -> Vec<String> {
    let found = explanation.leaves.iter().filter(|leaf| leaf.address.is_some_and(|it| addresses.contains(it)));
    each_once(found.map(|leaf| format!("{}   {}", leaf.place(), leaf.value).trim_end().to_owned()))
}

/// In the order in which they first come: a file for people has one place for all of its numbers.
fn each_once(places: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    places.filter(|it| seen.insert(it.clone())).collect()
}

/// The explanation for programs.
pub fn json(explanation: &Explanation<'_>) -> String {
    let (places, addresses): (Vec<&Leaf<'_>>, BTreeSet<&Address>) = match &explanation.question {
        Question::Numbers(addresses) | Question::Table(addresses) => (Vec::new(), addresses.iter().collect()),
        Question::Places(places) => {
            let leaves: Vec<&Leaf<'_>> =
                explanation.leaves.iter().filter(|leaf| places.contains(&leaf.place())).collect();
            let addresses = leaves.iter().filter_map(|leaf| leaf.address).collect();
            (leaves, addresses)
        }
        Question::Line { written, decided, .. } => (Vec::new(), written.iter().chain(decided).collect()),
    };
    let mut all = BTreeSet::new();
    let mut open: Vec<&Address> = addresses.iter().copied().collect();
    while let Some(next) = open.pop() {
        if all.insert(next) {
            open.extend(explanation.causes.get(next).into_iter().flat_map(|why| why.inputs));
        }
    }
    let numbers: serde_json::Map<String, Value> = all
        .into_iter()
        .filter_map(|address| {
            let why = explanation.causes.get(address)?;
            let asked = explanation.causes.asked(address);
            Some((address.to_string(), why_json(address, why, asked, explanation.sources)))
        })
        .collect();
    let places: Vec<Value> = places
        .iter()
        .map(|leaf| json!({ "place": leaf.place(), "value": leaf.value, "address": leaf.address.map(Address::as_str) }))
        .collect();
    let answer: Vec<&str> = addresses.into_iter().map(Address::as_str).collect();
    let report = json!({ "format_version": FORMAT_VERSION, "answer": answer, "places": places, "numbers": numbers });
    format!("{report:#}\n")
}

fn why_json(address: &Address, why: Why<'_>, asked: Option<Why<'_>>, sources: &Sources) -> Value {
    let inputs: Vec<&str> = why.inputs.iter().map(Address::as_str).collect();
    let mut object = match why.origin {
        Origin::Written(span) => json!({ "origin": "written", "at": sources.place(span) }),
        Origin::Default(reason) => json!({ "origin": "default", "reason": reason }),
        Origin::Catalogue(row) => json!({ "origin": "catalogue", "row": row }),
        Origin::Formula { symbolic, numbers } => {
            json!({ "origin": "formula", "formula": &*symbolic, "numbers": numbers })
        }
    };
    if let Value::Object(members) = &mut object {
        members.insert("value".to_owned(), json!(mask::decided(address, why.value)));
        members.insert("inputs".to_owned(), json!(inputs));
        if let Some(asked) = asked {
            members.insert("model_asks".to_owned(), why_json(address, asked, None, sources));
        }
    }
    object
}
