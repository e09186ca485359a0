//! Revisions of a real repository in a temporary folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;

use super::*;

/// A folder that goes away with the test.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Self {
        let place = std::env::temp_dir().join(format!("capgen-git-{}-{test}", std::process::id()));
        _ = fs::remove_dir_all(&place);
        fs::create_dir_all(place.join("team/specs")).unwrap();
        Self(place)
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(&self.0).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "-c",
            "commit.gpgsign=false",
        ]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    /// Two commits, and a change that is in neither.
    fn with_history(test: &str) -> Self {
        let place = Self::new(test);
        place.git(&["init", "-q", "-b", "main"]);
        place.write("base.toml", "old\n");
        place.write("team/capacity.toml", "\u{feff}spec\n");
        place.write("team/specs/a b\u{e9}.toml", "a\n");
        place.write("team/wide", "\u{e9}");
        fs::write(place.0.join("team/bytes"), [b'\n', 0xff]).unwrap();
        place.git(&["add", "."]);
        place.git(&["commit", "-q", "-m", "one"]);
        place.write("base.toml", "new\n");
        place.git(&["commit", "-q", "-a", "-m", "two"]);
        place.write("base.toml", "unwritten\n");
        place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_those_of_the_revision() {
    let place = Place::with_history("files");
    let old = Revision::open("HEAD~1", &place.0.join("team")).unwrap();
    let new = Revision::open("main", &place.0.join("team")).unwrap();
    assert_eq!(old.read("../base.toml").unwrap(), "old\n");
    assert_eq!(new.read("../base.toml").unwrap(), "new\n");
    assert_eq!(new.read("capacity.toml").unwrap(), "spec\n");
    assert_eq!(new.read("./specs/a b\u{e9}.toml").unwrap(), "a\n");
    assert_eq!(new.read("specs/../capacity.toml").unwrap(), "spec\n");
    assert_eq!(new.commit().len(), 40);
    assert_eq!(new.read("gone.toml").unwrap_err(), "`gone.toml` is not there at `main`");
    assert_eq!(new.read("specs").unwrap_err(), "`main:specs` is a folder");
    assert_eq!(new.read("bytes").unwrap_err(), "`main:bytes:2`: not UTF-8 text");
    assert_eq!(
        new.read("../../x").unwrap_err(),
        "`../../x` is outside of the repository, so `git:` knows nothing of it"
    );
    assert_eq!(new.read("a\nb").unwrap_err(), "a path cannot hold a line's end");
    assert_eq!(new.read("capacity.toml").unwrap(), "spec\n", "an error does not confuse what follows");
}

#[test]
fn folders_are_listed_as_they_are_read() {
    let place = Place::with_history("folders");
    let revision = Revision::open("main", &place.0.join("team")).unwrap();
    assert_eq!(revision.list("specs").unwrap(), ["specs/a b\u{e9}.toml"]);
    assert_eq!(revision.list("").unwrap(), ["bytes", "capacity.toml", "specs/a b\u{e9}.toml", "wide"]);
    assert_eq!(revision.list(".").unwrap().len(), 4);
    assert_eq!(revision.list("../").unwrap().len(), 5);
    assert_eq!(revision.list("../team/specs").unwrap(), ["../team/specs/a b\u{e9}.toml"]);
    assert!(revision.list("../../..").unwrap_err().contains("is outside of the repository"));
    assert!(revision.list("gone").unwrap().is_empty());
    for path in revision.list("../").unwrap().iter().filter(|it| !it.ends_with("bytes")) {
        revision.read(path).unwrap();
    }
}

#[test]
fn absolute_paths_are_those_of_the_repository() {
    let place = Place::with_history("absolute");
    let at = |path: &str| place.0.join(path).to_string_lossy().into_owned();
    let revision = Revision::open("HEAD~1", &place.0.join("team")).unwrap();
    assert_eq!(revision.read(&at("base.toml")).unwrap(), "old\n");
    assert_eq!(revision.read(&at("team/../base.toml")).unwrap(), "old\n");
    assert_eq!(revision.list(&at("team/specs")).unwrap(), [at("team/specs/a b\u{e9}.toml")]);
    assert_eq!(revision.find(&at("team/gone/gone.toml")), Ok(None));
    let outside = revision.find(&at("../elsewhere.toml")).unwrap_err();
    assert!(outside.ends_with("is outside of the repository, so `git:` knows nothing of it"), "{outside}");
    assert!(revision.find("specs").unwrap_err().ends_with("is a folder"), "not the same as nothing");
}

#[cfg(unix)]
#[test]
fn absolute_paths_may_lead_over_links() {
    let place = Place::with_history("over-links");
    let link = Place::new("over-links-from");
    std::os::unix::fs::symlink(&place.0, link.0.join("here")).unwrap();
    let revision = Revision::open("HEAD~1", &place.0).unwrap();
    let path = link.0.join("here/base.toml").to_string_lossy().into_owned();
    assert_eq!(revision.read(&path).unwrap(), "old\n");
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_repository() {
    let place = Place::with_history("links");
    for (target, name) in [("../base.toml", "team/in"), ("/etc/hosts", "team/out"), ("nowhere", "team/lost")] {
        std::os::unix::fs::symlink(target, place.0.join(name)).unwrap();
    }
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "links"]);
    let revision = Revision::open("HEAD", &place.0.join("team")).unwrap();
    assert_eq!(revision.read("in").unwrap(), "unwritten\n");
    assert_eq!(revision.read("out").unwrap_err(), "`HEAD:out` is a link that leads out of the repository");
    assert_eq!(revision.read("lost").unwrap_err(), "`HEAD:lost` is a link that leads nowhere");
    assert_eq!(revision.read("in").unwrap(), "unwritten\n");
}

#[test]
fn what_is_wrong_says_what_to_do() {
    let place = Place::with_history("wrong");
    let open = |reference: &str, dir: &Path| Revision::open(reference, dir).unwrap_err();
    let unknown = "git knows no revision `gone`";
    assert!(open("gone", &place.0).starts_with(unknown), "{}", open("gone", &place.0));
    for hostile in ["--help", "", "main:base.toml", "-n1", "main..gone", "a\nb", "$(ls)"] {
        assert!(open(hostile, &place.0).starts_with("git knows no revision"), "{}", open(hostile, &place.0));
    }
    let shallow = Place::new("shallow");
    let source = format!("file://{}", place.0.display());
    shallow.git(&["clone", "-q", "--depth", "1", &source, "clone"]);
    assert!(open("HEAD~1", &shallow.0.join("clone")).contains("which is shallow"));
    assert!(open("main", &shallow.0.join("team")).contains("in no git repository"));
}
