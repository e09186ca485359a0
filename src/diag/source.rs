//! Where text came from: files, byte spans, and the lines and columns people read.
//!
//! Spans are byte offsets and stay internal; a [`Position`] is what a person sees, and starts at 1.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::OnceLock;

use super::secret;

/// Names one text in [`Sources`]: its number, from 1, so that an optional span is no larger than a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(NonZeroU32);

impl FileId {
    /// The first text, there or not.
    pub(crate) const FIRST: Self = Self(NonZeroU32::MIN);

    /// The number by which a span travels through serde.
    pub(crate) fn number(self) -> u32 {
        self.0.get()
    }

    /// The inverse of [`FileId::number`].
    pub(crate) fn from_number(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Whether a text has lines to point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A file of the spec.
    File,
    /// A `--set` flag or its environment variable: it has no line.
    Flag,
}

#[derive(Debug)]
struct Source {
    kind: SourceKind,
    name: String,
    text: String,
    /// The byte offset at which each line starts; most runs ask for none.
    lines: OnceLock<Vec<usize>>,
    /// The text as it may be shown, `None` inside where it holds no secret; most runs show nothing of it.
    shown: OnceLock<Option<String>>,
}

impl Source {
    fn lines(&self) -> &[usize] {
        let starts = || self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        self.lines.get_or_init(|| std::iter::once(0).chain(starts()).collect())
    }
}

/// All texts of one run, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a text under the name that diagnostics print.
    pub fn add(&mut self, kind: SourceKind, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.0.push(Source {
            kind,
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            shown: OnceLock::new(),
        });
        u32::try_from(self.0.len()).ok().and_then(FileId::from_number).unwrap_or(FileId(NonZeroU32::MAX))
    }

    /// Puts a text before the name of every file: the revision that it is of.
    pub fn prefix(&mut self, prefix: &str) {
        for source in self.0.iter_mut().filter(|it| it.kind == SourceKind::File) {
            source.name.insert_str(0, prefix);
        }
    }

    /// The name that diagnostics print.
    pub fn name(&self, file: FileId) -> &str {
        &self.0[file.index()].name
    }

    /// The whole text.
    pub fn text(&self, file: FileId) -> &str {
        &self.0[file.index()].text
    }

    /// The whole text as it may be shown: every secret is as long as it was, to the byte, and cannot be read.
    ///
    /// A line alone does not tell: a secret of several lines shows itself by what stands before the first of them.
    pub fn shown(&self, file: FileId) -> &str {
        let source = &self.0[file.index()];
        let hidden = || match secret::same_length(&source.text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(hidden) => Some(hidden),
        };
        source.shown.get_or_init(hidden).as_deref().unwrap_or(&source.text)
    }

    /// The length of all texts, in bytes.
    pub fn size(&self) -> usize {
        self.0.iter().map(|source| source.text.len()).sum()
    }

    /// Whether the text is a file or a flag.
    pub fn kind(&self, file: FileId) -> SourceKind {
        self.0[file.index()].kind
    }

    /// Every text, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        (1..=u32::try_from(self.0.len()).unwrap_or(u32::MAX)).filter_map(FileId::from_number)
    }

    /// The text under a span, as it may be shown.
    pub fn snippet(&self, span: Span) -> &str {
        self.shown(span.file).get(span.range()).unwrap_or_default()
    }

    /// Line and column, both from 1, of a span's first character.
    pub fn position(&self, span: Span) -> Position {
        let source = &self.0[span.file.index()];
        let start = (span.start as usize).min(source.text.len());
        let line_index = source.lines().partition_point(|&line| line <= start) - 1;
        let before = source.text.get(source.lines()[line_index]..start).unwrap_or_default();
        Position { line: line_index + 1, column: before.chars().count() + 1 }
    }

    /// The byte range of a line, counted from 1, without its newline; `None` past the end.
    pub fn line(&self, file: FileId, line: usize) -> Option<Range<usize>> {
        let source = &self.0[file.index()];
        let start = *source.lines().get(line.checked_sub(1)?)?;
        let end = source.lines().get(line).map_or(source.text.len(), |next| next - 1);
        Some(start..end)
    }

    /// `file:line:column`, or the flag as it was written.
    pub fn place(&self, span: Span) -> String {
        match self.kind(span.file) {
            SourceKind::Flag => self.name(span.file).to_owned(),
            SourceKind::File => {
                let Position { line, column } = self.position(span);
                format!("{}:{line}:{column}", self.name(span.file))
            }
        }
    }
}

/// Line and column as an editor shows them: both start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A byte range in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// A span; offsets beyond 4 GiB are clamped (the reader refuses such files anyway).
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The byte range within the text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
