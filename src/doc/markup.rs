//! Texts that are safe in the formats for people: Markdown, the shell commands in it, HTML. And numbers as people read them.
//!
//! Each function takes any text and gives one that means that text and nothing else there. It knows no template and no page.

use super::value::{is_hidden, single_line};

/// A text as Markdown prose, in a table too: what would mean something gets a backslash.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = single_line(text);
    let number = text.chars().take_while(char::is_ascii_digit).count();
    let mut before = ' ';
    let mut rest = text.chars().enumerate().peekable();
    while let Some((index, character)) = rest.next() {
        let behind = rest.peek().map_or(' ', |(_, it)| *it);
        let has_meaning = match character {
            '-' | '+' | '=' => index == 0,
            // `12. ` starts a list.
            '.' | ')' => index == number && number > 0 && behind == ' ',
            // Within a word it is a letter.
            '_' => !(before.is_alphanumeric() && behind.is_alphanumeric()),
            it => "\\`*[]<>&|~#".contains(it),
        };
        if has_meaning {
            out.push('\\');
        }
        out.push(character);
        before = character;
    }
    out
}

/// A text as code within a line of Markdown, in a table too.
pub fn markdown_code(text: &str) -> String {
    let text = single_line(text);
    match text.contains(['`', '|', '\\']) || text.is_empty() {
        false => format!("`{text}`"),
        true => {
            let entity = |it: char| match it.is_ascii_punctuation() {
                true => format!("&#{};", u32::from(it)),
                false => it.to_string(),
            };
            format!("<code>{}</code>", text.chars().map(entity).collect::<String>())
        }
    }
}

/// An address between the `<` and `>` of a link: what could end it is written as its code.
pub fn link_target(text: &str) -> String {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~:/?#@!$()+,;=%".contains(&it);
    let plain = |it: u8| if is_plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") };
    text.bytes().map(plain).collect()
}

/// A text as one word of a POSIX shell.
pub fn shell_word(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "_-./:=@%+,".contains(it);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace(is_hidden, " ").replace('\'', "'\\''")),
    }
}

/// A text in HTML, in an attribute with double quotes too.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            it if is_hidden(it) => out.push(' '),
            it => out.push(it),
        }
    }
    out
}

/// A number with its thousands apart: `100,000`, `2,242.56`. What is no number stays as it is.
pub fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    let decimals = rest.strip_prefix('.').unwrap_or("0");
    if !is_number || decimals.is_empty() || !decimals.bytes().all(|it| it.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut out = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    //! One text of every kind, and the worst.

    use super::*;

    #[test]
    fn prose_means_only_itself() {
        let check = |text: &str, expect: &str| assert_eq!(markdown(text), expect);
        check("Wakala, on call", "Wakala, on call");
        check("a | b", "a \\| b");
        check("<script>&amp;", "\\<script\\>\\&amp;");
        check("[x](javascript:y)", "\\[x\\](javascript:y)");
        check("- item", "\\- item");
        check("12. item", "12\\. item");
        check("12.5 of it - or +", "12.5 of it - or +");
        check("RATE_LIMIT _x_", "RATE_LIMIT \\_x\\_");
        check("line\nbreak", "line break");
    }

    #[test]
    fn code_stays_in_its_cell() {
        let check = |text: &str, expect: &str| assert_eq!(markdown_code(text), expect);
        check("service.api", "`service.api`");
        check("a`b", "<code>a&#96;b</code>");
        check("a|b", "<code>a&#124;b</code>");
        check("</code>|", "<code>&#60;&#47;code&#62;&#124;</code>");
    }

    #[test]
    fn a_link_does_not_end_early() {
        assert_eq!(link_target("https://example.com/a?b=c#d"), "https://example.com/a?b=c#d");
        assert_eq!(link_target("a> <b\\&c\n"), "a%3E%20%3Cb%5C%26c%0A");
    }

    #[test]
    fn a_word_stays_a_word() {
        let check = |text: &str, expect: &str| assert_eq!(shell_word(text), expect);
        check("wakala-api", "wakala-api");
        check("a b", "'a b'");
        check("$(reboot)", "'$(reboot)'");
        check("it's", "'it'\\''s'");
        check("", "''");
    }

    #[test]
    fn a_page_shows_what_was_written() {
        assert_eq!(html("<b class=\"x\">&'"), "&lt;b class=&quot;x&quot;&gt;&amp;&#39;");
    }

    #[test]
    fn thousands_stand_apart() {
        let check = |text: &str, expect: &str| assert_eq!(grouped(text), expect);
        check("0", "0");
        check("999", "999");
        check("1000", "1,000");
        check("-1234567.25", "-1,234,567.25");
        check("overflow", "overflow");
        check("1.", "1.");
    }
}
