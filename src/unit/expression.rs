//! Expressions over named numbers: `2 * cpu + 1`, `floor(memory_limit_mib * 75 / 100)`.
//!
//! Numbers, names, `+ - * /`, brackets, and the functions `min`, `max`, `floor`, `ceil`; everything is exact. Which names
//! there are, and what they are worth, is the caller's business.

mod parse;

use super::exact::Exact;

/// Characters that an expression may have: a setting that needs more is a program.
const LONGEST: usize = 300;

/// An expression, with the text that it was written as.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    root: Term,
}

/// Why an expression has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    DivisionByZero,
    /// Some step left the range of exact numbers.
    OutOfRange,
}

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Term {
    Number(Exact),
    Name(String),
    Negated(Box<Term>),
    Combined(Operator, Box<(Term, Term)>),
    Called(Function, Vec<Term>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Min,
    Max,
    Floor,
    Ceil,
}

/// The functions, as they are written.
const FUNCTIONS: [(&str, Function); 4] =
    [("ceil", Function::Ceil), ("floor", Function::Floor), ("max", Function::Max), ("min", Function::Min)];

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says in one phrase what cannot be read, with what was expected there.
    pub fn parse(text: &str) -> Result<Expression, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("the expression is longer than {LONGEST} characters"));
        }
        Ok(Expression { text: text.trim().to_owned(), root: parse::parse(text)? })
    }

    /// The text as written, without blanks around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every name in it, sorted, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.collect_names(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The value, where `of` knows every name.
    ///
    /// # Errors
    /// A division by zero, or a step that leaves the range.
    pub fn value(&self, of: &dyn Fn(&str) -> Exact) -> Result<Exact, Fault> {
        let value = self.root.value(of)?;
        value.checked_cmp(&Exact::ZERO).map(|_| value).ok_or(Fault::OutOfRange)
    }

    /// The text as formulas are printed: `×` for `*`, and each name as `with` says it.
    pub fn printed(&self, with: &dyn Fn(&str) -> String) -> String {
        parse::tokens(&self.text)
            .map(|(_, token)| match token {
                parse::Token::Name(name) if FUNCTIONS.iter().all(|(it, _)| *it != name) => with(name),
                parse::Token::Sign('*') => "×".to_owned(),
                other => other.to_string(),
            })
            .collect()
    }
}

impl Term {
    fn collect_names<'t>(&'t self, names: &mut Vec<&'t str>) {
        match self {
            Self::Number(_) => {}
            Self::Name(name) => names.push(name),
            Self::Negated(term) => term.collect_names(names),
            Self::Combined(_, both) => [&both.0, &both.1].into_iter().for_each(|it| it.collect_names(names)),
            Self::Called(_, arguments) => arguments.iter().for_each(|it| it.collect_names(names)),
        }
    }

    fn value(&self, of: &dyn Fn(&str) -> Exact) -> Result<Exact, Fault> {
        Ok(match self {
            Self::Number(number) => *number,
            Self::Name(name) => of(name),
            Self::Negated(term) => Exact::ZERO - term.value(of)?,
            Self::Combined(operator, both) => {
                let (left, right) = (both.0.value(of)?, both.1.value(of)?);
                match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide if right.is_zero() => return Err(Fault::DivisionByZero),
                    Operator::Divide => left / right,
                }
            }
            Self::Called(function, arguments) => called(*function, arguments, of)?,
        })
    }
}

/// The parser sees to it that there is an argument, and for rounding no second one.
fn called(function: Function, arguments: &[Term], of: &dyn Fn(&str) -> Exact) -> Result<Exact, Fault> {
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let value = argument.value(of)?;
        value.checked_cmp(&Exact::ZERO).ok_or(Fault::OutOfRange)?;
        values.push(value);
    }
    let first = values.first().copied().ok_or(Fault::OutOfRange)?;
    let whole = |it: Option<i64>| it.map(Exact::from).ok_or(Fault::OutOfRange);
    match function {
        Function::Min => Ok(values.into_iter().fold(first, |least, it| if it < least { it } else { least })),
        Function::Max => Ok(values.into_iter().fold(first, |most, it| if it > most { it } else { most })),
        Function::Floor => whole(first.floor()),
        Function::Ceil => whole(first.ceil()),
    }
}

#[cfg(test)]
mod tests;
