//! The pace of an autoscaler: when, and at how many replicas, its scaling policies come to rest, in steps of the controller.

use crate::unit::exact::Exact;

use super::autoscale::Rules;

/// The controller decides every 15 s (kubernetes v1.36, `--horizontal-pod-autoscaler-sync-period`).
const TICK: i64 = 15;

/// Where nobody counts on, in seconds.
pub const LONGEST: i64 = 86_400;

/// `--horizontal-pod-autoscaler-tolerance` (kubernetes v1.36, `pkg/controller/podautoscaler/config/v1alpha1/defaults.go`).
const TOLERANCE: (i64, i64) = (1, 10);

/// How far the metric may be off in one direction before anything happens, as a part of the target.
pub fn tolerance(rules: Option<&Rules>) -> Exact {
    let own = rules.and_then(|it| it.tolerance.as_ref()).and_then(|it| Exact::parse(&it.value).ok());
    own.unwrap_or(Exact::fraction(TOLERANCE.0, TOLERANCE.1))
}

/// Seconds from the fewest to the most replicas under a load that asks for them at once, more than [`LONGEST`] where nobody
/// counts on; `None` where they never come.
///
/// The order is that of the controller: first the stabilization window, of which a step of the load waits all but one
/// tick, then the policies, which look at the replicas one period ago (`horizontal.go`).
pub fn time(rules: &Rules, min: i64, max: i64) -> Option<i64> {
    let select = rules.select.as_ref().map_or("Max", |it| it.value);
    let own = rules.policies.iter();
    let policies: Vec<Step> =
        own.map(|it| Step { kind: it.kind, value: it.value.value, period: it.period.value }).collect();
    seconds(rules.window.as_ref().map_or(0, |it| it.value), &policies, select, min, max)
}

/// The replicas at which it rests under a load that asks for the most at every moment, until it is content with those that run; `None` where nobody counts on.
pub fn settles(rules: Option<&Rules>, min: i64, max: i64, is_content: &dyn Fn(i64) -> bool) -> Option<i64> {
    let own = rules.map_or([].as_slice(), |it| it.policies.as_slice()).iter();
    let policies: Vec<Step> =
        own.map(|it| Step { kind: it.kind, value: it.value.value, period: it.period.value }).collect();
    let select = rules.and_then(|it| it.select.as_ref()).map_or("Max", |it| it.value);
    play(0, &policies, select, (min, max), is_content).map(|(_, replicas)| replicas)
}

/// [`time()`] for rules that stand in a file.
pub fn seconds(window: i64, policies: &[Step], select: &str, min: i64, max: i64) -> Option<i64> {
    if min < max && select == "Disabled" {
        return None;
    }
    let end = play(window, policies, select, (min, max), &|_| false);
    Some(end.map_or(LONGEST + 1, |(seconds, _)| seconds))
}

/// When it rests, in seconds, and at how many replicas: at the most, or where it is content; `None` where nobody counts on.
fn play(
    window: i64,
    policies: &[Step],
    select: &str,
    (min, max): (i64, i64),
    is_content: &dyn Fn(i64) -> bool,
) -> Option<(i64, i64)> {
    if min >= max || is_content(min) {
        return Some((0, min));
    }
    if select == "Disabled" {
        return None;
    }
    let policies = if policies.is_empty() { &KUBERNETES } else { policies };
    let wait = (window - TICK).max(0);
    let first = wait + (TICK - wait % TICK) % TICK;
    // Replicas after each tick, from the first that may act.
    let mut replicas = Vec::new();
    for now in (first..=LONGEST).step_by(15) {
        let before = |period: i64| {
            let index = usize::try_from((now - period - first).div_euclid(TICK)).ok();
            index.and_then(|it| replicas.get(it)).copied().unwrap_or(min)
        };
        let limits = policies.iter().map(|it| it.limit(before(it.period)));
        let limit = if select == "Min" { limits.min() } else { limits.max() };
        let current = replicas.last().copied().unwrap_or(min);
        let next = limit.unwrap_or(max).clamp(current, max);
        if next == max || is_content(next) {
            return Some((now, next));
        }
        replicas.push(next);
    }
    None
}

/// A policy: so much per period of so many seconds.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub kind: &'static str,
    pub value: i64,
    pub period: i64,
}

/// Kubernetes' own list where none is given (`pkg/apis/autoscaling/v2/defaults.go`).
const KUBERNETES: [Step; 2] =
    [Step { kind: "Pods", value: 4, period: 15 }, Step { kind: "Percent", value: 100, period: 15 }];

impl Step {
    /// The most replicas that it allows, from those at the start of its period.
    fn limit(self, start: i64) -> i64 {
        if self.kind != "Percent" {
            return start.saturating_add(self.value);
        }
        let hundredths = i128::from(start) * (100 + i128::from(self.value));
        i64::try_from(hundredths / 100 + i128::from(hundredths % 100 != 0)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::autoscale::Policy;
    use crate::why::{Address, Derived};

    fn of<T>(value: T) -> Derived<T> {
        Derived { value, address: Address::verbatim("x") }
    }

    fn rules(window: i64, policies: &[(&'static str, i64, i64)], select: Option<&'static str>) -> Rules {
        let policy =
            |(kind, value, period): &(&'static str, i64, i64)| Policy { kind, value: of(*value), period: of(*period) };
        let policies = policies.iter().map(policy).collect();
        Rules { window: Some(of(window)), policies, select: select.map(of), tolerance: None }
    }

    /// What a re-implementation of the controller gave for the behaviours of four runbooks.
    #[test]
    fn times_are_those_of_the_controller() {
        assert_eq!(time(&rules(0, &[], None), 2, 20), Some(30));
        let wakala = rules(60, &[("Percent", 100, 30), ("Pods", 10, 30)], None);
        assert_eq!(time(&wakala, 5, 100), Some(135));
        let kafka = rules(60, &[("Percent", 50, 60), ("Pods", 2, 60)], Some("Max"));
        assert_eq!(time(&kafka, 4, 12), Some(165));
        assert_eq!(time(&rules(60, &[("Percent", 100, 30)], None), 5, 50), Some(135));
    }

    /// 24 partitions: two by two it passes from 20 to 22, of which the two that are left are less than a tenth.
    #[test]
    fn what_is_content_rests() {
        let two = rules(60, &[("Pods", 2, 60)], None);
        let content = |replicas: i64| 24 * 10 <= replicas * 11;
        assert_eq!(settles(Some(&two), 4, 24, &content), Some(22));
        assert_eq!(settles(Some(&two), 4, 21, &content), Some(21));
        assert_eq!(settles(None, 3, 24, &content), Some(24));
        assert_eq!(settles(None, 23, 24, &content), Some(23));
    }

    #[test]
    fn what_never_grows_has_no_time() {
        assert_eq!(time(&rules(0, &[("Pods", 1, 60)], Some("Disabled")), 2, 20), None);
        assert_eq!(time(&rules(0, &[("Pods", 1, 60)], Some("Disabled")), 2, 2), Some(0));
        assert_eq!(time(&rules(0, &[("Pods", 1, 1800)], None), 1, 100), Some(LONGEST + 1));
    }
}
