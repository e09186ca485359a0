//! The words that every format shares: what an object is called, why it changes, how many there are.
//!
//! It knows which texts come from outside, and lets none of them through without the `quote` of its caller. It must not
//! know any single format.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diff::{Action, Attribution, Because, Changes, Ignored, ObjectChange, Path, Risk, Shift, Verdict};
use crate::doc::value::is_hidden;

use super::Report;

/// The characters of a value that a sentence quotes.
const LONGEST_VALUE: usize = 80;

/// The places that a sentence names before it only counts them.
const MOST_PLACES: usize = 3;

/// A text in which nothing is hidden: one line that cannot steer a terminal. Every character keeps its column.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    let stand_in = |character: char| match character {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        it if is_hidden(it) => '\u{fffd}',
        it => it,
    };
    match text.contains(is_hidden) {
        true => Cow::Owned(text.chars().map(stand_in).collect()),
        false => Cow::Borrowed(text),
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
    match &object.action {
        Action::Rename { from } => format!("{from} → {}", object.identity),
        Action::Add | Action::Remove | Action::Change => object.identity.to_string(),
    }
}

/// `~ HorizontalPodAutoscaler production/wakala-api  k8s/api/hpa.yaml`, safe to print.
pub(super) fn title(object: &ObjectChange) -> String {
    let (mark, name) = (mark(&object.action), name(object));
    match name == object.file {
        true => plain(&format!("{mark} {name}")),
        false => plain(&format!("{mark} {name}  {}", object.file)),
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
        paths.iter().take(MOST_PLACES).map(|it| quote(&short(&it.to_string(), LONGEST_VALUE * 2))).collect();
    let more = match paths.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(", for {}{more}", named.join(", "))
}

/// `because service.api.target_rps: 100000 → 130000 (capacity.toml:12:1)`, every text from outside under `quote`.
pub(super) fn sentence(report: &Report<'_>, because: &Because, quote: &dyn Fn(&str) -> String) -> String {
    let input = match because {
        Because::EditedByHand => return "edited by hand".to_owned(),
        Because::Version { before, after } => return format!("capgen {} → {}", quote(before), quote(after)),
        Because::Input(input) => input,
    };
    let value = |text: &str| quote(&short(text, LONGEST_VALUE));
    let address = quote(input.address.as_str());
    let said = match (&input.before, &input.after, report.changes.attribution) {
        (_, Some(after), Attribution::DecidedBy) => format!("decided by {address} = {}", value(after)),
        (_, None, Attribution::DecidedBy) => format!("decided by {address}"),
        (Some(before), Some(after), Attribution::Inputs) => {
            format!("because {address}: {} → {}", value(before), value(after))
        }
        (None, Some(after), Attribution::Inputs) => format!("because {address} = {} is new", value(after)),
        (Some(before), None, Attribution::Inputs) => format!("because {address} = {} is gone", value(before)),
        (None, None, Attribution::Inputs) => format!("because of {address}"),
    };
    let place = report.causes.written_at(&input.address).map(|span| report.sources.place(span));
    match (place, &input.before_place) {
        (Some(place), _) => format!("{said} ({})", quote(&place)),
        (None, Some(place)) => format!("{said} (it stood at {})", quote(place)),
        (None, None) => said,
    }
}

/// `100000 → 130000`, one number where both sides say the same; empty where neither says anything.
pub(super) fn shift(shift: &Shift, quote: &dyn Fn(&str) -> String) -> String {
    let value = |it: &Option<String>| it.as_ref().map_or_else(|| "-".to_owned(), |it| quote(&short(it, LONGEST_VALUE)));
    match (shift.is_same(), &shift.after) {
        (true, None) => String::new(),
        (true, Some(_)) => value(&shift.after),
        (false, _) => format!("{} → {}", value(&shift.before), value(&shift.after)),
    }
}

/// A leaf before and after, as one phrase.
pub(super) fn edit(before: Option<&str>, after: Option<&str>, quote: &dyn Fn(&str) -> String) -> String {
    let value = |text: &str| quote(&short(text, LONGEST_VALUE));
    match (before, after) {
        (Some(before), Some(after)) => format!("{} → {}", value(before), value(after)),
        (None, Some(after)) => format!("{} is new", value(after)),
        (Some(before), None) => format!("{} goes", value(before)),
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

/// How many objects each action meets.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) change: usize,
    pub(super) add: usize,
    pub(super) remove: usize,
    pub(super) rename: usize,
    /// The worst risk of an object or an input; `None`: there is no change.
    pub(super) worst: Option<Risk>,
}

pub(super) fn totals(changes: &Changes) -> Totals {
    let risks = changes.objects.iter().map(|it| it.risk.risk).chain(changes.inputs.iter().map(|it| it.risk.risk));
    let mut totals = Totals { worst: risks.max(), ..Totals::default() };
    for object in &changes.objects {
        match object.action {
            Action::Add => totals.add += 1,
            Action::Remove => totals.remove += 1,
            Action::Change => totals.change += 1,
            Action::Rename { .. } => totals.rename += 1,
        }
    }
    totals
}

/// `3 objects change, 1 is added, 1 goes; worst: disruptive`, or `no changes`.
pub(super) fn total_line(changes: &Changes) -> String {
    let totals = totals(changes);
    let counts = [
        (totals.change, "changes", "change"),
        (totals.add, "is added", "are added"),
        (totals.rename, "is renamed", "are renamed"),
        (totals.remove, "goes", "go"),
    ];
    let mut noun = Some(("object ", "objects "));
    let counted = counts.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, several)| {
        let (object, objects) = noun.take().unwrap_or_default();
        match count {
            1 => format!("1 {object}{one}"),
            _ => format!("{count} {objects}{several}"),
        }
    });
    let counted: Vec<String> = counted.collect();
    match (counted.is_empty(), totals.worst) {
        (true, _) => "no changes".to_owned(),
        (false, worst) => format!("{}; worst: {}", counted.join(", "), worst.map_or("safe", Risk::word)),
    }
}
