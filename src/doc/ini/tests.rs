//! Laws of the ini dialect, and what its reader says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn silent(_: &Address) -> Option<String> {
    None
}

fn node() -> impl Strategy<Value = Node> {
    let nasty =
        prop::sample::select(vec!["it's", "a b", "'", "''", "; no", "# no", "a=b", "[x]", "%include", "~", "\\n"]);
    let text = prop_oneof![nasty.prop_map(str::to_owned), "[ -~]{0,12}", "\\PC{1,6}"];
    let text = text.prop_filter_map("unprintable", |text| {
        let is_int = text.parse::<i64>().is_ok_and(|int| int.to_string() == text);
        (!is_int && pair_value_is_printable(&text).is_ok()).then(|| Value::Text(text.into()))
    });
    prop_oneof![any::<i64>().prop_map(Value::Int), text].prop_map(Node::from)
}

fn ini() -> impl Strategy<Value = Ini> {
    let key = "[a-zA-Z0-9_.*-]{1,8}";
    let scalars = prop::collection::btree_map(key, node().prop_map(IniValue::Scalar), 0..5);
    let pairs = prop::collection::btree_map(key, node(), 0..4).prop_map(|it| IniValue::Pairs(it.into_iter().collect()));
    let databases = prop::collection::btree_map(key, pairs, 0..4);
    let entries = |it: std::collections::BTreeMap<String, IniValue>| {
        it.into_iter().map(|(key, value)| Entry { key, value }).collect()
    };
    (scalars, databases).prop_map(move |(scalars, databases)| Ini {
        sections: vec![
            Section { name: "databases".to_owned(), entries: entries(databases) },
            Section { name: "pgbouncer".to_owned(), entries: entries(scalars) },
        ],
    })
}

proptest! {
    #[test]
    fn reading_gives_what_was_printed(ini in ini()) {
        let text = print(&ini, &silent);
        prop_assert_eq!(parse(&text).expect("own output"), ini.clone());
        prop_assert_eq!(parse(&text.replace('\n', "\r\n")).expect("CRLF"), ini);
    }

    #[test]
    fn comments_change_nothing(ini in ini(), comment in "\\PC*\n?[\\s\\S]*") {
        let mut commented = ini.clone();
        for entry in commented.sections.iter_mut().flat_map(|section| &mut section.entries) {
            match &mut entry.value {
                IniValue::Scalar(node) => node.address = Some(Address::verbatim("a")),
                IniValue::Pairs(pairs) => pairs.iter_mut().for_each(|(_, it)| it.address = Some(Address::verbatim("a"))),
            }
        }
        let text = print(&commented, &|_| Some(comment.clone()));
        prop_assert_eq!(parse(&text).expect("own output"), ini.clone());
        let bare: String = text.split_inclusive('\n').filter(|line| !line.starts_with(';')).collect();
        prop_assert_eq!(bare, print(&ini, &silent));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]=;#%' a-c\t\r\n\u{0}é]*|\\PC*") {
        _ = parse(&text);
    }
}

#[test]
fn a_derived_number_has_its_formula_above() {
    let derived = |int, address: &str| Node { value: Value::Int(int), address: Some(Address::verbatim(address)) };
    let text = |text: &'static str| Node::from(Value::Text(text.into()));
    let pairs = vec![
        ("host".to_owned(), text("db")),
        ("password".to_owned(), text("it's me")),
        ("pool_size".to_owned(), derived(20, "p")),
    ];
    let ini = Ini {
        sections: vec![
            Section {
                name: "databases".to_owned(),
                entries: vec![Entry { key: "app".to_owned(), value: IniValue::Pairs(pairs) }],
            },
            Section {
                name: "pgbouncer".to_owned(),
                entries: vec![
                    Entry { key: "max_client_conn".to_owned(), value: IniValue::Scalar(derived(300, "m")) },
                    Entry { key: "server_check_query".to_owned(), value: IniValue::Scalar(text("")) },
                ],
            },
        ],
    };
    let expected = "[databases]\n; pool_size: formula of p\napp = host=db password='it''s me' pool_size=20\n\n\
        [pgbouncer]\n; formula of m\nmax_client_conn = 300\nserver_check_query =\n";
    assert_eq!(print(&ini, &|address| Some(format!("formula\nof {address}"))), expected);
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(parse(text).expect_err(text).to_string(), expected);
}

#[test]
fn the_reader_names_the_line() {
    refused("a = 1", "a setting stands before the first section (line 1)");
    refused("[pgbouncer]\n%include x", "`%include` and other directives are not followed (line 2)");
    refused("[pgbouncer]\nwhat", "expected `key = value` (line 2)");
    refused(
        "[pgbouncer]\n\"a\" = 1",
        "the key `\"a\"` contains `\"`, which PgBouncer does not read in a name (line 2)",
    );
    refused("[pgbouncer]\na=1\na=2", "`a` stands twice in `[pgbouncer]` (line 3)");
    refused("[pgbouncer]\n[pgbouncer]", "a second `[pgbouncer]` makes PgBouncer forget the first (line 2)");
    refused("[pgbouncer", "a section's name needs `]` on the same line (line 1)");
    refused("[databases]\nx = host=", "`host` is empty, which PgBouncer refuses (line 2)");
    refused("[databases]\nx = host='a", "`host` has a quote that is not closed (line 2)");
    refused("[databases]\nx = host='a'port=1", "`host` needs a blank after its closing quote (line 2)");
    refused("[databases]\nx = host", "expected `=` after `host` (line 2)");
}

#[test]
fn a_comment_behind_a_value_is_part_of_it() {
    let ini = parse("; head\n[databases]\n* =\n# note\n[pgbouncer] ; yes\n\tport = 5432 ; no\n").unwrap();
    let port = ini.section("pgbouncer").and_then(|section| section.get("port")).unwrap();
    assert_eq!(port, &IniValue::Scalar(Value::Text("5432 ; no".into()).into()));
    assert_eq!(ini.section("databases").unwrap().get("*"), Some(&IniValue::Pairs(Vec::new())));
}

#[test]
fn unprintable_values_say_why() {
    let check = |value: &str, expected: &str| assert_eq!(value_is_printable(value).unwrap_err(), expected);
    check("a\nb", "contains a newline, which an ini of PgBouncer cannot hold");
    check("a\tb", "contains a tab, which an ini of PgBouncer cannot hold");
    check("a\u{7f}", "contains U+007F, which an ini of PgBouncer cannot hold");
    check(" a", "starts with a blank, which PgBouncer drops");
    check("a ", "ends with a blank, which PgBouncer drops");
    assert!(pair_value_is_printable("").is_err() && value_is_printable("").is_ok());
    assert!(key_is_printable("my db").is_err() && key_is_printable("my-db.x*").is_ok());
}
