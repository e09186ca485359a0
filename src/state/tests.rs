//! What may be typed behind `--against`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

#[test]
fn every_form_prints_as_it_is_typed() {
    for text in ["out", "dir:a/b", "file:-", "git:HEAD~2", "git:a:b", "cluster", "cluster:arn:aws:eks:x"] {
        assert_eq!(Against::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn what_is_wrong_says_what_is_right() {
    let all = "none of `out`, `dir:PATH`, `file:PATH`, `git:REF`, `cluster` and `cluster:CONTEXT`";
    for (text, expected) in [
        ("main", format!("`main` is {all}")),
        ("out:x", format!("`out:x` is {all}")),
        ("git", "`git` needs a revision: `git:main`".to_owned()),
        ("dir:", "`dir:` needs the path of a folder behind the colon".to_owned()),
        ("cluster:", "`cluster:` needs the name of a context behind the colon".to_owned()),
    ] {
        assert_eq!(Against::parse(text).unwrap_err(), expected);
    }
}
