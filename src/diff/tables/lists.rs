//! Two lists of plain values, such as the names in `runs`: who puts one in front changes none of those behind it.
//!
//! Members are told apart by their values. It must not know what a list is for.

use std::collections::BTreeMap;

/// A member and where it stands in its list.
pub(super) type Member<'a> = (usize, &'a str);

/// A member that differs: at one of the two indices, or the same at both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    /// `None`: it is new.
    pub(super) before: Option<Member<'a>>,
    /// `None`: it is gone.
    pub(super) after: Option<Member<'a>>,
}

/// Which members are gone, which are new, and which stand in another order than they did; both lists are sorted by index.
pub(super) fn compare<'a>(before: &[Member<'a>], after: &[Member<'a>]) -> Vec<Difference<'a>> {
    let (stayed, gone) = apart(before, after);
    let (stays, mut new) = apart(after, before);
    let moved = stayed.into_iter().zip(stays).filter(|(before, after)| before.1 != after.1);
    let mut found: Vec<Difference<'a>> =
        moved.map(|(before, after)| Difference { before: Some(before), after: Some(after) }).collect();
    for before in gone {
        // What takes the place of another is another value of it.
        let at = new.iter().position(|it| it.0 == before.0);
        found.push(Difference { before: Some(before), after: at.map(|at| new.remove(at)) });
    }
    found.extend(new.into_iter().map(|after| Difference { before: None, after: Some(after) }));
    found
}

/// The members that the other list has too, as many of each as it has, and the rest.
fn apart<'a>(these: &[Member<'a>], those: &[Member<'a>]) -> (Vec<Member<'a>>, Vec<Member<'a>>) {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    those.iter().for_each(|(_, value)| *left.entry(value).or_default() += 1);
    these.iter().partition(|(_, value)| match left.get_mut(value) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a member; `a0` is gone from the first place, `+b1` new at the second, `a0>b1` another there.
    fn check(before: &str, after: &str, expected: &[&str]) {
        let members = |text: &'static str| text.split_terminator(' ').enumerate().collect::<Vec<_>>();
        let (before, after) = (members(before.to_owned().leak()), members(after.to_owned().leak()));
        let shown = |(index, value): Member<'_>| format!("{value}{index}");
        let found: Vec<String> = compare(&before, &after)
            .into_iter()
            .map(|it| match (it.before.map(shown), it.after.map(shown)) {
                (Some(before), Some(after)) => format!("{before}>{after}"),
                (before, after) => before.or_else(|| Some(format!("+{}", after?))).unwrap_or_default(),
            })
            .collect();
        assert_eq!(found, expected, "{before:?} → {after:?}");
    }

    #[test]
    fn who_comes_or_goes_moves_nobody() {
        check("a b c", "a b c", &[]);
        check("a b c", "x a b c", &["+x0"]);
        check("a b c", "a c", &["b1"]);
        check("a b c", "b c x", &["a0", "+x2"]);
        check("", "a", &["+a0"]);
        check("a b", "", &["a0", "b1"]);
    }

    #[test]
    fn what_stands_in_the_place_of_another_is_its_new_value() {
        check("a b c", "a x c", &["b1>x1"]);
        check("a b c", "x b", &["a0>x0", "c2"]);
    }

    #[test]
    fn another_order_is_said_of_those_that_moved() {
        check("a b c", "b a c", &["a0>b0", "b1>a1"]);
        check("a b c d", "c b d", &["b1>c0", "c2>b1", "a0"]);
    }

    #[test]
    fn equal_members_are_counted() {
        check("a a b", "a b", &["a1"]);
        check("a b", "a b a", &["+a2"]);
    }
}
