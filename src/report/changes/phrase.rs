//! The words that every format shares: what an object is called, why it changes, how many there are.
//!
//! It knows which texts come from outside, and lets none of them through without the `quote` of its caller. It must not
//! know any single format.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diff::{Action, Attribution, Because, Ignored, InputRef, ObjectChange, Path, Risk, Shift, Verdict, Whole};
use crate::doc::object::Identity;
use crate::doc::value::is_hidden;
use crate::why::Origin;

use super::Report;

/// The characters of a value that a sentence quotes.
const LONGEST_VALUE: usize = 80;

/// The characters of an address, a path or a place that a sentence quotes.
const LONGEST_NAME: usize = 160;

/// The places that a sentence names before it only counts them.
const MOST_PLACES: usize = 3;

/// The characters of an object's name; no API server takes longer ones.
pub(super) const LONGEST_IDENTITY: usize = 400;

/// A text in which nothing is hidden: one line that cannot steer a terminal. Every character keeps its column.
pub(in crate::report) fn visible(text: &str) -> Cow<'_, str> {
    let stand_in = |character: char| match character {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        it if is_hidden(it) => '\u{fffd}',
        it => it,
    };
    // Nearly every text is ASCII, and bytes are compared many at a time.
    match text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(is_hidden) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.chars().map(stand_in).collect()),
    }
}

/// [`visible`] text of its own.
pub(super) fn plain(text: &str) -> String {
    visible(text).into_owned()
}

/// The first characters of a text.
pub(super) fn prefix(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// A text of at most so many characters; where it is cut, the last one says so.
pub(super) fn short(text: &str, most: usize) -> Cow<'_, str> {
    match prefix(text, most).len() == text.len() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("{}…", prefix(text, most.saturating_sub(1)))),
    }
}

/// The mark of an action, as diffs have it.
pub(super) fn mark(action: &Action) -> &'static str {
    match action {
        Action::Add => "+",
        Action::Remove => "-",
        Action::Change => "~",
        Action::Rename { .. } => "→",
    }
}

/// What an object is called, with the old name of one that is renamed.
pub(super) fn name(object: &ObjectChange) -> String {
    let of = |identity: &Identity| short(&identity.to_string(), LONGEST_IDENTITY).into_owned();
    match &object.action {
        Action::Rename { from } => format!("{} → {}", of(from), of(&object.identity)),
        Action::Add | Action::Remove | Action::Change => of(&object.identity),
    }
}

/// `~ HorizontalPodAutoscaler production/wakala-api  k8s/api/hpa.yaml`, safe to print.
pub(super) fn title(object: &ObjectChange) -> String {
    let (mark, name) = (mark(&object.action), name(object));
    let file = short(&object.file, LONGEST_NAME);
    match name == file {
        true => plain(&format!("{mark} {name}")),
        false => plain(&format!("{mark} {name}  {file}")),
    }
}

/// Something that holds for an object, and for which of its leaves.
pub(super) struct About<'a, T> {
    pub(super) what: T,
    /// Empty where it holds for the whole object.
    pub(super) paths: Vec<&'a Path>,
}

/// The reasons of the risks worse than safe, the worst first, each once.
pub(super) fn risks(object: &ObjectChange) -> Vec<About<'_, &Verdict>> {
    let mut found: BTreeMap<(std::cmp::Reverse<Risk>, &str), About<'_, &Verdict>> = BTreeMap::new();
    let whole = std::iter::once((&object.risk, None));
    let each = object.edits.iter().map(|edit| (&edit.risk, Some(&edit.path)));
    for (verdict, path) in whole.chain(each).filter(|(verdict, _)| verdict.risk != Risk::Safe) {
        let key = (std::cmp::Reverse(verdict.risk), verdict.reason);
        let entry = found.entry(key).or_insert_with(|| About { what: verdict, paths: Vec::new() });
        entry.paths.extend(path);
    }
    found.into_values().map(|it| narrowed(it, object)).collect()
}

/// The causes of an object, each once, with the leaves that it is behind.
pub(super) fn causes(object: &ObjectChange) -> Vec<About<'_, &Because>> {
    let mut paths: BTreeMap<&Because, Vec<&Path>> = BTreeMap::new();
    for (because, path) in object.edits.iter().flat_map(|it| it.because.iter().map(|cause| (cause, &it.path))) {
        paths.entry(because).or_default().push(path);
    }
    let mut of = |what| About { what, paths: paths.remove(what).unwrap_or_default() };
    let mut found: Vec<_> = object.because.iter().map(&mut of).collect();
    found.extend(paths.into_iter().map(|(what, paths)| About { what, paths }));
    found.into_iter().map(|it| narrowed(it, object)).collect()
}

/// What holds for every leaf holds for the whole object.
fn narrowed<'a, T>(mut about: About<'a, T>, object: &ObjectChange) -> About<'a, T> {
    if about.paths.len() == object.edits.len() {
        about.paths.clear();
    }
    about
}

/// `, for spec.minReplicas, spec.maxReplicas and 3 more`; empty where it holds for the whole object.
pub(super) fn places(paths: &[&Path], quote: &dyn Fn(&str) -> String) -> String {
    if paths.is_empty() {
        return String::new();
    }
    let named: Vec<String> =
        paths.iter().take(MOST_PLACES).map(|it| quote(&short(&it.to_string(), LONGEST_NAME))).collect();
    let more = match paths.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(", for {}{more}", named.join(", "))
}

/// `because service.api.target_rps: 100000 → 130000 (capacity.toml:12:1)`, every text from outside under `quote`.
pub(super) fn sentence(report: &Report<'_>, because: &Because, quote: &dyn Fn(&str) -> String) -> String {
    match because {
        Because::EditedByHand => "edited by hand".to_owned(),
        Because::DeletedByHand => "deleted by hand".to_owned(),
        // No input says it, no hand wrote it, and the version is the same.
        Because::Version { before, after } if before == after => {
            format!("a template, or another build of capgen {}", value(after, quote))
        }
        Because::Version { before, after } => format!("capgen {} → {}", value(before, quote), value(after, quote)),
        Because::Input(it) => input_sentence(report, it, quote),
    }
}

/// [`sentence`] of an input.
pub(super) fn input_sentence(report: &Report<'_>, input: &InputRef, quote: &dyn Fn(&str) -> String) -> String {
    format!("{}{}", cause(report, input, quote), written_at(report, input, quote))
}

fn cause(report: &Report<'_>, input: &InputRef, quote: &dyn Fn(&str) -> String) -> String {
    let address = short(input.address.as_str(), LONGEST_NAME);
    let [before, after] = [&input.before, &input.after].map(|it| it.as_deref().map(|it| value(it, quote)));
    if let Some(whole) = input.whole {
        let fate = match whole {
            Whole::New => "new",
            Whole::Gone => "gone",
        };
        return format!("because {} is {fate}", quote(&format!("[{address}]")));
    }
    let address = quote(&address);
    match (report.changes.attribution, before, after) {
        (Attribution::DecidedBy, _, Some(after)) => format!("decided by {address} = {after}"),
        (Attribution::DecidedBy, _, None) => format!("decided by {address}"),
        (Attribution::Inputs, Some(before), Some(after)) => format!("because {address}: {before} → {after}"),
        (Attribution::Inputs, None, Some(after)) => format!("because {address} = {after} is new"),
        (Attribution::Inputs, Some(before), None) => format!("because {address} = {before} is gone"),
        (Attribution::Inputs, None, None) => format!("because {address} differs"),
    }
}

/// ` (capacity.toml:12:1)`, or who said it where nobody wrote it; empty where nobody knows.
pub(super) fn written_at(report: &Report<'_>, input: &InputRef, quote: &dyn Fn(&str) -> String) -> String {
    let place = report.place(input).map(|span| report.sources.place(span));
    match (place, &input.before_place) {
        (Some(place), _) => format!(" ({})", quote(&short(&place, LONGEST_NAME))),
        (None, Some(place)) => format!(" (it stood at {})", quote(&short(place, LONGEST_NAME))),
        (None, None) if report.changes.attribution == Attribution::Inputs => String::new(),
        (None, None) => match report.causes.get(&input.address).map(|it| it.origin) {
            Some(Origin::Default(_)) => " (a default)".to_owned(),
            Some(Origin::Catalogue(_)) => " (of the built-in catalogue)".to_owned(),
            _ => String::new(),
        },
    }
}

fn value(text: &str, quote: &dyn Fn(&str) -> String) -> String {
    quote(&short(text, LONGEST_VALUE))
}

/// `100000 → 130000`, one number where both sides say the same; empty where neither says anything.
pub(super) fn shift(shift: &Shift, quote: &dyn Fn(&str) -> String) -> String {
    let side = |it: &Option<String>| it.as_ref().map_or_else(|| "-".to_owned(), |it| value(it, quote));
    match (shift.is_same(), &shift.after) {
        (true, None) => String::new(),
        (true, Some(_)) => side(&shift.after),
        (false, _) => format!("{} → {}", side(&shift.before), side(&shift.after)),
    }
}

/// A leaf before and after, as one phrase.
pub(super) fn edit(before: Option<&str>, after: Option<&str>, quote: &dyn Fn(&str) -> String) -> String {
    match (before.map(|it| value(it, quote)), after.map(|it| value(it, quote))) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("{after} is new"),
        (Some(before), None) => format!("{before} goes"),
        (None, None) => "differs".to_owned(),
    }
}

/// A difference that means nothing, with the reason.
pub(super) fn ignored(ignored: &Ignored, quote: &dyn Fn(&str) -> String) -> String {
    let values = edit(ignored.before.as_deref(), ignored.after.as_deref(), quote);
    let (name, path) = (quote(&ignored.identity.to_string()), quote(&ignored.path.to_string()));
    format!("{name} {path}: {values}: {}", ignored.reason)
}

/// `17 differences that mean nothing were ignored`.
pub(super) fn ignored_count(count: usize) -> String {
    match count {
        1 => "1 difference that means nothing was ignored".to_owned(),
        count => format!("{count} differences that mean nothing were ignored"),
    }
}

/// `2 objects are there that the spec does not know; they stay`.
pub(super) fn unmanaged_count(count: usize) -> String {
    match count {
        1 => "1 object is there that the spec does not know; it stays".to_owned(),
        count => format!("{count} objects are there that the spec does not know; they stay"),
    }
}
