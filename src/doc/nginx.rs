//! The configuration language of nginx, read as nginx does it (`ngx_conf_read_token` in `src/core/ngx_conf_file.c`).
//!
//! Words are separated by blanks, a directive ends at `;` or opens a block at `{`. Quotes count only at the start of a
//! word, `#` starts a comment only there, and a `{` behind `$` belongs to a variable. This module knows that syntax and
//! how directives become a tree with stable keys; it must not know which difference matters.

mod tree;

pub use tree::{Block, blocks};

use std::ops::Range;

use super::value::Fault;

/// How deep blocks may stand in each other; nginx's own contexts need four.
const DEEPEST: usize = 64;

/// `name argument…;`, or `name argument… { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// From 1.
    pub line: usize,
    pub name: String,
    /// Without their quotes and escapes.
    pub arguments: Vec<String>,
    /// Where name and arguments stand, with their quotes, in the text behind a byte order mark.
    pub places: Vec<Range<usize>>,
    /// `None`: it ends at `;`. The Lua of a `…_by_lua_block` is passed over, and its block is empty.
    pub block: Option<Vec<Directive>>,
}

/// Reads a file. A byte order mark and CRLF are accepted; `include` is not followed.
///
/// # Errors
/// The first fault, with its line, where nginx would refuse the text too, and blocks deeper than 64.
pub fn parse(text: &str) -> Result<Vec<Directive>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tokens = Tokens { text, at: 0, line: 1 };
    // The directives of each open block, outermost first, and the directive that opened each of the inner ones.
    let mut open: Vec<(Vec<Directive>, Directive)> = Vec::new();
    let mut here = Vec::new();
    loop {
        match tokens.statement()? {
            Statement::Simple(directive) => here.push(directive),
            Statement::Opens(directive) if directive.name.ends_with("_by_lua_block") => {
                tokens.skip_lua(directive.line)?;
                here.push(Directive { block: Some(Vec::new()), ..directive });
            }
            Statement::Opens(directive) if open.len() < DEEPEST => {
                open.push((std::mem::take(&mut here), directive));
            }
            Statement::Opens(directive) => {
                return Err(Fault::line(directive.line, format!("blocks stand deeper than {DEEPEST} in each other")));
            }
            Statement::Closes(line) => {
                let (outside, directive) = open.pop().ok_or_else(|| Fault::line(line, "unexpected `}`"))?;
                let inside = std::mem::replace(&mut here, outside);
                here.push(Directive { block: Some(inside), ..directive });
            }
            Statement::End => match open.last() {
                Some((_, directive)) => {
                    return Err(Fault::line(directive.line, format!("the block `{}` is not closed", directive.name)));
                }
                None => return Ok(here),
            },
        }
    }
}

enum Statement {
    Simple(Directive),
    Opens(Directive),
    /// The line of the `}`.
    Closes(usize),
    End,
}

struct Tokens<'a> {
    text: &'a str,
    /// A character's boundary, at most the length.
    at: usize,
    line: usize,
}

/// What stands at the start of a word.
enum Start {
    Word,
    /// `;`, `{` or `}`.
    Sign(u8),
    End,
}

impl Tokens<'_> {
    fn statement(&mut self) -> Result<Statement, Fault> {
        let mut words = Vec::new();
        let mut places = Vec::new();
        let mut line = self.line;
        loop {
            match self.start() {
                Start::Word => {
                    if words.is_empty() {
                        line = self.line;
                    }
                    let start = self.at;
                    words.push(self.word()?);
                    places.push(start..self.at);
                }
                Start::End if words.is_empty() => return Ok(Statement::End),
                Start::End => return Err(self.fault("unexpected end of the file, expecting `;` or `}`")),
                Start::Sign(b'}') if words.is_empty() => return Ok(Statement::Closes(self.line)),
                Start::Sign(sign @ (b';' | b'{')) if !words.is_empty() => {
                    let name = words.remove(0);
                    let directive = Directive { line, name, arguments: words, places, block: None };
                    return Ok(if sign == b';' { Statement::Simple(directive) } else { Statement::Opens(directive) });
                }
                Start::Sign(b'}') => {
                    let name = words.first().map_or("", String::as_str).escape_debug();
                    return Err(self.fault(format!("unexpected `}}`: no `;` ends `{name}`")));
                }
                Start::Sign(sign) => return Err(self.fault(format!("unexpected `{}`", char::from(sign)))),
            }
        }
    }

    /// Passes over blanks and comments, and takes a sign.
    fn start(&mut self) -> Start {
        loop {
            match self.peek() {
                None => return Start::End,
                Some(b'\n') => {
                    self.line += 1;
                    self.at += 1;
                }
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                // The line's end is left, so that it is counted.
                Some(b'#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                Some(sign @ (b';' | b'{' | b'}')) => {
                    self.at += 1;
                    return Start::Sign(sign);
                }
                Some(_) => return Start::Word,
            }
        }
    }

    /// Takes a word up to the blank or sign that ends it, which is left.
    fn word(&mut self) -> Result<String, Fault> {
        let quote = self.peek().filter(|it| matches!(it, b'"' | b'\''));
        let first = self.line;
        self.at += usize::from(quote.is_some());
        let start = self.at;
        let mut is_variable = false;
        loop {
            let Some(byte) = self.peek() else {
                let what = if quote.is_some() { "a quote is not closed" } else { "unexpected end of the file" };
                return Err(Fault::line(first, what));
            };
            match byte {
                // What is escaped ends nothing; a character of several bytes ends nothing either.
                b'\\' => {
                    self.at += 1;
                    self.line += usize::from(self.peek() == Some(b'\n'));
                    self.at += self.rest().chars().next().map_or(0, char::len_utf8);
                    is_variable = false;
                    continue;
                }
                _ if Some(byte) == quote => break,
                b' ' | b'\t' | b'\r' | b'\n' | b';' if quote.is_none() => break,
                b'{' if quote.is_none() && !is_variable => break,
                b'\n' => self.line += 1,
                _ => {}
            }
            is_variable = byte == b'$' || is_variable && byte == b'{';
            self.at += 1;
        }
        let word = unescaped(self.text.get(start..self.at).unwrap_or_default());
        if quote.is_some() {
            self.at += 1;
            self.after_quote()?;
        }
        Ok(word)
    }

    /// Behind a closing quote nginx wants a blank, a sign, or the `)` of an `if`.
    fn after_quote(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => Ok(()),
            Some(_) => {
                let next = self.rest().chars().next().unwrap_or_default();
                Err(self.fault(format!("unexpected `{}` behind a closing quote", next.escape_default())))
            }
        }
    }

    /// Passes over the Lua of a block up to its `}`; braces in its texts and comments do not count.
    fn skip_lua(&mut self, opened: usize) -> Result<(), Fault> {
        let mut depth = 1_usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\n' => self.line += 1,
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'"' | b'\'' => self.skip_lua_text(byte),
                b'-' if self.peek() == Some(b'-') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err(Fault::line(opened, "the block of Lua is not closed"))
    }

    fn skip_lua_text(&mut self, quote: u8) {
        while let Some(byte) = self.peek().filter(|it| *it != b'\n') {
            // A line's end behind a backslash is counted by the caller.
            self.at += 1 + usize::from(byte == b'\\' && self.rest().as_bytes().get(1).is_some_and(|it| *it != b'\n'));
            if byte == quote {
                return;
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::line(self.line, message)
    }
}

/// nginx knows five escapes; before any other character a backslash stays.
fn unescaped(word: &str) -> String {
    if !word.contains('\\') {
        return word.to_owned();
    }
    let mut out = String::with_capacity(word.len());
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = match (character, characters.peek()) {
            ('\\', Some(it @ ('"' | '\'' | '\\'))) => Some(*it),
            ('\\', Some('t')) => Some('\t'),
            ('\\', Some('r')) => Some('\r'),
            ('\\', Some('n')) => Some('\n'),
            _ => None,
        };
        if escaped.is_some() {
            characters.next();
        }
        out.push(escaped.unwrap_or(character));
    }
    out
}

#[cfg(test)]
mod tests;
