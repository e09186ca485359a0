//! Which leaves differ, and that differences can be applied.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::doc::object::Identity;
use crate::doc::yaml;

fn rules(kind: &str) -> Rules {
    Rules::of(&Identity::Kubernetes {
        group: String::new(),
        kind: kind.to_owned(),
        namespace: None,
        name: "api".to_owned(),
    })
}

fn read(text: &str) -> Node {
    yaml::parse(text, &yaml::Limits::default()).unwrap().pop().unwrap_or(Value::Map(Vec::new()).into())
}

/// Every difference as `path: old → new`, ignored ones in brackets.
fn check(kind: &str, old: &str, new: &str, expected: &[&str]) {
    let shown =
        |node: &Option<Node>| node.as_ref().map_or("∅".to_owned(), |it| crate::diff::rules::text(it).into_owned());
    let found = compare(&read(old), &read(new), &rules(kind), &|_, _, _| None);
    let found: Vec<String> = found
        .iter()
        .map(|it| {
            let text = format!("{}: {} → {}", it.path, shown(&it.old), shown(&it.new));
            if it.excuse.is_some() { format!("[{text}]") } else { text }
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn keys_have_no_order() {
    check("Role", "a: 1\nb: 2", "b: 2\na: 1", &[]);
    check("Role", "a: {x: 1, y: 2}", "a: {y: 3, x: 1}", &["a.y: 2 → 3"]);
}

#[test]
fn a_map_on_one_side_may_mean_nothing_in_all_its_parts() {
    let memory = "kubectl.kubernetes.io/last-applied-configuration";
    check(
        "Role",
        &format!("metadata: {{annotations: {{{memory}: x}}}}"),
        "metadata: {name: a}",
        &["metadata.name: ∅ → a", &format!("[metadata.annotations[\"{memory}\"]: x → ∅]")],
    );
    check(
        "Role",
        &format!("metadata: {{annotations: {{{memory}: x, by: hand}}}}"),
        "metadata: {name: a}",
        &[
            "metadata.name: ∅ → a",
            &format!("[metadata.annotations[\"{memory}\"]: x → ∅]"),
            "metadata.annotations.by: hand → ∅",
        ],
    );
    let job = "spec: {jobTemplate: {spec: {completions: 1, parallelism: 1}}}";
    let defaults = ["completions", "parallelism"].map(|it| format!("[spec.jobTemplate.spec.{it}: 1 → ∅]"));
    check("CronJob", job, "a: 1", &["a: ∅ → 1", &defaults[0], &defaults[1]]);
    // What is new with a member of a list is new, defaults and all.
    check(
        "ScaledObject",
        "spec: {triggers: []}",
        "spec: {triggers: [{type: cpu, metricType: AverageValue}]}",
        &["spec.triggers[cpu].type: ∅ → cpu", "spec.triggers[cpu].metricType: ∅ → AverageValue"],
    );
    check("Role", "metadata: {labels: {}}", "metadata: {labels: {a: b}}", &["metadata.labels.a: ∅ → b"]);
}

#[test]
fn members_are_known_by_their_names() {
    let cpu = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}";
    let memory = "{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}";
    let list = |items: &[&str]| format!("spec: {{metrics: [{}]}}", items.join(", "));
    check("HorizontalPodAutoscaler", &list(&[cpu, memory]), &list(&[memory, cpu]), &[]);
    check(
        "HorizontalPodAutoscaler",
        &list(&[cpu, memory]),
        &list(&[&memory.replace("80", "60"), cpu]),
        &["spec.metrics[Resource memory].resource.target.averageUtilization: 80 → 60"],
    );
    check(
        "HorizontalPodAutoscaler",
        &list(&[cpu]),
        "spec: {metrics: []}",
        &[
            "spec.metrics[Resource cpu].type: Resource → ∅",
            "spec.metrics[Resource cpu].resource.name: cpu → ∅",
            "spec.metrics[Resource cpu].resource.target.type: Utilization → ∅",
            "spec.metrics[Resource cpu].resource.target.averageUtilization: 70 → ∅",
            "spec.metrics: ∅ → []",
        ],
    );
}

#[test]
fn what_the_server_writes_means_nothing() {
    check(
        "HorizontalPodAutoscaler",
        "metadata: {name: a, uid: x, managedFields: [{manager: kubectl}]}\nspec: {minReplicas: 1, maxReplicas: 3}\nstatus: {currentReplicas: 3}",
        "metadata: {name: a}\nspec: {maxReplicas: 3}",
        &[
            "[metadata.uid: x → ∅]",
            "[metadata.managedFields: […] → ∅]",
            // Absent is 1, as the server fills it in.
            "[spec.minReplicas: 1 → ∅]",
            "[status: {…} → ∅]",
        ],
    );
}

#[test]
fn equal_quantities_are_equal() {
    let hpa = |value: &str| {
        format!(
            "spec: {{metrics: [{{type: Pods, pods: {{metric: {{name: rps}}, target: {{type: AverageValue, averageValue: {value}}}}}}}]}}"
        )
    };
    let path = "spec.metrics[Pods rps].pods.target.averageValue";
    check("HorizontalPodAutoscaler", &hpa("1000m"), &hpa("\"1\""), &[&format!("[{path}: 1000m → 1]")]);
    check("HorizontalPodAutoscaler", &hpa("1000m"), &hpa("\"2\""), &[&format!("{path}: 1000m → 2")]);
    // Elsewhere a text is a text.
    check(
        "HorizontalPodAutoscaler",
        "metadata: {labels: {a: 1000m}}",
        "metadata: {labels: {a: \"1\"}}",
        &["metadata.labels.a: 1000m → 1"],
    );
}

#[test]
fn one_direction_of_a_behavior_is_filled_in_by_the_server() {
    let up = "scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Percent, value: 100, periodSeconds: 15}, {type: Pods, value: 4, periodSeconds: 15}]}";
    let down = "scaleDown: {stabilizationWindowSeconds: 60, policies: [{type: Percent, value: 10, periodSeconds: 60}]}";
    let live = format!("spec: {{behavior: {{{up}, {}}}}}", down.replace("policies", "selectPolicy: Max, policies"));
    check(
        "HorizontalPodAutoscaler",
        &live,
        &format!("spec: {{behavior: {{{down}}}}}"),
        &["[spec.behavior.scaleDown.selectPolicy: Max → ∅]", "[spec.behavior.scaleUp: {…} → ∅]"],
    );
}

/// What the differences make of a tree.
struct Apply {
    tree: Node,
    /// Where each named member of a list stands: its name depends on leaves that may be gone by now.
    members: BTreeMap<Path, usize>,
}

/// Stands where something was taken out, so that positions hold until the end.
const GONE: &str = "\u{0}gone";

fn apply(old: &Node, differences: &[Difference], rules: &Rules) -> Node {
    let mut apply = Apply { tree: old.clone(), members: BTreeMap::new() };
    apply.note(old, &mut Path::default(), rules);
    let meant = || differences.iter().filter(|it| it.excuse.is_none());
    for it in meant().filter(|it| it.new.is_none()) {
        apply.set(&it.path, &Value::Text(GONE.into()).into());
    }
    for it in meant() {
        if let Some(new) = &it.new {
            apply.set(&it.path, new);
        }
    }
    without_gone(&apply.tree).unwrap_or(Value::Null.into())
}

impl Apply {
    fn note(&mut self, node: &Node, path: &mut Path, rules: &Rules) {
        let steps: Vec<(Step, &Node)> = match &node.value {
            Value::Map(entries) => entries.iter().map(|(key, node)| (Step::Key(key.to_string()), node)).collect(),
            Value::List(items) => match rules.members(path, items) {
                Some(names) => names.into_iter().map(Step::Member).zip(items).collect(),
                None => (0..).map(Step::Index).zip(items).collect(),
            },
            _ => return,
        };
        for (at, (step, node)) in steps.into_iter().enumerate() {
            path.0.push(step);
            self.members.insert(path.clone(), at);
            self.note(node, path, rules);
            path.0.pop();
        }
    }

    fn set(&mut self, path: &Path, value: &Node) {
        let mut node = &mut self.tree;
        for length in 1..=path.0.len() {
            let here = Path(path.0[..length].to_vec());
            let step = &path.0[length - 1];
            let is_list = !matches!(step, Step::Key(_));
            match &node.value {
                Value::Map(_) if !is_list => {}
                Value::List(_) if is_list => {}
                _ if is_list => *node = Value::List(Vec::new()).into(),
                _ => *node = Value::Map(Vec::new()).into(),
            }
            let count = match &node.value {
                Value::Map(entries) => entries.len(),
                Value::List(items) => items.len(),
                _ => 0,
            };
            let at = self.members.get(&here).copied().filter(|at| *at < count).unwrap_or(count);
            self.members.insert(here, at);
            node = match (&mut node.value, step) {
                (Value::Map(entries), Step::Key(key)) => {
                    if at == count {
                        entries.push((key.clone().into(), Value::Null.into()));
                    }
                    &mut entries[at].1
                }
                (Value::List(items), _) => {
                    if at == count {
                        items.push(Value::Null.into());
                    }
                    &mut items[at]
                }
                _ => panic!("a step without a place"),
            };
        }
        *node = value.clone();
    }
}

/// The tree without what is gone, and without what is empty because of that.
fn without_gone(node: &Node) -> Option<Node> {
    let value = match &node.value {
        Value::Text(text) if text == GONE => return None,
        Value::Map(entries) if !entries.is_empty() => {
            let left = entries.iter().filter_map(|(key, node)| Some((key.clone(), without_gone(node)?)));
            Value::Map(left.collect())
        }
        Value::List(items) if !items.is_empty() => Value::List(items.iter().filter_map(without_gone).collect()),
        other => return Some(Node::from(other.clone())),
    };
    let is_empty = matches!(&value, Value::Map(entries) if entries.is_empty())
        || matches!(&value, Value::List(items) if items.is_empty());
    (!is_empty).then(|| value.into())
}

/// Maps, lists and scalars of a few names, so that two of them have much in common.
fn tree() -> impl Strategy<Value = Node> {
    let scalar = prop_oneof![
        (0_i64..3).prop_map(Value::Int),
        "[ab]{1,2}".prop_map(|it| Value::Text(it.into())),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::List(Vec::new())),
        Just(Value::Map(Vec::new())),
    ];
    let leaf = scalar.prop_map(Node::from);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| Node::from(Value::List(items))),
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|entries| {
                Node::from(Value::Map(entries.into_iter().map(|(key, node)| (key.into(), node)).collect()))
            }),
        ]
    })
}

/// A document of `spec` keys whose lists have members with names.
fn document() -> impl Strategy<Value = Node> {
    let policy = (0_i64..3, prop_oneof![Just("Pods"), Just("Percent")], 1_i64..4);
    let policies = prop::collection::btree_map((0_i64..3, 0_usize..2), 1_i64..5, 0..4);
    (policies, policy, tree()).prop_map(|(policies, _, rest)| {
        let items = policies.into_iter().map(|((period, kind), value)| {
            let kind = ["Pods", "Percent"][kind];
            read(&format!("{{type: {kind}, value: {value}, periodSeconds: {period}}}"))
        });
        let rules = Value::Map(vec![("policies".into(), Value::List(items.collect()).into())]);
        let behavior = Value::Map(vec![("scaleDown".into(), rules.into())]);
        let spec = Value::Map(vec![("behavior".into(), behavior.into()), ("rest".into(), rest)]);
        Value::Map(vec![("spec".into(), spec.into())]).into()
    })
}

/// The same tree with the keys of every map in another order.
fn shuffled(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => {
            Value::Map(entries.iter().rev().map(|(key, node)| (key.clone(), shuffled(node))).collect())
        }
        Value::List(items) => Value::List(items.iter().map(shuffled).collect()),
        other => other.clone(),
    };
    value.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_does_not_differ_from_itself(node in document()) {
        let rules = rules("HorizontalPodAutoscaler");
        prop_assert_eq!(compare(&node, &shuffled(&node), &rules, &|_, _, _| None), Vec::new());
        prop_assert!(is_identical(&node, &shuffled(&node)));
    }

    #[test]
    fn applying_the_differences_gives_the_new_tree(old in document(), new in document()) {
        let rules = rules("HorizontalPodAutoscaler");
        let found = compare(&old, &new, &rules, &|_, _, _| None);
        let applied = apply(&old, &found, &rules);
        let rest: Vec<Difference> = compare(&applied, &new, &rules, &|_, _, _| None)
            .into_iter().filter(|it| it.excuse.is_none()).collect();
        prop_assert!(rest.is_empty(), "{} | {} | {:?} | {}", crate::doc::json::print(&old), crate::doc::json::print(&new), found.iter().map(|it| it.path.to_string()).collect::<Vec<_>>(), crate::doc::json::print(&applied));
    }

    #[test]
    fn the_order_of_keys_changes_no_difference(old in document(), new in document()) {
        let rules = rules("HorizontalPodAutoscaler");
        let sorted = |differences: Vec<Difference>| {
            let mut paths: Vec<String> = differences.iter().map(|it| format!("{} {:?} {:?}", it.path, it.old.as_ref().map(text), it.new.as_ref().map(text))).collect();
            paths.sort();
            paths
        };
        let one = compare(&old, &new, &rules, &|_, _, _| None);
        let other = compare(&shuffled(&old), &shuffled(&new), &rules, &|_, _, _| None);
        prop_assert_eq!(sorted(one), sorted(other));
    }
}

fn text(node: &Node) -> String {
    crate::diff::rules::text(node).into_owned()
}
