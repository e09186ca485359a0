//! What may be typed behind `--against`, and what folders and files give.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use super::output::Folder;
use super::*;
use crate::doc::object::Read;

const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: a\n";

/// A folder that goes away with the test.
struct Place(PathBuf);

impl Place {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let place = Self(std::env::temp_dir().join(format!("capgen-state-{}-{test}", std::process::id())));
        _ = fs::remove_dir_all(&place.0);
        fs::create_dir_all(&place.0).unwrap();
        for (path, text) in files {
            place.write(path, text.as_bytes());
        }
        place
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn path(&self, path: &str) -> String {
        self.0.join(path).to_str().unwrap().to_owned()
    }

    /// What was read or what was wrong, with paths below the folder.
    fn shown(&self, outcome: Outcome) -> Vec<String> {
        let lines: Vec<String> = match outcome {
            Ok(Loaded { state, notes }) => {
                let objects = state.objects.iter().map(|it| format!("{}: {}", it.file, it.identity));
                let skipped = state.skipped.iter().map(|(place, reason)| format!("{place}: {reason}"));
                objects.chain(skipped).chain(notes).collect()
            }
            Err(errors) => errors.into_iter().map(|it| it.message).collect(),
        };
        lines.into_iter().map(|it| it.replace(&self.path(""), "")).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_form_prints_as_it_is_typed() {
    for text in ["out", "dir:a/b", "file:-", "git:HEAD~2", "git:a:b", "cluster", "cluster:arn:aws:eks:x"] {
        assert_eq!(Against::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn what_is_wrong_says_what_is_right() {
    let all = "none of `out`, `dir:PATH`, `file:PATH`, `git:REF`, `cluster` and `cluster:CONTEXT`";
    for (text, expected) in [
        ("main", format!("`main` is {all}")),
        ("out:x", format!("`out:x` is {all}")),
        ("git", "`git` needs a revision: `git:main`".to_owned()),
        ("dir:", "`dir:` needs the path of a folder behind the colon".to_owned()),
        ("cluster:", "`cluster:` needs the name of a context behind the colon".to_owned()),
    ] {
        assert_eq!(Against::parse(text).unwrap_err(), expected);
    }
}

#[test]
fn a_folder_is_read_in_any_layout() {
    let nginx = "upstream a {\n server b;\n}\n";
    let files = [
        ("z.yml", HPA),
        ("a/b/deep.yaml", HPA),
        ("a/nginx.conf", nginx),
        ("kustomization.yaml", "resources: [z.yml]\n"),
        ("values.yaml", "a: 1\n"),
        ("README.md", "{{"),
        (".git/x.yaml", "["),
        (".capgen-staging/x.yaml", "["),
        ("capgen.lock.json", "["),
        ("main/pgbouncer.ini", "[pgbouncer]\n"),
    ];
    let place = Place::new("layout", &files);
    #[cfg(unix)]
    std::os::unix::fs::symlink(".", place.0.join("circle")).unwrap();
    let expected = [
        "a/b/deep.yaml: HorizontalPodAutoscaler a",
        "a/nginx.conf: nginx upstream a",
        "kustomization.yaml: kustomization.yaml",
        "main/pgbouncer.ini: pgbouncer.ini main",
        "z.yml: HorizontalPodAutoscaler a",
        "values.yaml: no Kubernetes object: no `apiVersion`",
    ];
    assert_eq!(place.shown(folder::read(&place.path(""), Path::new("elsewhere"))), expected);
}

#[test]
fn every_broken_file_of_a_folder_is_named() {
    let place = Place::new(
        "broken",
        &[("a.yaml", "a: 1\nb: [\n"), ("b.yaml", HPA), ("c.json", "{"), ("d.ini", "[pgbouncer]\n[pgbouncer]\n")],
    );
    place.write("e.yaml", b"a: 1\nb: \xff\n");
    let said = place.shown(folder::read(&place.path(""), Path::new("elsewhere")));
    let starts = ["`a.yaml:3:1`: ", "`c.json:1:1`: ", "`d.ini:2`: a second", "`e.yaml:2`: not UTF-8 text"];
    assert!(said.len() == 4 && said.iter().zip(starts).all(|(it, start)| it.starts_with(start)), "{said:#?}");
}

#[test]
fn what_is_no_folder_or_no_file_says_what_is() {
    let place = Place::new("kinds", &[("a.yaml", HPA)]);
    let help = |outcome: Outcome| outcome.unwrap_err().remove(0).help.concat().replace(&place.path(""), "");
    assert_eq!(help(folder::read(&place.path("a.yaml"), Path::new("elsewhere"))), "`--against file:a.yaml`");
    assert_eq!(help(file::read(&place.path("."))), "`--against dir:.`");
    assert_eq!(place.shown(file::read(&place.path("b.yaml"))), ["`b.yaml` cannot be read: no such file"]);
    assert_eq!(
        place.shown(folder::read(&place.path("b"), Path::new("elsewhere"))),
        ["`b` cannot be listed: no such folder"]
    );
}

#[test]
fn a_redirection_of_powershell_is_read() {
    let wide: Vec<u8> = format!("\u{feff}{HPA}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let place = Place::new("wide", &[]);
    place.write("a.yaml", &wide);
    assert_eq!(place.shown(file::read(&place.path("a.yaml"))), ["a.yaml: HorizontalPodAutoscaler a"]);
}

#[test]
fn the_output_folder_is_read_where_it_differs() {
    let other = HPA.replace("name: a", "name: b");
    let files = [
        ("k8s/a.yaml", HPA),
        ("k8s/b.yaml", HPA),
        ("old.conf", "# none\n"),
        ("mine.yaml", "["),
        ("users.example", "x\n"),
        ("lock", "{}"),
    ];
    let place = Place::new("output", &files);
    let folder = Folder::open(&place.0).unwrap();
    assert_eq!(folder.text("lock").unwrap().as_deref(), Some("{}"));
    assert_eq!(folder.text("none").unwrap(), None);
    let wanted = [
        ("k8s/b.yaml", Some(other.as_bytes())),
        ("k8s/c.yaml", Some(b"".as_slice())),
        ("users.example", Some(b"")),
        ("old.conf", None),
        ("gone.yaml", None),
    ];
    assert_eq!(folder.read("k8s/a.yaml", Some(HPA.as_bytes())).unwrap(), None);
    let mut found = Loaded::default();
    for (path, wanted) in wanted {
        found.state.add(folder.read(path, wanted).unwrap().unwrap().0);
    }
    let expected = ["k8s/b.yaml: HorizontalPodAutoscaler a", "users.example: users.example", "old.conf: old.conf"];
    assert_eq!(place.shown(Ok(found)), expected);
    let outside = folder.read("../secret.yaml", None).unwrap_err();
    assert!(outside.message.contains("output/../secret.yaml` cannot be read"), "{outside:?}");
    let absent = Folder::open(Path::new(&place.path("absent"))).unwrap();
    for (path, wanted) in wanted {
        assert_eq!(absent.read(path, wanted).unwrap(), Some((Read::default(), String::new())));
    }
}
