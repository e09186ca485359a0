//! How many objects change, in which way, and how bad the worst of it is.

use crate::diff::{Action, Changes, Risk};

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

/// Counts.
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
///
/// Where no object changes, the inputs that are a risk in themselves are counted: `no object changes; 1 input does; worst:
/// irreversible`.
pub(super) fn line(changes: &Changes) -> String {
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
    let worst = totals.worst.map_or("safe", Risk::word);
    match (counted.is_empty(), changes.risky_inputs().count()) {
        (true, 0) => "no changes".to_owned(),
        (true, 1) => format!("no object changes; 1 input does; worst: {worst}"),
        (true, inputs) => format!("no object changes; {inputs} inputs do; worst: {worst}"),
        (false, _) => format!("{}; worst: {worst}", counted.join(", ")),
    }
}
