//! What texts of every format hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::doc::value::mark::Inside;
use crate::doc::value::{Path, Step};
use crate::doc::{json, yaml};

#[track_caller]
fn check(file: &str, text: &str, expected: &[&str]) {
    let read = of_text(file, text).unwrap();
    let object = |it: &Object| match it.document {
        Some(number) => format!("{number}: {}", it.identity),
        None => it.identity.to_string(),
    };
    let skipped = read.skipped.iter().map(|(place, reason)| format!("{place}: {reason}"));
    let shown: Vec<String> = read.objects.iter().map(object).chain(skipped).collect();
    assert_eq!(shown, expected);
}

const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: a\n  namespace: b\n";

#[test]
fn formats_are_told_by_ending_and_by_content() {
    check("a.yaml", HPA, &["HorizontalPodAutoscaler b/a"]);
    check("-", HPA, &["HorizontalPodAutoscaler b/a"]);
    check("a.json", r#"{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}"#, &["X a"]);
    check("-", r#"{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}"#, &["X a"]);
    check("a.yaml", r#"{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}"#, &["X a"]);
    check("old/main/pgbouncer.ini", "[databases]\n[pgbouncer]\n", &["pgbouncer.ini main"]);
    check("-", "[databases]\n", &["pgbouncer.ini -"]);
    check("pools/main.ini", "[pgbouncer]\n", &["pgbouncer.ini main"]);
    check("php.ini", "[PHP]\na = 1\na = 2\n", &["php.ini: an ini that is not PgBouncer's"]);
    check("-", "upstream a {\n server b;\n}\nserver {\n}\n", &["1: nginx upstream a", "2: nginx server _:80"]);
    check("redis.conf", "save \"\n", &["redis.conf: no nginx upstream or server block"]);
}

#[test]
fn documents_and_members_are_counted() {
    check(
        "-",
        &format!("---\n{HPA}---\n# empty\n---\n{HPA}"),
        &["1: HorizontalPodAutoscaler b/a", "2: HorizontalPodAutoscaler b/a"],
    );
    check("-", "apiVersion: v1\nkind: List\nitems: []\n", &["-: nothing stands in it"]);
    let typed = r#"{"apiVersion":"policy/v1","kind":"PodDisruptionBudgetList","items":[{"metadata":{"name":"a"}}]}"#;
    check("a.json", typed, &["PodDisruptionBudget a"]);
    let object = &of_text("a.json", typed).unwrap().objects[0];
    assert!(matches!(&object.identity, Identity::Kubernetes { group, .. } if group == "policy"));
}

#[test]
fn what_is_no_object_has_a_reason() {
    check("values.yaml", "a: 1\n", &["values.yaml: no Kubernetes object: no `apiVersion`"]);
    check("a.yaml", "- 1\n", &["a.yaml: not a document with fields"]);
    check("a.yaml", "", &["a.yaml: nothing stands in it"]);
    check("t.yaml", "a: {{ .Values.a }}\n", &["t.yaml: a template that is no YAML before it is rendered"]);
    check("t.yaml", &HPA.replace("name: a", "name: '{{ x }}'"), &["t.yaml: a template: its name is not known yet"]);
    check("a.yaml", "apiVersion: v1\nkind: A\nmetadata:\n  generateName: a-\n", &["a.yaml: no `metadata.name`"]);
    check(
        "a.yaml",
        &format!("{HPA}---\na: 1\n"),
        &["1: HorizontalPodAutoscaler b/a", "a.yaml (document 2): no Kubernetes object: no `apiVersion`"],
    );
}

#[test]
fn what_has_no_name_is_a_file() {
    check("out/kustomization.yaml", "resources: []\n", &["out/kustomization.yaml"]);
    check("x.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", &["x.yaml"]);
}

#[test]
fn what_a_server_writes_is_left_out() {
    let text = format!("{HPA}  managedFields: []\n  uid: x\nspec:\n  status: kept\nstatus: {{}}\n").replace("\r", "");
    let read = of_text("a.yaml", &text).unwrap();
    let tree = &read.objects[0].tree;
    assert!(tree.get("status").is_none() && tree.get("metadata").unwrap().get("managedFields").is_none());
    assert!(tree.get("spec").unwrap().get("status").is_some() && tree.get("metadata").unwrap().get("uid").is_some());
}

#[test]
fn a_fault_has_its_line() {
    for (file, text, line) in [
        ("a.yaml", "a: 1\nb: [\n", 3),
        ("a.yaml", "a: 1\na: 2\n", 2),
        ("a.json", "{\n\"a\": }", 2),
        ("a.ini", "[pgbouncer]\na = 1\na = 2\n", 3),
        ("a.conf", "upstream a {\n server 'b;\n}\n", 2),
    ] {
        assert_eq!(of_text(file, text).unwrap_err().line, Some(line), "{text}");
    }
}

#[test]
fn an_artifact_gives_the_objects_that_its_text_gives() {
    use crate::doc::{Artifact, Body, Text, ini, yaml};
    let artifact = |path: &str, body: Body| Artifact { path: path.to_owned(), owner: Address::verbatim("x"), body };
    let same = |it: &Artifact, text: &str| {
        let read = of_text(&it.path, text).unwrap().objects;
        let wanted = of_artifact(it.clone());
        let key = |it: &Object| (it.identity.clone(), it.document, it.tree.clone());
        assert_eq!(wanted.iter().map(key).collect::<Vec<_>>(), read.iter().map(key).collect::<Vec<_>>());
        assert!(wanted.iter().all(|object| object.owner.as_ref().is_some_and(|it| it.as_str() == "x")));
    };
    let documents = yaml::parse(&format!("{HPA}---\n{HPA}"), &yaml::Limits::default()).unwrap();
    same(&artifact("k8s/a/hpa.yaml", Body::Yaml(documents)), &format!("{HPA}---\n{HPA}"));
    let text = "[databases]\na = host=b port=1\n\n[pgbouncer]\nlisten_port = 6432\n";
    same(&artifact("pgbouncer/main/pgbouncer.ini", Body::Ini(ini::parse(text).unwrap())), text);
    let text = "upstream a {\n server b:1;\n}\n".to_owned();
    let causes = vec![Address::verbatim("upstream.a.servers")];
    let nginx = artifact("nginx/a.conf", Body::Text(Text { text: text.clone(), comment: "#", causes: causes.clone() }));
    same(&nginx, &text);
    assert_eq!(of_artifact(nginx)[0].causes, causes);
    let other = artifact("userlist.txt.example", Body::Text(Text { text: "a\nb\n".to_owned(), comment: ";", causes }));
    assert_eq!(of_artifact(other)[0].tree.leaves().len(), 2);
}

/// What stands at each leaf's place must read as the leaf's value; `known` counts those that have a place of their own.
#[track_caller]
fn places(file: &str, text: &str) -> (usize, usize) {
    let (objects, marks) = (of_text(file, text).unwrap().objects, marks(file, text));
    let (mut all, mut known) = (0, 0);
    for object in objects {
        let mark = &marks[object.document.map_or(0, |it| it - 1)];
        for (path, leaf) in object.tree.leaves() {
            assert_eq!(object.tree.path_of(leaf).as_ref(), Some(&path));
            all += 1;
            let way = mark.along(&path);
            let Some(last) = way.last().filter(|_| way.len() == path.0.len() + 1) else { continue };
            let (Some(place), true) = (&last.value, last.inside == Inside::Nothing) else { continue };
            known += 1;
            let written = &text[place.clone()];
            let expected = match &leaf.value {
                Value::Text(text) => text.to_string(),
                Value::Null => "null".to_owned(),
                other => json::print(&other.clone().into()).trim().to_owned(),
            };
            let read = yaml::parse(&format!("- {written}"), &yaml::Limits::default()).unwrap();
            let Value::List(read) = &read[0].value else { panic!("{written}") };
            let read = match &read[0].value {
                Value::Text(text) => text.to_string(),
                Value::Null => "null".to_owned(),
                other => json::print(&other.clone().into()).trim().to_owned(),
            };
            assert!(read == expected || written == expected, "{file} {path}: `{written}` is not `{expected}`");
        }
    }
    (known, all)
}

#[test]
fn values_have_places() {
    let yaml = "# a\n---\napiVersion: v1\nkind: A\nmetadata: {name: x, \"labels\": {a: 'it''s', b: \"q\\\"\", c: 1}}\n\
                spec:\n  a: 12 # twelve\n  b: [1, on, x]\n  c: -0.5\n  d: \"5\"\n  e: |\n    long\n  f: >-\n    folded\n\
                \x20 g: plain words: no\n  h: {i: 7, j: [k]}\n  'l': true\n---\nkind: List\napiVersion: v1\nitems:\n\
                - apiVersion: v1\n  kind: B\n  metadata:\n    name: u\n- apiVersion: v1\n  kind: C\n  metadata: {name: z}\n";
    let yaml = yaml.replace("plain words: no", "plain words");
    // The items of `[1, on, x]` that are no texts, and the blocks of text, have none.
    assert_eq!(places("a.yaml", &yaml), (21, 24));
    assert_eq!(places("a.yaml", &yaml.replace('\n', "\r\n")), (21, 24));
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"A\", \"metadata\": {\"name\":\"x\"},\n\t\"spec\": {\"a\": 1, \"b\" : true, \"c\": -2.5}}";
    assert_eq!(places("a.json", json), (6, 6));
    assert_eq!(places("a.yaml", json), (6, 6));
    let ini = "[databases]\nmain = host=db  port = 5432 password='it''s'\n; c\n[pgbouncer]\n max_client_conn=7 \nauth_type = md5\n";
    assert_eq!(places("a.ini", &ini.replace("'it''s'", "'x'")), (5, 5));
    let nginx = "upstream a {\n  least_conn;\n  server b:1 max_conns=3 backup;\n keepalive 4;\n}\n";
    let marks = marks("a.conf", nginx);
    let shown = |path: &str| {
        let steps = path.split('>').map(|key| Step::Key(key.to_owned())).collect();
        nginx[marks[0].along(&Path(steps)).last().unwrap().shown().unwrap()].to_owned()
    };
    assert_eq!(shown("server b:1>max_conns"), "max_conns=3");
    assert_eq!(shown("server b:1>backup"), "backup");
    assert_eq!(shown("server b:1"), "b:1");
    assert_eq!(shown("keepalive"), "4");
    assert_eq!(shown("least_conn"), "least_conn");
    assert_eq!(&nginx[marks[0].key.clone().unwrap()], "upstream a");
}

#[test]
fn merged_keys_have_the_place_where_they_are_written() {
    let text =
        "apiVersion: v1\nkind: A\nmetadata: {name: x}\nbase: &base\n  a: 1\n  b: text\nspec:\n  <<: *base\n  a: 2\n";
    assert_eq!(places("a.yaml", text), (7, 7));
    let spec = |key: &str| {
        let path = Path(vec![Step::Key("spec".to_owned()), Step::Key(key.to_owned())]);
        marks("a.yaml", text)[0].along(&path).last().unwrap().shown().unwrap()
    };
    assert_eq!(spec("a").start, text.rfind('2').unwrap());
    assert_eq!(spec("b").start, text.find("text").unwrap());
}
