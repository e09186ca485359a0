//! Headers, comments and collisions.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::doc::Text;
use crate::doc::value::{Node, Value};
use crate::why::{Origin, Symbolic, Why};

fn render(artifacts: &[Artifact], causes: &Causes) -> Result<Tree, String> {
    Tree::of(artifacts.iter().map(|it| File::print(it.clone(), causes)).collect())
}

fn text(path: &str, owner: &str, comment: &'static str, text: &str) -> Artifact {
    let body = Body::Text(Text { text: text.to_owned(), comment, causes: Vec::new() });
    Artifact { path: path.to_owned(), owner: Address::verbatim(owner), body }
}

fn render_paths(paths: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let artifacts: Vec<Artifact> = paths.iter().map(|(path, owner)| text(path, owner, "#", "")).collect();
    let tree = render(&artifacts, &Causes::default())?;
    Ok(tree.files.into_iter().map(|file| file.path).collect())
}

#[test]
fn puts_a_header_first_and_a_newline_last() {
    let tree = render(&[text("nginx/a.conf", "upstream.a", "#", "upstream a {}")], &Causes::default()).unwrap();
    assert_eq!(String::from_utf8(tree.files[0].bytes.clone()).unwrap(), format!("# {HEADER}\nupstream a {{}}\n"));
    let tree = render(&[text("a.json", "a", "", "{}\n")], &Causes::default()).unwrap();
    assert_eq!(tree.files[0].bytes, b"{}\n");
}

#[test]
fn puts_formulas_beside_numbers_but_not_into_the_kustomization() {
    let address = Address::verbatim("service.api.autoscale.max");
    let numbers = "ceil(100000 / 5000 × 1.5)".to_owned();
    let origin = Origin::Formula { symbolic: Symbolic::Ours(""), numbers: &numbers };
    let mut causes = Causes::default();
    causes.insert(address.clone(), Why { value: "30", origin, inputs: &[] });
    let number = Node { value: Value::Int(30), address: Some(address.clone()) };
    let map = Node::from(Value::Map(vec![("maxReplicas".into(), number)]));
    let artifact = |path: &str| Artifact {
        path: path.to_owned(),
        owner: Address::verbatim("service.api"),
        body: Body::Yaml(vec![map.clone()]),
    };
    let tree = render(&[artifact("k8s/api/hpa.yaml"), artifact("kustomization.yaml")], &causes).unwrap();
    let text = |index: usize| String::from_utf8(tree.files[index].bytes.clone()).unwrap();
    assert_eq!(text(0), format!("# {HEADER}\nmaxReplicas: 30  # ceil(100000 / 5000 × 1.5)\n"));
    assert_eq!(text(1), format!("# {HEADER}\nmaxReplicas: 30\n"));
}

#[test]
fn sorts_by_path() {
    assert_eq!(render_paths(&[("b", "x"), ("a/b", "x"), ("a-b", "x")]).unwrap(), ["a-b", "a/b", "b"]);
}

#[test]
fn refuses_two_owners_of_one_place() {
    assert_eq!(
        render_paths(&[("k8s/a/hpa.yaml", "service.a"), ("k8s/a/hpa.yaml", "worker.a")]).unwrap_err(),
        "`service.a` and `worker.a` both write `k8s/a/hpa.yaml`"
    );
    assert_eq!(
        render_paths(&[("k8s/a", "service.a"), ("K8s/A", "service.A")]).unwrap_err(),
        "`service.A` and `service.a` both write `K8s/A` and `k8s/a`"
    );
    assert_eq!(
        render_paths(&[("a", "x"), ("a-b", "z"), ("A/b/c", "y")]).unwrap_err(),
        "`x` and `y` need as a file and as a folder `a` and `A/b/c`"
    );
}

#[test]
fn comments_only_what_was_computed() {
    let check = |origin: Origin<'_>| {
        let (mut causes, address) = (Causes::default(), Address::verbatim("service.a.max"));
        causes.insert(address.clone(), Why { value: "30", origin, inputs: &[] });
        causes.finder().numbers(&address).map(str::to_owned)
    };
    let numbers = "ceil(100000 / 5000 × 1.5)".to_owned();
    assert_eq!(check(Origin::Formula { symbolic: Symbolic::Ours(""), numbers: &numbers }), Some(numbers.clone()));
    assert_eq!(check(Origin::Default("at least two")), None);
    assert_eq!(check(Origin::Catalogue("row")), None);
}

#[test]
fn cuts_long_formulas_to_the_last_step() {
    let long = "30 + 23 pods ".repeat(8);
    assert_eq!(shortened("a = 1"), "a = 1");
    assert_eq!(shortened(&format!("{long} = 6 × 1.2 = ceil(7.2)")), "ceil(7.2)");
    assert_eq!(shortened(&"×".repeat(80)), "×".repeat(80));
    assert_eq!(shortened(&"×".repeat(81)), format!("{}…", "×".repeat(79)));
    assert_eq!(shortened(&format!("{long} = {long}")).chars().count(), 80);
}
