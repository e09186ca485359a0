//! "Did you mean": the known name nearest to one that is not known.

/// The candidate that was most likely meant, if any is near enough.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    // Long input would make the comparison quadratic for no gain: no name of ours is that long.
    if written.len() > 64 {
        return None;
    }
    let swapped = written.replace('-', "_").to_lowercase();
    if let Some(same) = candidates.iter().find(|it| it.replace('-', "_") == swapped) {
        return Some(same);
    }
    similar::get_close_matches(written, &candidates, 1, 0.6).first().copied()
}

/// `"did you mean `x`?"`, or the list of what is allowed where nothing is near.
pub fn help<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(written, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", list(candidates)),
    }
}

/// Names in backticks, separated by commas.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
