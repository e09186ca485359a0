//! What texts of every format hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

#[track_caller]
fn check(file: &str, text: &str, expected: &[&str]) {
    let read = of_text(file, text).unwrap();
    let object = |it: &Object| match it.document {
        Some(number) => format!("{number}: {}", it.identity),
        None => it.identity.to_string(),
    };
    let skipped = read.skipped.iter().map(|(place, reason)| format!("{place}: {reason}"));
    let shown: Vec<String> = read.objects.iter().map(object).chain(skipped).collect();
    assert_eq!(shown, expected);
}

const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: a\n  namespace: b\n";

#[test]
fn formats_are_told_by_ending_and_by_content() {
    check("a.yaml", HPA, &["HorizontalPodAutoscaler b/a"]);
    check("-", HPA, &["HorizontalPodAutoscaler b/a"]);
    check("a.json", r#"{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}"#, &["X a"]);
    check("-", r#"{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}"#, &["X a"]);
    check("a.yaml", r#"{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}"#, &["X a"]);
    check("old/main/pgbouncer.ini", "[databases]\n[pgbouncer]\n", &["pgbouncer.ini main"]);
    check("-", "[databases]\n", &["pgbouncer.ini -"]);
    check("pools/main.ini", "[pgbouncer]\n", &["pgbouncer.ini main"]);
    check("php.ini", "[PHP]\na = 1\na = 2\n", &["php.ini: an ini that is not PgBouncer's"]);
    check("-", "upstream a {\n server b;\n}\nserver {\n}\n", &["1: nginx upstream a", "2: nginx server _:80"]);
    check("redis.conf", "save \"\n", &["redis.conf: no nginx upstream or server block"]);
}
