//! What a sentence and a source line may show.

use super::*;

#[test]
fn a_source_line_keeps_its_length_and_no_secret() {
    for line in [
        "password = \"hunter2 and more\"",
        "password = \"\"\"\nhunter2\nhunter2\"\"\"",
        "password: |-\n  hunter2\n\n  hunter2",
        "- token: >\n    hunter2\n  - hunter2",
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
fn what_follows_a_secret_is_shown() {
    for (text, expected) in [
        ("a:\n  password: |\n    x\n  b: 1\n", "a:\n  password: *\n****x\n  b: 1\n".replace("****x", "*****")),
        ("# the password: \"see the vault\nb = 1\n", "# the password: \"*************\nb = 1\n".to_owned()),
        ("password = \"x\"\nb = 1\n", "password = \"*\"\nb = 1\n".to_owned()),
    ] {
        assert_eq!(same_length(text), expected);
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

#[test]
fn every_word_is_found_in_either_case_and_anywhere() {
    for word in SECRET {
        for key in [(*word).to_owned(), word.to_uppercase(), format!("my_{word}s"), word.replacen('e', "_e", 1)] {
            assert!(is_secret(&key), "{key}");
        }
    }
    for word in SECRET_WHOLE {
        assert!(is_secret(word) && is_secret(&word.to_uppercase()), "{word}");
    }
    for word in BEFORE {
        for text in
            [format!("{word}=hunter2"), format!("ö {}: hunter2", word.to_uppercase()), format!("--{word} hunter2")]
        {
            assert!(!shown(&text).contains("hunter2"), "{text}");
        }
    }
}
