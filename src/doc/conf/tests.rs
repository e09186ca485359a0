//! What is printed is read back, and no value leaves its line.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

fn conf(dialect: Dialect, entries: &[(&str, &str)]) -> Conf {
    let entries = entries.iter().map(|(name, text)| ((*name).to_owned(), value(text).into())).collect();
    Conf { dialect, entries }
}

#[test]
fn postgresql_quotes_what_is_no_word() {
    let check = |text: &str, expected: &str| {
        let file = conf(Dialect::Postgresql, &[("name", text)]);
        let printed = print(&file, &|_| None);
        assert_eq!(printed, format!("name = {expected}\n"));
        assert_eq!(parse(&printed, Dialect::Postgresql), tree_of(&file), "{printed}");
    };
    check("4GB", "4GB");
    check("200", "200");
    check("0.9", "0.9");
    check("off", "off");
    check("", "''");
    check("-1", "-1");
    check("it's; # not \\ a comment", "'it''s; # not \\\\ a comment'");
    check("cp %p /archive/%f", "'cp %p /archive/%f'");
}

#[test]
fn redis_prints_words() {
    let check = |text: &str, expected: &str| {
        let file = conf(Dialect::Redis, &[("name", text)]);
        let printed = print(&file, &|_| None);
        assert_eq!(printed, format!("name {expected}\n"));
        assert_eq!(parse(&printed, Dialect::Redis), tree_of(&file), "{printed}");
    };
    check("1073741824", "1073741824");
    check("", "\"\"");
    check("replica 256mb 64mb 60", "replica 256mb 64mb 60");
    check("a\"b", "\"a\\\"b\"");
}

#[test]
fn no_value_breaks_out_of_its_line() {
    for dialect in [Dialect::Postgresql, Dialect::Redis] {
        let printed = print(&conf(dialect, &[("name", "a\nfsync = off"), ("a\nb", "c")]), &|_| None);
        assert_eq!(printed.lines().count(), 2, "{printed}");
    }
}

#[test]
fn a_comment_stands_above_its_setting() {
    let mut file = conf(Dialect::Postgresql, &[("work_mem", "4MB")]);
    file.entries[0].1.address = Some(Address::of(["a"]));
    assert_eq!(print(&file, &|_| Some("of\nthis".to_owned())), "# of this\nwork_mem = 4MB\n");
}

#[test]
fn what_people_write_is_read() {
    let text = "# a comment\n\nshared_buffers 4GB # behind\nwork_mem=64MB\nwork_mem = 32MB\n";
    let expected = conf(Dialect::Postgresql, &[("shared_buffers", "4GB"), ("work_mem", "32MB")]);
    assert_eq!(parse(text, Dialect::Postgresql), tree_of(&expected));
    let text = "save 3600 1\nsave 300  100\nmaxmemory 2gb\n";
    let expected = conf(Dialect::Redis, &[("save", "3600 1"), ("save", "300 100"), ("maxmemory", "2gb")]);
    assert_eq!(parse(text, Dialect::Redis), tree_of(&expected));
}

#[test]
fn files_are_known_by_their_folder() {
    let check = |file, expect| assert_eq!(Dialect::of(file), expect, "{file}");
    check("postgresql/main.conf", Some(Dialect::Postgresql));
    check("generated/postgresql/main.conf", Some(Dialect::Postgresql));
    check("redis/main.conf", Some(Dialect::Redis));
    check("redis.conf", None);
    check("nginx/web.conf", None);
    check("postgresql/main.yaml", None);
}
