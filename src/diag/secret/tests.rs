//! What a sentence and a source line may show.

use super::*;

#[test]
fn a_source_line_keeps_its_length_and_no_secret() {
    for line in [
        "password = \"hunter2 and more\"",
        "password = \"\"\"\nhunter2\nhunter2\"\"\"",
        "secret = '''hunter2 'hunter2' '''",
        "tokens = [\"hunter2\", \"hunter2\"]",
        "\"secret\" = { a = \"hunter2\" }",
        "sasl-key = \"hunter2\"",
        "dsn = \"hunter2\"",
        "host = \"redis://:hunter2@cache\"",
    ] {
        let shown = same_length(line);
        assert_eq!(shown.len(), line.len(), "{shown}");
        assert!(!shown.contains("hunter2"), "{line} is shown as {shown}");
    }
}

#[test]
fn a_sentence_keeps_its_own_words() {
    for sentence in [
        "invalid basic string, expected `\"`",
        "the header `authorization` would write a secret into a file",
        "write `headers_env = { authorization = \"TOKEN\" }`",
        "write an address such as `mailto:team@example.com`",
        "`auth_query` is `token = (hidden) AND a`",
        "unknown key `password`",
    ] {
        assert_eq!(said(sentence), sentence);
    }
    assert_eq!(said("`redis://:hunter2@h` is no host"), "`redis://(hidden)@h` is no host");
    assert_eq!(said("found \"Bearer hunter2\""), "found \"Bearer (hidden)\"");
}
