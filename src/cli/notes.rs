//! Sentences about what was read, for several commands.

use std::collections::BTreeMap;

/// How many files are named one by one.
const FEW: usize = 5;

/// What was passed over, with the reasons: one by one, or where much has one reason, counted with the first of them.
pub(super) fn passed_over(skipped: &[(String, &'static str)]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (place, reason) in skipped {
        by_reason.entry(reason).or_default().push(place);
    }
    let many = |reason: &str| by_reason.get(reason).filter(|it| it.len() > FEW);
    let mut told = Vec::new();
    for (place, reason) in skipped {
        let note = match many(reason) {
            None => format!("`{place}` was passed over: {reason}"),
            Some(places) if places.first() == Some(&place.as_str()) => {
                format!("`{place}` and {} more were passed over: {reason}", places.len() - 1)
            }
            Some(_) => continue,
        };
        told.push(note);
    }
    told
}
