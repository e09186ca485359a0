//! Lines, for people who want to open the place: nobody needs a column to find a field.

use crate::doc::object;
use crate::doc::value::Path;
use crate::doc::value::mark::Mark;

/// Where the parts of one text stand.
#[derive(Debug, Default)]
pub struct Places {
    marks: Vec<Mark>,
    /// Where each line starts.
    lines: Vec<usize>,
}

impl Places {
    /// Reads a file's text once more, for its places.
    pub fn of(file: &str, text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        Self { marks: object::marks(file, text), lines: std::iter::once(0).chain(starts).collect() }
    }

    /// The line of a path in a document, from 1; of what is around it, where it has no place of its own.
    pub fn line(&self, document: Option<usize>, path: &Path) -> usize {
        let index = document.map_or(0, |it| it.saturating_sub(1));
        let way = self.marks.get(index).map(|it| it.along(path)).unwrap_or_default();
        let start = way.iter().rev().find_map(|it| it.key.clone().or_else(|| it.shown())).map_or(0, |it| it.start);
        self.lines.partition_point(|line| *line <= start).max(1)
    }
}
