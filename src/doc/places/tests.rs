//! What is found must be what the reader finds, on the line where it stands.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::Places;
use crate::doc::object::{self, Object};
use crate::doc::value::{Path, Step};

fn path(text: &str) -> Path {
    let step = |it: &str| it.parse().map_or_else(|_| Step::Key(it.to_owned()), Step::Index);
    Path(text.split(' ').filter(|it| !it.is_empty()).map(step).collect())
}

#[track_caller]
fn check(text: &str, document: Option<usize>, place: &str, line: usize) {
    assert_eq!(Places::of_documents(text).line(document, &path(place)), line, "{place} in {text}");
}

const HPA: &str = "# Source: a.yaml
apiVersion: autoscaling/v2   # stable
kind: HorizontalPodAutoscaler
metadata:
  name: \"web: 1\"
  annotations:
    note: |
      spec:
        maxReplicas: 1

    'quoted key': >-
      text
spec:
  minReplicas: 2
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization,
      averageUtilization: 70}}
  -   type: Pods
      pods:
        metric: &anchor
          name: rps
  scaleTargetRef:
    name: web
";

#[test]
fn block_and_flow_are_followed() {
    for (place, line) in [
        ("kind", 3),
        ("metadata name", 5),
        ("metadata annotations note", 7),
        ("metadata annotations quoted key", 11),
        ("spec", 13),
        ("spec metrics", 15),
        ("spec metrics 0 type", 16),
        ("spec metrics 0 resource target averageUtilization", 18),
        ("spec metrics 1 pods metric name", 22),
        ("spec scaleTargetRef name", 24),
        ("spec nowhere at all", 13),
    ] {
        let place = place.replace("quoted key", "quoted_key");
        let mut path = path(&place);
        for step in &mut path.0 {
            if *step == Step::Key("quoted_key".to_owned()) {
                *step = Step::Key("quoted key".to_owned());
            }
        }
        assert_eq!(Places::of_documents(HPA).line(None, &path), line, "{place}");
    }
}

#[test]
fn documents_and_the_members_of_lists_are_counted_as_objects_are() {
    let text = "---\n# nothing\n---\nkind: A\nmetadata: {name: a}\n---\nkind: List\nitems:\n- kind: B\n  spec:\n    x: 1\n- kind: C\n---\nkind: D\n";
    check(text, Some(1), "kind", 4);
    check(text, Some(2), "spec x", 11);
    check(text, Some(3), "kind", 12);
    check(text, Some(4), "kind", 14);
    check(text, Some(9), "kind", 1);
}

#[test]
fn json_is_followed() {
    let text = "{\n  \"kind\": \"List\",\n  \"items\": [\n    {\n      \"kind\": \"A\",\n      \"spec\": {\"a\\\"b\": [1,\n 2]}\n    }\n  ]\n}\n";
    check(text, None, "kind", 5);
    check(text, Some(1), "spec a\"b 1", 7);
}

#[test]
fn ini_and_nginx_are_followed() {
    let of = |file: &str, text: &str| object::of_text(file, text).unwrap().objects;
    let ini = "; a\n[databases]\nmain = host=a\n\n[pgbouncer]\npool_mode = session\n";
    let line = |object: &Object, text: &str, place: &[&str]| {
        let path = Path(place.iter().map(|it| Step::Key((*it).to_owned())).collect());
        Places::of(object, text).line(object.document, &path)
    };
    assert_eq!(line(&of("p.ini", ini)[0], ini, &["pgbouncer", "pool_mode"]), 6);
    let conf =
        "upstream a {\n  server b:80\n    weight=2;\n}\nserver {\n  location / {\n    proxy_pass http://a;\n  }\n}\n";
    let objects = of("a.conf", conf);
    assert_eq!(line(&objects[0], conf, &["server b:80", "weight"]), 2);
    assert_eq!(line(&objects[1], conf, &["location /", "proxy_pass"]), 7);
}

#[test]
fn every_text_ends() {
    for text in [
        "",
        "\"",
        "- - - a",
        "{a: [b",
        "a: |",
        "a: 'b\n\nc",
        "? a\n: b",
        "{]}:,[[,}",
        "- a\n -b\n- : :",
        "\u{feff}a: b",
        "---",
        "%YAML 1.2\n---\na: b",
    ] {
        Places::of_documents(text);
    }
    check(&format!("a: {}b: c", "[".repeat(3000)), None, "a 0 0", 1);
}
