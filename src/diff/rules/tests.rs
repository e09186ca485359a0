//! The tables themselves.

use super::*;
use crate::doc::json;

/// Every default is JSON, every row has a reason, and no place is said twice for one rule.
#[test]
fn every_row_is_whole() {
    let mut seen = std::collections::BTreeSet::new();
    for row in TABLES.iter().copied().flatten() {
        assert!(!row.reason.is_empty(), "{} {}", row.kind, row.place);
        if let Rule::Default(default) = &row.rule {
            assert!(json::parse(default).is_ok(), "{} {}: {default}", row.kind, row.place);
        }
        assert!(seen.insert((row.kind, row.place, format!("{:?}", row.rule))), "{} {} twice", row.kind, row.place);
    }
}

#[test]
fn places_match_paths() {
    let path = Path(vec![
        Step::Key("spec".into()),
        Step::Key("metrics".into()),
        Step::Member("Resource cpu".into()),
        Step::Key("type".into()),
    ]);
    assert!(matches("spec metrics [] type", &path));
    assert!(matches("spec * [] type", &path));
    assert!(!matches("spec metrics []", &path));
    assert!(!matches("spec metrics [] type more", &path));
}

#[test]
fn two_members_of_one_name_are_told_apart() {
    let rules = Rules::of(&Identity::Kubernetes {
        group: "keda.sh".into(),
        kind: "ScaledObject".into(),
        namespace: None,
        name: "a".into(),
    });
    let path = Path(vec![Step::Key("spec".into()), Step::Key("triggers".into())]);
    let trigger =
        |kind: &str| Node::from(Value::Map(vec![("type".into(), Value::Text(kind.to_owned().into()).into())]));
    let names = rules.members(&path, &[trigger("kafka"), trigger("cron"), trigger("kafka")]);
    assert_eq!(names, Some(vec!["kafka".into(), "cron".into(), "kafka#2".into()]));
}
