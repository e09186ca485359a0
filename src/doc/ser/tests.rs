//! What a struct becomes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use super::*;
use crate::why::Derived;

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    min_replicas: Derived<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<i64>,
    null: Option<i64>,
    kind: Kind,
    shapes: Vec<Kind>,
    ports: BTreeMap<u16, &'static str>,
    policies: Derived<Vec<Derived<String>>>,
    ratio: f64,
}

#[derive(serde::Serialize)]
enum Kind {
    Plain,
    New(bool),
    Pair(i8, char),
    Named { x: u8 },
}

#[test]
fn fields_keep_their_order_and_addresses() {
    let derived = |value: &str, address| Derived { value: value.to_owned(), address: Address::verbatim(address) };
    let sample = Sample {
        min_replicas: Derived { value: 5, address: Address::verbatim("service.api.min") },
        absent: None,
        null: None,
        kind: Kind::Plain,
        shapes: vec![Kind::New(true), Kind::Pair(-1, 'x'), Kind::Named { x: 1 }],
        ports: BTreeMap::from([(80, "http")]),
        policies: Derived { value: vec![derived("100m", "leaf")], address: Address::verbatim("list") },
        ratio: 0.5,
    };
    let node = to_node(&sample).unwrap();
    let addressed = |path: &str| node.at(&crate::doc::value::Path::parse(path).unwrap()).unwrap().address.clone();
    assert_eq!(addressed("minReplicas"), Some(Address::verbatim("service.api.min")));
    assert_eq!(addressed("policies"), Some(Address::verbatim("list")));
    assert_eq!(addressed("policies[0]"), Some(Address::verbatim("leaf")));
    let Value::Map(entries) = &node.value else { panic!("a struct is a map") };
    assert!(matches!(entries[0].0, Cow::Borrowed("minReplicas")));
    let expected = "minReplicas: 5\nnull: null\nkind: Plain\nshapes:\n- New: true\n- Pair:\n  - -1\n  - x\n\
        - Named:\n    x: 1\nports:\n  \"80\": http\npolicies:\n- 100m\nratio: 0.5\n";
    assert_eq!(crate::doc::yaml::print(&[node], &|_| None), expected.replacen("\nnull:", "\n\"null\":", 1));
}

#[test]
fn what_has_no_place_is_an_error() {
    assert_eq!(
        to_node(&u64::MAX).unwrap_err().to_string(),
        "18446744073709551615 does not fit into 64 bits with a sign"
    );
    assert!(to_node(&i128::MIN).is_err());
    assert!(to_node(&BTreeMap::from([((1, 2), 3)])).is_err());
}
