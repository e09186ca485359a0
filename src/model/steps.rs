//! Steps of a queue's depth: from so many messages on, so many workers.
//!
//! KEDA knows no steps: it asks for `ceil(messages / threshold)` replicas, between the fewest and the most. The threshold
//! that meets every step is `floor(min(depth / replicas))`, for then `ceil(depth / threshold) ≥ replicas` at each of them. Of 20 workers
//! from 5 000 messages on and 30 from 10 000 it is floor(min(250, 333.3)) = 250: 20 and, cut at the most of 30, 40. Between two steps
//! the line lies above them: workers come before the step says so, never after. The HPA behind KEDA leaves a count alone
//! that is within 10 % of what is asked, so that a queue which creeps over a step may find it met a few messages later.

use std::cmp::Reverse;

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::worker::{Step, WorkerAutoscale};
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};

/// What the steps of a worker ask for.
pub(super) struct Steps {
    /// The most replicas that a step asks for.
    pub(super) most: Derived<i64>,
    /// Messages per replica at which every step is met.
    pub(super) threshold: Answer<i64>,
    all: Vec<Resolved>,
}

struct Resolved {
    address: Address,
    depth: Derived<i64>,
    replicas: Derived<i64>,
}

/// The steps of the autoscaler at an address; `None` where there are none, or where an error was reported.
pub(super) fn resolve(written: &WorkerAutoscale, autoscale: &Address, reasons: &mut Reasons) -> Option<Steps> {
    let written = written.steps.as_ref()?;
    let at = autoscale.child("steps");
    let step = |(index, step): (usize, &Step)| {
        let address = at.index(index);
        let depth = reasons.taken(address.child("depth"), step.depth.value.0, step.depth.span);
        let replicas = reasons.taken(address.child("replicas"), step.replicas.value.0, step.replicas.span);
        Resolved { address, depth, replicas }
    };
    let all: Vec<Resolved> = written.value.iter().enumerate().map(step).collect();
    check(written, &at, reasons)?;
    let most = all.iter().max_by_key(|it| (it.replicas.value, Reverse(it.depth.value)))?.replicas.clone();
    let each = |it: &Resolved| Exact::fraction(it.depth.value, it.replicas.value);
    let least = all.iter().map(each).reduce(|a, b| if b < a { b } else { a })?;
    let terms: Vec<String> = all.iter().map(|it| format!("{} / {}", it.depth.value, it.replicas.value)).collect();
    let terms = if let [one] = terms.as_slice() { one.clone() } else { format!("min({})", terms.join(", ")) };
    let threshold = Answer {
        value: reasons.floor(least, &at, written.span)?,
        symbolic: "floor(min(depth / replicas))",
        numbers: format!("floor({terms})"),
        inputs: all.iter().flat_map(|it| [it.depth.address.clone(), it.replicas.address.clone()]).collect(),
    };
    Some(Steps { most, threshold, all })
}

/// More messages must ask for more workers, and no step for more workers than messages.
fn check(written: &Spanned<Vec<Step>>, at: &Address, reasons: &mut Reasons) -> Option<()> {
    let mut sorted: Vec<&Step> = written.value.iter().collect();
    sorted.sort_by_key(|it| it.depth.value);
    let mut found = Vec::new();
    if sorted.is_empty() {
        let help = "write one such as `{ depth = 5000, replicas = 20 }`, or take the key out";
        found.push(Diagnostic::error(format!("`{at}` has no step")).at(written.span, "empty").help(help));
    }
    for pair in sorted.windows(2) {
        let [lower, upper] = pair else { continue };
        if lower.depth.value == upper.depth.value {
            let message = format!("`{at}` has two steps from {} messages on", upper.depth.value);
            let diagnostic = Diagnostic::error(message).at(upper.depth.span, "again").at(lower.depth.span, "the first");
            found.push(diagnostic.help("keep one of the two"));
        } else if upper.replicas.value <= lower.replicas.value {
            let message = format!(
                "`{at}` asks for {} workers from {} messages on, and for {} from fewer, {}",
                upper.replicas.value, upper.depth.value, lower.replicas.value, lower.depth.value,
            );
            let diagnostic = Diagnostic::error(message).at(upper.replicas.span, "no more than");
            let help = "more messages ask for more workers: take the step out, or give it more `replicas`";
            found.push(diagnostic.at(lower.replicas.span, "the step below").help(help));
        }
    }
    for step in sorted.into_iter().filter(|it| it.depth.value.0 < it.replicas.value.0) {
        let message =
            format!("a step of `{at}` has fewer messages than workers: {}, {}", step.depth.value, step.replicas.value);
        let diagnostic = Diagnostic::error(message).at(step.depth.span, "messages").at(step.replicas.span, "workers");
        found.push(diagnostic.help("`depth` counts messages that wait, `replicas` the workers to take them"));
    }
    let sound = found.is_empty();
    found.into_iter().for_each(|it| {
        reasons.sink.error(it);
    });
    sound.then_some(())
}

impl Steps {
    /// The most replicas: what the load asks for (never below `least`), or what a step does where that is more.
    pub(super) fn at_least(&self, load: Option<Answer<i64>>, least: Option<&Derived<i64>>) -> Answer<i64> {
        let (most, address) = (self.most.value, self.most.address.clone());
        match (load, least) {
            (Some(load), _) if load.value >= most => load,
            (None, Some(least)) if least.value > most => Answer {
                value: least.value,
                symbolic: "max(min, the most replicas of a step)",
                numbers: format!("max({}, {most})", least.value),
                inputs: vec![least.address.clone(), address],
            },
            (Some(load), _) => Answer {
                value: most,
                symbolic: "the most of the load and of the steps' replicas",
                numbers: format!("max({}, {most})", load.numbers),
                inputs: load.inputs.into_iter().chain([address]).collect(),
            },
            (None, _) => Answer {
                value: most,
                symbolic: "the most replicas of a step",
                numbers: match self.all.as_slice() {
                    [_] => most.to_string(),
                    all => {
                        let each: Vec<String> = all.iter().map(|it| it.replicas.value.to_string()).collect();
                        format!("max({})", each.join(", "))
                    }
                },
                inputs: self.all.iter().map(|it| it.replicas.address.clone()).collect(),
            },
        }
    }

    /// The threshold: what the lag target asks for, or what the steps do where that is less.
    pub(super) fn at_most(&self, lag: Option<Answer<i64>>) -> Answer<i64> {
        let own = self.threshold.clone();
        let Some(lag) = lag else { return own };
        Answer {
            value: lag.value.min(own.value),
            symbolic: "min(floor(throughput_per_worker × lag_target), floor(min(depth / replicas)))",
            numbers: format!("min({}, {})", lag.numbers, own.numbers),
            inputs: lag.inputs.into_iter().chain(own.inputs).collect(),
        }
    }

    /// What KEDA asks for at each step, `min(max, ceil(depth / lag_threshold))`, registered as `steps[0].reached`; a step above
    /// the most replicas is an error.
    pub(super) fn check_reached(&self, threshold: &Derived<i64>, max: &Derived<i64>, reasons: &mut Reasons) {
        for step in &self.all {
            if step.replicas.value > max.value {
                let message = format!(
                    "`{}` asks for {} workers, and `{}` is {}",
                    step.address, step.replicas.value, max.address, max.value,
                );
                let place = reasons.causes.written_at(&step.replicas.address);
                let limit = reasons.causes.written_at(&max.address);
                let diagnostic = Diagnostic::error(message).at_some(place, "above").at_some(limit, "the limit");
                let help = format!("max = {}, or fewer `replicas` for the step", step.replicas.value);
                reasons.sink.error(diagnostic.help(help));
                continue;
            }
            let at = step.address.child("reached");
            let asked = Exact::fraction(step.depth.value, threshold.value);
            let Some(asked) = asked.ceil() else { continue };
            let answer = Answer {
                value: asked.min(max.value),
                symbolic: "min(max, ceil(depth / lag_threshold))",
                numbers: format!("min({}, ceil({} / {}))", max.value, step.depth.value, threshold.value),
                inputs: vec![max.address.clone(), step.depth.address.clone(), threshold.address.clone()],
            };
            reasons.computed(at, answer);
        }
    }
}
