//! What the reader of nginx accepts, and the trees it makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::doc::json;

#[track_caller]
fn check(text: &str, expected: &str) {
    let directives = parse(text).unwrap();
    let shown: Vec<String> = blocks(&directives)
        .iter()
        .map(|it| format!("{} {}: {}", it.kind, it.name, json::print(&it.tree).split_whitespace().collect::<String>()))
        .collect();
    assert_eq!(shown.join("\n"), expected);
}

#[track_caller]
fn words(text: &str) -> Vec<String> {
    let directives = parse(text).unwrap();
    let [directive] = directives.as_slice() else { panic!("{directives:?}") };
    [vec![directive.name.clone()], directive.arguments.clone()].concat()
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(parse(text).unwrap_err().to_string(), expected);
}

#[test]
fn words_are_those_of_nginx() {
    assert_eq!(words("a b\tc\r\n d;"), ["a", "b", "c", "d"]);
    assert_eq!(words("a 'b c' \"d;{}#\" e#f;"), ["a", "b c", "d;{}#", "e#f"]);
    assert_eq!(words("a # b;\n c;"), ["a", "c"]);
    assert_eq!(words(r#"a "b\"c" d\ e \;f \x;"#), ["a", "b\"c", "d\\ e", "\\;f", "\\x"]);
    assert_eq!(words("a ${b}c x=\"y\";"), ["a", "${b}c", "x=\"y\""]);
    assert_eq!(words("a \"\" '';"), ["a", "", ""]);
    assert_eq!(words("\u{feff}a é\\é;"), ["a", "é\\é"]);
    assert_eq!(words("if ($a = \"b\") {}"), ["if", "($a", "=", "b", ")"]);
}

#[test]
fn faults_have_their_line() {
    refused("a b", "unexpected end of the file (line 1)");
    refused("a b ", "unexpected end of the file, expecting `;` or `}` (line 1)");
    refused("\na {\nb;\n", "the block `a` is not closed (line 2)");
    refused("a;\n}", "unexpected `}` (line 2)");
    refused("a }", "unexpected `}`: no `;` ends `a` (line 1)");
    refused(";", "unexpected `;` (line 1)");
    refused("a;\n\nb 'c\n;", "a quote is not closed (line 3)");
    refused("a 'b'c;", "unexpected `c` behind a closing quote (line 1)");
    refused("\na_by_lua_block { {", "the block of Lua is not closed (line 2)");
    refused(&"a {".repeat(100_000), "blocks stand deeper than 64 in each other (line 1)");
}

#[test]
fn lua_is_passed_over() {
    let text = "server {\n content_by_lua_block {\n  local a = \"}\" -- }\n  if a then b({}) end\n }\n listen 81;\n}";
    check(text, r#"server _:81: {"content_by_lua_block":{},"listen81":""}"#);
}

#[test]
fn upstreams_are_found_at_any_depth() {
    let text =
        "events {}\nhttp { upstream a { least_conn; server b:1 max_fails=3 backup; server b:2; keepalive 32; } }";
    check(
        text,
        r#"upstream a: {"least_conn":"","serverb:1":{"max_fails":"3","backup":""},"serverb:2":{},"keepalive":"32"}"#,
    );
}

#[test]
fn servers_are_named_by_what_they_answer_to() {
    let text = "server { listen 80; listen [::]:443 ssl; server_name a.com b.com;
        location / { proxy_pass http://x; proxy_set_header Host $host; proxy_set_header Connection \"\"; }
        return 301; return 301; }";
    check(
        text,
        "server a.com b.com:80,[::]:443: {\"listen80\":\"\",\"listen[::]:443\":\"ssl\",\"server_name\":\"a.comb.com\",\
         \"location/\":{\"proxy_pass\":\"http://x\",\"proxy_set_headerHost\":\"$host\",\
         \"proxy_set_headerConnection\":\"\\\"\\\"\"},\"return301\":\"\",\"return301(2)\":\"\"}",
    );
}
