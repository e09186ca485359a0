//! Where the sections, keys and values of an ini stand in its text.
//!
//! It follows the lines as the reader does, and is asked only about a text that reads.

use std::ops::Range;

use super::has_pairs;
use super::read::{is_space, pairs};
use crate::doc::value::mark::{Inside, Mark};

/// The marks of a text's sections, whose entries are those of all sections of that name.
pub fn marks(text: &str) -> Mark {
    let mut sections: Vec<(String, Mark)> = Vec::new();
    let mut current = None;
    for line in text.split('\n').map(|it| it.trim_matches(is_space)) {
        if let Some((name, _)) = line.strip_prefix('[').and_then(|it| it.split_once(']')) {
            current = Some(name);
            if !sections.iter().any(|(it, _)| it == name) {
                let mark = Mark { key: place(text, &line[..name.len() + 2]), ..Mark::default() };
                sections.push((name.to_owned(), Mark { inside: Inside::Map(Vec::new()), ..mark }));
            }
        } else if !line.starts_with([';', '#'])
            && let Some((key, value)) = line.split_once('=')
            && let Some((name, section)) = sections.iter_mut().find(|(it, _)| Some(it.as_str()) == current)
            && let Inside::Map(entries) = &mut section.inside
        {
            let key = key.trim_end_matches([' ', '\t']);
            let value = value.trim_start_matches([' ', '\t']);
            entries.push((key.to_owned(), entry(text, key, value, has_pairs(name))));
        }
    }
    Mark { inside: Inside::Map(sections), ..Mark::default() }
}

fn entry(text: &str, key: &str, value: &str, has_pairs: bool) -> Mark {
    let mark = Mark { key: place(text, key), value: place(text, value), inside: Inside::Nothing };
    let Some(parameters) = has_pairs.then(|| pairs(value).ok()).flatten() else { return mark };
    let parameter = |(key, _, written): (&str, String, &str)| {
        (key.to_owned(), Mark { key: place(text, key), value: place(text, written), inside: Inside::Nothing })
    };
    Mark { value: None, inside: Inside::Map(parameters.into_iter().map(parameter).collect()), ..mark }
}

/// The place of a piece that lies in the text.
fn place(text: &str, piece: &str) -> Option<Range<usize>> {
    let start = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start.checked_add(piece.len())?;
    (!piece.is_empty() && text.get(range.clone()).is_some()).then_some(range)
}
