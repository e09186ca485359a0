//! From text to [`Term`]: a parser by recursive descent, with a limit on nesting.

use std::fmt;

use super::super::exact::Exact;
use super::super::quoted;
use super::{FUNCTIONS, Function, Operator, Term};

/// Brackets and signs within each other: more is a slip of the keyboard, or an attack on the stack.
const DEEPEST: usize = 32;

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Number(&'t str),
    Name(&'t str),
    Sign(char),
    Blank(&'t str),
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(text) | Self::Name(text) | Self::Blank(text) => f.write_str(text),
            Self::Sign(sign) => write!(f, "{sign}"),
        }
    }
}

/// The pieces of a text with their places in bytes, blanks among them: put together they are the text.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, Token<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let first = rest.chars().next()?;
        let run = |belongs: fn(char) -> bool| {
            let end = rest.find(|it| !belongs(it)).unwrap_or(rest.len());
            rest.split_at(end).0
        };
        let token = match first {
            it if it.is_ascii_digit() || it == '.' => {
                Token::Number(run(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '_')))
            }
            it if it.is_ascii_alphabetic() || it == '_' => {
                Token::Name(run(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-')))
            }
            ' ' | '\t' => Token::Blank(run(|it| matches!(it, ' ' | '\t'))),
            it => Token::Sign(it),
        };
        let found = (at, token);
        at += match token {
            Token::Number(text) | Token::Name(text) | Token::Blank(text) => text.len(),
            Token::Sign(sign) => sign.len_utf8(),
        };
        Some(found)
    })
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Term, String> {
    let tokens: Vec<Token<'_>> =
        tokens(text).map(|(_, token)| token).filter(|it| !matches!(it, Token::Blank(_))).collect();
    if tokens.is_empty() {
        return Err("the expression is empty".to_owned());
    }
    let mut reader = Reader { tokens: &tokens, depth: 0 };
    let term = reader.sum()?;
    match reader.tokens.first() {
        None => Ok(term),
        Some(token) => Err(format!("{} stands behind the end of the expression", quoted(&token.to_string()))),
    }
}

struct Reader<'t> {
    /// What is still to be read.
    tokens: &'t [Token<'t>],
    depth: usize,
}

impl<'t> Reader<'t> {
    fn next_if(&mut self, wanted: impl Fn(Token<'t>) -> bool) -> Option<Token<'t>> {
        let (first, rest) = self.tokens.split_first().filter(|(first, _)| wanted(**first))?;
        self.tokens = rest;
        Some(*first)
    }

    fn sum(&mut self) -> Result<Term, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.next_if(|it| matches!(it, Token::Sign('+' | '-'))) {
            let operator = if sign == Token::Sign('+') { Operator::Add } else { Operator::Subtract };
            left = Term::Combined(operator, Box::new((left, self.product()?)));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Term, String> {
        let mut left = self.single()?;
        while let Some(sign) = self.next_if(|it| matches!(it, Token::Sign('*' | '/'))) {
            let operator = if sign == Token::Sign('*') { Operator::Multiply } else { Operator::Divide };
            left = Term::Combined(operator, Box::new((left, self.single()?)));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Term, String> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err("the expression ends where a number should stand".to_owned());
        };
        self.tokens = rest;
        match *token {
            Token::Number(text) => Exact::parse(text).map(Term::Number),
            Token::Name(name) if self.next_if(|it| it == Token::Sign('(')).is_some() => self.called(name),
            Token::Name(name) => match FUNCTIONS.iter().any(|(it, _)| *it == name) {
                true => Err(format!("`{name}` lacks its brackets, such as `{name}(cpu)`")),
                false => Ok(Term::Name(name.to_owned())),
            },
            Token::Sign('-') => self.deeper(Self::single).map(|term| Term::Negated(Box::new(term))),
            Token::Sign('(') => {
                let inner = self.deeper(Self::sum)?;
                self.closed().map(|()| inner)
            }
            other => Err(format!("{} stands where a number should", quoted(&other.to_string()))),
        }
    }

    /// The arguments of a function, the opening bracket read.
    fn called(&mut self, name: &str) -> Result<Term, String> {
        let Some((_, function)) = FUNCTIONS.iter().find(|(it, _)| *it == name) else {
            let known = FUNCTIONS.map(|(it, _)| format!("`{it}`")).join(", ");
            return Err(format!("there is no function {}; use one of {known}", quoted(name)));
        };
        let mut arguments = vec![self.deeper(Self::sum)?];
        while self.next_if(|it| it == Token::Sign(',')).is_some() {
            arguments.push(self.deeper(Self::sum)?);
        }
        self.closed()?;
        let is_rounding = matches!(function, Function::Floor | Function::Ceil);
        match arguments.len() {
            1 if !is_rounding => Err(format!("`{name}` compares at least two numbers, such as `{name}(1, cpu)`")),
            2.. if is_rounding => Err(format!("`{name}` takes one number, such as `{name}(cpu)`")),
            _ => Ok(Term::Called(*function, arguments)),
        }
    }

    fn closed(&mut self) -> Result<(), String> {
        match self.next_if(|it| it == Token::Sign(')')) {
            Some(_) => Ok(()),
            None => match self.tokens.first() {
                None => Err("a bracket is not closed".to_owned()),
                Some(token) => Err(format!("{} stands where a bracket should close", quoted(&token.to_string()))),
            },
        }
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<Term, String>) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("the expression is nested deeper than {DEEPEST} levels"));
        }
        let term = read(self);
        self.depth -= 1;
        term
    }
}
