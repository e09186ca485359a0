//! What a template may print, and what is said about one that fails.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

fn context() -> Node {
    let text = |text: &'static str| Node::from(Value::Text(text.into()));
    let derived = |value: Value, address: &str| Node { value, address: Some(Address::verbatim(address)) };
    let servers = ["web1:80", "[::1]:80"].into_iter().map(text).collect();
    Value::Map(vec![
        ("name".into(), derived(Value::Text("web_backend".into()), "upstream.web")),
        ("hostile".into(), text("a; }")),
        ("empty".into(), text("")),
        ("zero".into(), derived(Value::Int(0), "upstream.web.zero")),
        ("yes".into(), Value::Bool(true).into()),
        ("nothing".into(), derived(Value::Null, "upstream.web.nothing")),
        ("servers".into(), Value::List(servers).into()),
        ("again".into(), derived(Value::Int(0), "upstream.web.zero")),
    ])
    .into()
}

fn render(source: &str) -> Result<Text, Error> {
    let template =
        Template { name: "test.j2", source: "built in\n", comment: "#", language: Language::Words, fuel: 2_000_000 };
    template.render(Some(source), &context())
}

#[track_caller]
fn check(source: &str, expect: &str) {
    assert_eq!(render(source).map(|it| it.text), Ok(expect.to_owned()));
}

#[track_caller]
fn check_refused(source: &str, message: &str, at: &str) {
    let error = render(source).unwrap_err();
    assert!(error.message.contains(message), "{}", error.message);
    assert_eq!(source.get(error.range), Some(at));
}

#[test]
fn prints_words_numbers_and_switches() {
    check("{{ name }} {{ zero }} {{ yes }}\n", "web_backend 0 true\n");
    check("{% for it in servers %}\n  server {{ it }};\n{% endfor %}\n", "  server web1:80;\n  server [::1]:80;\n");
    check("{% if nothing is not none %}x{% endif %}{% if zero is not none %}y{% endif %}", "y");
    check("{% macro m(x) %}server {{ x }};{% endmacro %}{{ m(name) }}", "server web_backend;");
    check("{% if [1, 29, 0] < [1, 29, 7] %}old{% endif %}", "old");
}

#[test]
fn takes_the_built_in_source_where_there_is_no_other() {
    let template = Template {
        name: "test.j2",
        source: "upstream {{ name }}\n",
        comment: "#",
        language: Language::Words,
        fuel: 2_000_000,
    };
    assert_eq!(template.render(None, &context()).map(|it| it.text), Ok("upstream web_backend\n".to_owned()));
}

#[test]
fn carries_the_addresses_of_its_context() {
    let addresses = ["upstream.web", "upstream.web.nothing", "upstream.web.zero"];
    assert_eq!(render("").unwrap().causes, addresses.map(Address::verbatim));
}

#[test]
fn refuses_what_could_end_a_directive() {
    check_refused("{{ hostile }}", "`a; }` contains `;`", "hostile");
    check_refused("{{ empty }}", "is empty", "empty");
    check_refused("a\n{{ nothing }}\n", "`none` has no text", "nothing");
    check_refused("{{ servers }}", "print its parts", "servers");
    check_refused("{% autoescape false %}{{ hostile }}{% endautoescape %}", "contains `;`", "hostile");
    check_refused("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(hostile) }}", "contains `;`", "x");
    for hostile in ["a b", "a\tb", "a\nb", "{", "}", "#", "'", "\"", "`", "$host", "\\", "\u{202e}", "\u{a0}"] {
        assert!(check_word(hostile).is_err(), "{hostile:?}");
    }
}

#[test]
fn keeps_a_comment_on_its_line() {
    check("# {{ 'ceil(1 / 2)\nupstream x {' | comment }}\n", "# ceil(1 / 2) upstream x {\n");
}

#[test]
fn says_what_is_wrong_and_where() {
    check_refused("{{ nmae }}", "undefined value", "nmae");
    check_refused("x\n{% if nmae %}{% endif %}", "undefined value", "nmae");
    check_refused("x\n{{ name | lwoer }}\n", "unknown filter", "lwoer");
    check_refused("{% include 'other.j2' %}", "unknown statement include", "include");
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    assert_eq!(render(endless).unwrap_err().message, "the template takes more than 2000000 steps");
    check_refused("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion", "m()");
    let error = render("{{ name\n").unwrap_err();
    assert!(error.message.starts_with("syntax error"), "{}", error.message);
}

#[test]
fn markdown_means_only_itself() {
    let render = |source: &str| {
        let template =
            Template { name: "test.md.j2", source: "", comment: "<!--", language: Language::Markdown, fuel: 10_000 };
        template.render(Some(source), &context()).map(|it| it.text)
    };
    let check = |source: &str, expect: &str| assert_eq!(render(source), Ok(expect.to_owned()));
    check("{{ hostile }} {{ hostile | sh }} {{ hostile | code }}", "a; } 'a; }' `a; }`");
    check("{{ \"<b>|\" }}{{ '<b>|' | code }}", "\\<b\\>\\|<code>&#60;b&#62;&#124;</code>");
    check("{{ 'a b>' | url }} {{ 1234567 | grouped }} {{ '*' | grouped }}", "a%20b%3E 1,234,567 \\*");
    check("{% macro m(x) %}{{ x }}{% endmacro %}{{ m('*') }}", "\\*");
    assert!(render("{{ nothing }}").is_err() && render("{{ servers | code }}").is_err());
    assert!(
        render("{% for _ in range(9999) %}{{ zero }}{% endfor %}").is_err_and(|it| it.message.contains("10000 steps"))
    );
}

#[test]
fn sql_prints_a_text_in_quotes_only() {
    let render = |source: &'static str| {
        let template = Template { name: "test.sql", source, comment: "--", language: Language::Sql, fuel: 10_000 };
        let context: Node = Value::Map(vec![("name".into(), Value::Text("a\"b'c\\; --".into()).into())]).into();
        template.render(None, &context).map(|it| it.text).map_err(|it| it.message)
    };
    assert_eq!(render("{{ name | identifier }}").unwrap(), "\"a\"\"b'c\\; --\"");
    assert_eq!(render("{{ name | literal }}").unwrap(), "'a\"b''c\\; --'");
    assert_eq!(render("{{ (name | literal) | literal }}").unwrap(), "'''a\"b''''c\\; --'''");
    let refused = "a text of SQL is printed by the filter `identifier` or `literal`";
    assert_eq!(render("{{ name }}").unwrap_err(), refused);
    assert_eq!(render("{{ name ~ 'x' }}").unwrap_err(), refused);
}

#[test]
fn texts_of_a_script_are_literals() {
    let template =
        Template { name: "a.js", source: "{{ a }} {{ n }}\n", comment: "//", language: Language::Script, fuel: 1000 };
    let text = Value::Text("a\"; b('\\') \n ${c} `d` */ </script>".into());
    let context = Value::Map(vec![("a".into(), text.into()), ("n".into(), Value::Int(7).into())]).into();
    let expect = r#""a\"; b('\\') \n ${c} `d` */ </script>" 7"#;
    assert_eq!(template.render(None, &context).map(|it| it.text), Ok(format!("{expect}\n")));
}
