//! The `ClusterConfig` of eksctl: the cluster, and those of its node groups that the spec can say.
//!
//! It knows `eksctl.io/v1alpha5`. What a file says beside the groups, and a group as a whole, is left alone by a
//! build beside it, and would be gone where the new file takes the place of the old one: each is listed.

use super::draft::{Draft, Unit};
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use crate::doc::value::{self, Node};

/// Adds `[cluster]` and `[nodegroup.…]`.
pub(super) fn add(draft: &mut Draft, found: &mut Found<'_>) {
    let mut configs = found.of_kind(&["ClusterConfig"]).into_iter();
    let Some(index) = configs.next() else { return };
    for other in configs {
        found.stays(other, "a spec has one cluster".to_owned());
    }
    let tree = &found.objects[index].tree;
    let (name, region) = (tree::text_at(tree, "metadata name"), tree::text_at(tree, "metadata region"));
    let (Some(name), Some(region)) = (name, region) else {
        return found.stays(index, "it does not say its `metadata.name` and `metadata.region`".to_owned());
    };
    let mut groups = Vec::new();
    for (list, is_managed) in [("managedNodeGroups", true), ("nodeGroups", false)] {
        for (at, group) in tree::items_at(tree, list).iter().enumerate() {
            let place = format!("{list} {at}");
            match nodegroup(group, is_managed, found.place(index, &place)) {
                Ok(table) => groups.push(table),
                Err(why) => {
                    let object = format!("node group {}", tree::text_at(group, "name").unwrap_or_default());
                    found.stays_beside(found.place(index, &place), &object, why.to_owned());
                }
            }
        }
    }
    if groups.is_empty() {
        return found.stays(index, "none of its node groups can be said".to_owned());
    }
    found.take(index);
    let mut cluster = Table::new(&["cluster"], found.place(index, ""));
    cluster.add("name", Value::Text(name)).add("region", Value::Text(region));
    let (tables, objects) = (vec![cluster], found.described(&[index]));
    let serves = groups.iter().map(|it| format!("nodegroup.{}", it.path[1])).collect();
    draft.add(Unit { table: "cluster".to_owned(), objects, tables, serves, ..Unit::default() });
    for table in groups {
        let name = &table.path[1];
        draft.add(Unit {
            table: format!("nodegroup.{name}"),
            beside: Some((format!("node group {name}"), table.note.clone())),
            tables: vec![table],
            serves: vec!["cluster".to_owned()],
            ..Unit::default()
        });
    }
}

/// One group; `Err` says why it stays as it is.
fn nodegroup(group: &Node, is_managed: bool, place: String) -> Result<Table, &'static str> {
    let name = tree::text_at(group, "name").ok_or("it has no name")?;
    let mut table = Table::new(&["nodegroup", &name], place);
    let distribution = group.get("instancesDistribution");
    let types = match (is_managed, distribution) {
        (true, _) => types(group),
        (false, Some(distribution)) => types(distribution),
        (false, None) => return Err("a self-managed group is one that mixes on-demand and spot nodes, for the spec"),
    };
    if types.is_empty() {
        return Err("it names no instance type");
    }
    table.add("instance_types", Value::List(types));
    let size = |key: &str| tree::int_at(group, key);
    let (Some(min), Some(max)) = (size("minSize"), size("maxSize")) else {
        return Err("it does not say both `minSize` and `maxSize`");
    };
    table.add("min", Value::Int(min)).add("max", Value::Int(max));
    if let Some(desired) = size("desiredCapacity").filter(|it| (min..=max).contains(it)) {
        table.add("desired", Value::Int(desired));
    }
    if let Some(distribution) = distribution.filter(|_| !is_managed) {
        table.add("spot", mixed(distribution));
    } else if group.get("spot").is_some_and(|it| it.value == value::Value::Bool(true)) {
        table.add("spot", Value::Bool(true));
    }
    let labels = tree::entries_at(group, "labels");
    let labels: Vec<_> =
        labels.iter().filter_map(|(key, it)| Some((key.to_string(), Value::Text(tree::text(it)?)))).collect();
    if !labels.is_empty() {
        table.add("labels", Value::Inline(labels));
    }
    let taints: Vec<Value> = tree::items_at(group, "taints").iter().map(taint).collect();
    if !taints.is_empty() {
        table.add("taints", Value::List(taints));
    }
    Ok(table)
}

fn types(node: &Node) -> Vec<Value> {
    let one = tree::text_at(node, "instanceType").filter(|it| it != "mixed");
    let several = tree::items_at(node, "instanceTypes").iter().filter_map(tree::text);
    one.into_iter().chain(several).map(Value::Text).collect()
}

fn mixed(distribution: &Node) -> Value {
    let int = |key: &str| tree::int_at(distribution, key).map(Value::Int);
    let price = distribution.get("maxPrice").and_then(tree::text);
    let is_number = |it: &String| it.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let price = price
        .filter(is_number)
        .map(|it| if it.contains('.') { Value::Decimal(it) } else { Value::Decimal(format!("{it}.0")) });
    Value::inline([
        ("max_price", price),
        ("on_demand_base", int("onDemandBaseCapacity")),
        ("on_demand_percentage", int("onDemandPercentageAboveBaseCapacity")),
        ("pools", int("spotInstancePools")),
        ("allocation_strategy", tree::text_at(distribution, "spotAllocationStrategy").map(Value::Text)),
    ])
}

fn taint(taint: &Node) -> Value {
    let text = |key: &str| tree::text_at(taint, key).map(Value::Text);
    Value::inline([("key", text("key")), ("value", text("value")), ("effect", text("effect"))])
}
