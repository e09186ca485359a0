//! What a group costs: `730 × nodes × price`, in USD.
//!
//! 730 hours are a month (8760 / 12). The price is that of the dearest listed type, on demand in us-east-1, unless
//! the spec says otherwise; for spot nodes without a price that is an upper bound, since spot prices are capped by it.

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::model::reasons::{Answer, Reasons};
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::instances::{Listed, Price};
use super::sizes::Sizes;
use super::{Cost, Group, NodeGroup, Purchase, decimal};

/// Hours of a month.
const HOURS: i64 = 730;

/// The cost of a group; `None` where a price is not known.
pub(super) fn cost(
    group: &Group<'_>,
    types: &[Listed],
    purchase: &Purchase,
    sizes: &Sizes,
    reasons: &mut Reasons,
) -> Option<Cost> {
    let (hourly, text) = hourly(group, types, purchase, reasons)?;
    let min = monthly(group, "monthly_cost_min", &sizes.min, &hourly, &text, reasons)?;
    let max = monthly(group, "monthly_cost_max", &sizes.max, &hourly, &text, reasons)?;
    Some(Cost { hourly, min, max })
}

/// The cost of all groups, where the price of each is known: a part would be taken for the whole.
pub(super) fn of_cluster(groups: &[NodeGroup], reasons: &mut Reasons) {
    let Some(costs) = groups.iter().map(|it| it.cost.as_ref()).collect::<Option<Vec<&Cost>>>() else { return };
    if costs.is_empty() {
        return;
    }
    let min: Vec<&Derived<Exact>> = costs.iter().map(|it| &it.min).collect();
    let max: Vec<&Derived<Exact>> = costs.iter().map(|it| &it.max).collect();
    total("monthly_cost_min", "sum of the node groups' monthly_cost_min", &min, reasons);
    total("monthly_cost_max", "sum of the node groups' monthly_cost_max", &max, reasons);
}

fn total(key: &str, symbolic: &'static str, costs: &[&Derived<Exact>], reasons: &mut Reasons) {
    let sum = costs.iter().fold(Exact::ZERO, |sum, cost| sum + cost.value);
    let Some(value) = cents(sum).map(dollars) else { return };
    let terms: Vec<String> = costs.iter().filter_map(|cost| cents(cost.value)).map(dollars).collect();
    let inputs = costs.iter().map(|cost| cost.address.clone()).collect();
    reasons.computed(Address::of(["cluster", key]), Answer { value, symbolic, numbers: terms.join(" + "), inputs });
}

/// Rounded half up.
fn cents(dollars: Exact) -> Option<i64> {
    (dollars * Exact::from(100) + Exact::fraction(1, 2)).floor()
}

fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// USD per node and hour: what is written, else the dearest type's price.
fn hourly(
    group: &Group<'_>,
    types: &[Listed],
    purchase: &Purchase,
    reasons: &mut Reasons,
) -> Option<(Derived<Exact>, String)> {
    let (symbolic, prices) = match (written(group, purchase, reasons), purchase) {
        (Some((symbolic, price)), _) => (symbolic, vec![price]),
        (None, Purchase::OnDemand) => ("max(prices of instance_types)", listed(types)?),
        (None, _) => ("max(on-demand prices of instance_types), an upper bound for spot nodes", listed(types)?),
    };
    let dearest = prices.iter().max_by(|a, b| a.value.checked_cmp(&b.value).unwrap_or(std::cmp::Ordering::Equal))?;
    let (value, text) = (dearest.value, dearest.text.clone());
    let texts: Vec<&str> = prices.iter().map(|price| price.text.as_str()).collect();
    let numbers = match texts.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("max({})", several.join(", ")),
    };
    let mut inputs: Vec<Address> = prices.iter().map(|price| price.address.clone()).collect();
    if prices.len() > 1 {
        inputs.extend(types.iter().map(|it| it.name.address.clone()));
    }
    let answer = Answer { value: text.clone(), symbolic, numbers, inputs };
    let hourly = reasons.computed(group.address.child("hourly_price"), answer).map(|_| value);
    Some((hourly, text))
}

/// A price that the spec states for the group.
fn written(group: &Group<'_>, purchase: &Purchase, reasons: &mut Reasons) -> Option<(&'static str, Price)> {
    if let Some(price) = &group.written.price {
        let (address, text) = (group.address.child("price"), decimal(price.value.0));
        reasons.taken(address.clone(), text.clone(), price.span);
        return Some(("price", Price { value: price.value.0, text, address }));
    }
    let Purchase::Mixed(mixed) = purchase else { return None };
    let max_price = mixed.max_price.as_ref()?;
    let (value, address) = (max_price.value, max_price.address.clone());
    Some(("spot.max_price", Price { value, text: decimal(value), address }))
}

fn listed(types: &[Listed]) -> Option<Vec<Price>> {
    let copy = |price: &Price| Price { value: price.value, text: price.text.clone(), address: price.address.clone() };
    types.iter().map(|it| it.price.as_ref().map(copy)).collect()
}

/// USD per month, rounded half up to cents.
fn monthly(
    group: &Group<'_>,
    key: &str,
    nodes: &Derived<i64>,
    hourly: &Derived<Exact>,
    price: &str,
    reasons: &mut Reasons,
) -> Option<Derived<Exact>> {
    let exact = Exact::from(HOURS) * Exact::from(nodes.value) * hourly.value;
    let Some(cents) = cents(exact) else {
        too_much(group, nodes.value, price, reasons);
        return None;
    };
    let answer = Answer {
        value: dollars(cents),
        symbolic: if key == "monthly_cost_min" { "730 × min × hourly_price" } else { "730 × max × hourly_price" },
        numbers: format!("{HOURS} × {} × {price}", nodes.value),
        inputs: vec![nodes.address.clone(), hourly.address.clone()],
    };
    Some(reasons.computed(group.address.child(key), answer).map(|_| Exact::fraction(cents, 100)))
}

fn too_much(group: &Group<'_>, nodes: i64, price: &str, reasons: &mut Reasons) {
    let message =
        format!("`{}` would cost more than can be counted: {nodes} nodes at {price} USD an hour", group.address);
    let place: Span = group.written.price.as_ref().map_or(group.place, |price| price.span);
    let help = "`price` is in USD per node and hour; check its unit and exponent";
    reasons.sink.error(Diagnostic::error(message).at(place, "off by orders of magnitude").help(help));
}
