//! The one way by which the model makes numbers: every call that decides a value registers why.

use std::cmp::Ordering;
use std::fmt::Display;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, Sink};
use crate::unit::exact::Exact;
use crate::why::{Address, Causes, Derived, Origin, Symbolic};

use super::Pin;

/// What one part of the model found out: reasons, pins and errors. Parts are merged in a fixed order.
#[derive(Debug)]
pub(super) struct Reasons {
    pub(super) causes: Causes,
    pub(super) pins: Vec<Pin>,
    pub(super) sink: Sink,
}

/// What the model would decide for a number, and how.
#[derive(Debug, Clone)]
pub(super) struct Answer<T> {
    pub(super) value: T,
    /// The formula by names: `ceil(target_rps / rps_per_pod × safety_margin)`.
    pub(super) symbolic: &'static str,
    /// The formula with the numbers in: `ceil(100000 / 5000 × 1.5)`.
    pub(super) numbers: String,
    pub(super) inputs: Vec<Address>,
}

impl<T> Answer<T> {
    fn origin(&self) -> Origin<'_> {
        Origin::Formula { symbolic: Symbolic::Ours(self.symbolic), numbers: &self.numbers }
    }
}

impl Reasons {
    pub(super) fn new() -> Self {
        Self { causes: Causes::default(), pins: Vec::new(), sink: Sink::default() }
    }

    /// The same without room for more: of a large platform there are ten thousands.
    pub(super) fn packed(mut self) -> Self {
        self.causes.shrink();
        self
    }

    /// A value that was written.
    pub(super) fn written<T: Clone + Display>(&mut self, address: Address, value: &Spanned<T>) -> Derived<T> {
        self.taken(address, value.value.clone(), value.span)
    }

    /// A value that was taken over from the spec in another form.
    pub(super) fn taken<T: Display>(&mut self, address: Address, value: T, span: Span) -> Derived<T> {
        self.leaf(address, value, Origin::Written(span))
    }

    /// A value that nobody wrote.
    pub(super) fn default<T: Display>(&mut self, address: Address, value: T, reason: &'static str) -> Derived<T> {
        self.leaf(address, value, Origin::Default(reason))
    }

    /// What was written, or else the default.
    pub(super) fn written_or<T: Clone + Display>(
        &mut self,
        address: Address,
        value: Option<&Spanned<T>>,
        default: T,
        reason: &'static str,
    ) -> Derived<T> {
        match value {
            Some(value) => self.written(address, value),
            None => self.default(address, default, reason),
        }
    }

    /// A value out of a table that capgen carries.
    pub(super) fn catalogue<T: Display>(&mut self, address: Address, value: T, row: String) -> Derived<T> {
        self.leaf(address, value, Origin::Catalogue(&row))
    }

    fn leaf<T: Display>(&mut self, address: Address, value: T, origin: Origin<'_>) -> Derived<T> {
        self.causes.register(address.clone(), &value, origin, &[]);
        Derived { value, address }
    }

    /// A value that a formula gives.
    pub(super) fn computed<T: Display>(&mut self, address: Address, answer: Answer<T>) -> Derived<T> {
        self.causes.register(address.clone(), &answer.value, answer.origin(), &answer.inputs);
        Derived { value: answer.value, address }
    }

    /// A value that a formula of the spec gives.
    pub(super) fn formula<T: Display>(
        &mut self,
        address: Address,
        value: T,
        symbolic: &str,
        numbers: &str,
        inputs: &[Address],
    ) -> Derived<T> {
        let origin = Origin::Formula { symbolic: Symbolic::OfSpec(symbolic), numbers };
        self.causes.register(address.clone(), &value, origin, inputs);
        Derived { value, address }
    }

    /// A number that may be pinned: the pin if there is one, else the model's answer.
    ///
    /// `carries` says how the pinned value compares with the model's in what it can carry.
    pub(super) fn decided<T: Clone + Display>(
        &mut self,
        address: Address,
        pin: Option<&Spanned<T>>,
        answer: Option<Answer<T>>,
        carries: fn(&T, &T) -> Ordering,
    ) -> Option<Derived<T>> {
        let Some(pin) = pin else { return answer.map(|answer| self.computed(address, answer)) };
        if let Some(answer) = &answer {
            self.pins.push(Pin {
                address: address.clone(),
                span: pin.span,
                pinned: pin.value.to_string(),
                asked: answer.value.to_string(),
                numbers: answer.numbers.clone(),
                carries: carries(&pin.value, &answer.value),
            });
        }
        if let Some(answer) = answer {
            self.causes.register_asked(address.clone(), &answer.value, answer.origin(), &answer.inputs);
        }
        Some(self.written(address, pin))
    }

    /// The smallest whole number that is not below; beyond 64 bits is an error.
    pub(super) fn ceil(&mut self, value: Exact, what: &Address, place: Span) -> Option<i64> {
        let whole = value.ceil().filter(|whole| *whole <= crate::spec::scalar::MANY);
        self.in_range(whole, what, place)
    }

    /// The largest whole number that is not above; beyond 64 bits is an error.
    pub(super) fn floor(&mut self, value: Exact, what: &Address, place: Span) -> Option<i64> {
        let whole = value.floor().filter(|whole| *whole <= crate::spec::scalar::MANY);
        self.in_range(whole, what, place)
    }

    fn in_range(&mut self, whole: Option<i64>, what: &Address, place: Span) -> Option<i64> {
        if whole.is_none() {
            let message =
                format!("`{what}` would be above 100 million: one of its inputs is off by orders of magnitude");
            let help = "check the units and the exponents of the numbers behind it";
            self.sink.error(Diagnostic::error(message).at(place, "decided here").help(help));
        }
        whole
    }

    /// Takes over the reasons of another part, and hands out what they are the reasons of.
    pub(super) fn take<T>(&mut self, (found, own): (T, Reasons)) -> T {
        self.append(own);
        found
    }

    /// As [`Reasons::take`] for many parts, in their order.
    pub(super) fn take_all<T>(&mut self, parts: Vec<(T, Reasons)>) -> Vec<T> {
        let (found, own): (Vec<T>, Vec<Reasons>) = parts.into_iter().unzip();
        let causes = own.into_iter().map(|own| {
            self.pins.extend(own.pins);
            self.sink.append(own.sink);
            own.causes
        });
        let causes = causes.collect();
        self.causes.append_all(causes);
        found
    }

    /// Takes over what another part found out.
    pub(super) fn append(&mut self, other: Reasons) {
        self.causes.append(other.causes);
        self.pins.extend(other.pins);
        self.sink.append(other.sink);
    }
}

/// More of it carries more: replicas, connections, nodes.
pub(super) fn more_is_more(pinned: &i64, asked: &i64) -> Ordering {
    pinned.cmp(asked)
}

/// Less of it carries more: load per replica.
pub(super) fn less_is_more(pinned: &i64, asked: &i64) -> Ordering {
    asked.cmp(pinned)
}
