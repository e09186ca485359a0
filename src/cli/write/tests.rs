//! Builds into real folders: what is written, what is left alone, and what an error leaves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use super::*;
use crate::render::File;
use crate::render::lock::Lock;
use crate::why::{Address, Causes};

/// A folder of one test, removed with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let place = std::env::temp_dir().join(format!("capgen-write-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        Self(place)
    }

    fn out(&self) -> PathBuf {
        self.0.join("parent/generated")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.out().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Builds a tree of `(path, text)`.
    fn build(&self, files: &[(&str, &str)], force: bool) -> Result<Summary, WriteError> {
        let tree = tree(files);
        let causes = Causes::default();
        let lock = Lock::of(&tree, &causes);
        apply(plan(&self.out(), &tree, &lock)?, force)
    }

    /// What `--check` says, with the paths as they are in the output folder.
    fn check(&self, files: &[(&str, &str)]) -> Vec<(String, Kind)> {
        let tree = tree(files);
        let causes = Causes::default();
        let lock = Lock::of(&tree, &causes);
        let out = self.out();
        let stale = check(&plan(&out, &tree, &lock).unwrap());
        let prefix = format!("{}/", out.display());
        stale.into_iter().map(|it| (it.path.strip_prefix(&prefix).unwrap().to_owned(), it.kind)).collect()
    }

    /// Every file and link in the output folder with its text or target, and every empty folder.
    fn list(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![self.out()];
        while let Some(place) = open.pop() {
            let name = place.strip_prefix(self.out()).unwrap().display().to_string();
            let metadata = fs::symlink_metadata(&place).unwrap();
            if metadata.is_symlink() {
                found.push((name, fs::read_link(&place).unwrap().display().to_string()));
            } else if metadata.is_dir() {
                let entries: Vec<PathBuf> = fs::read_dir(&place).unwrap().map(|it| it.unwrap().path()).collect();
                if entries.is_empty() {
                    found.push((format!("{name}/"), String::new()));
                }
                open.extend(entries);
            } else {
                found.push((name, fs::read_to_string(&place).unwrap()));
            }
        }
        found.sort();
        found
    }

    fn names(&self) -> Vec<String> {
        self.list().into_iter().map(|(name, _)| name).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let owner = Address::verbatim("service.api");
    let file = |(path, text): &(&str, &str)| File {
        path: (*path).to_owned(),
        owner: owner.clone(),
        bytes: text.as_bytes().to_vec(),
    };
    let mut files: Vec<File> = files.iter().map(file).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Tree { files }
}

fn summary(written: usize, unchanged: usize, removed: usize) -> Summary {
    Summary { written, unchanged, removed }
}

fn modified(path: PathBuf) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

const ONE: &[(&str, &str)] = &[
    ("k8s/api/hpa.yaml", "hpa 1"),
    ("k8s/api/pdb.yaml", "pdb 1"),
    ("nginx/web.conf", "nginx 1"),
    ("top.yaml", "top 1"),
];
const NAMES: &[&str] = &["capgen.lock.json", "k8s/api/hpa.yaml", "k8s/api/pdb.yaml", "nginx/web.conf", "top.yaml"];

#[test]
fn a_first_build_writes_all_and_a_second_nothing() {
    let scratch = Scratch::new("first");
    let new = |path: &str| (path.to_owned(), Kind::New);
    assert_eq!(scratch.check(ONE), NAMES.iter().map(|it| new(it)).collect::<Vec<_>>());
    assert!(!scratch.out().exists(), "a check creates nothing");
    assert_eq!(scratch.build(ONE, false).unwrap(), summary(4, 0, 0));
    assert_eq!(scratch.names(), NAMES);
    assert_eq!(scratch.read("k8s/api/pdb.yaml"), "pdb 1");
    let before: Vec<SystemTime> = NAMES.iter().map(|name| modified(scratch.path(name))).collect();
    assert_eq!(scratch.check(ONE), []);
    assert_eq!(scratch.build(ONE, false).unwrap(), summary(0, 4, 0));
    assert_eq!(before, NAMES.iter().map(|name| modified(scratch.path(name))).collect::<Vec<_>>());
}

#[test]
fn writes_only_what_changed_and_removes_what_is_gone() {
    let scratch = Scratch::new("change");
    scratch.build(ONE, false).unwrap();
    scratch.put("k8s/api/mine.txt", "mine");
    let untouched = modified(scratch.path("k8s/api/pdb.yaml"));
    let two = [
        ("k8s/api/hpa.yaml", "hpa 2"),
        ("k8s/api/pdb.yaml", "pdb 1"),
        ("k8s/web/hpa.yaml", "web"),
        ("new.yaml", "new"),
    ];
    let expected = [
        ("capgen.lock.json", Kind::Changed),
        ("k8s/api/hpa.yaml", Kind::Changed),
        ("k8s/web/hpa.yaml", Kind::New),
        ("new.yaml", Kind::New),
        ("nginx/web.conf", Kind::Removed),
        ("top.yaml", Kind::Removed),
    ];
    assert_eq!(scratch.check(&two), expected.map(|(path, kind)| (path.to_owned(), kind)));
    assert_eq!(scratch.build(&two, false).unwrap(), summary(3, 1, 2));
    let names = [
        "capgen.lock.json",
        "k8s/api/hpa.yaml",
        "k8s/api/mine.txt",
        "k8s/api/pdb.yaml",
        "k8s/web/hpa.yaml",
        "new.yaml",
    ];
    assert_eq!(scratch.names(), names, "the emptied folder `nginx` went, the foreign file stayed");
    assert_eq!(scratch.read("k8s/api/hpa.yaml"), "hpa 2");
    assert_eq!(modified(scratch.path("k8s/api/pdb.yaml")), untouched);
    assert_eq!(scratch.check(&two), []);
}

#[test]
fn files_edited_by_hand_are_all_named_and_need_force() {
    let scratch = Scratch::new("edited");
    scratch.build(ONE, false).unwrap();
    scratch.put("k8s/api/hpa.yaml", "mine");
    scratch.put("top.yaml", "mine too");
    let two = &[("k8s/api/hpa.yaml", "hpa 1"), ("k8s/api/pdb.yaml", "pdb 2"), ("nginx/web.conf", "nginx 1")];
    let before = scratch.list();
    let error = scratch.build(two, false).unwrap_err();
    let out = scratch.out().display().to_string();
    assert_eq!(error.message, format!("2 files in `{out}` edited by hand"));
    assert_eq!(error.notes, [format!("`{out}/k8s/api/hpa.yaml`"), format!("`{out}/top.yaml`")]);
    assert!(error.help.unwrap().contains("`capgen build --force`"));
    assert_eq!(scratch.list(), before);
    assert_eq!(scratch.build(two, true).unwrap(), summary(2, 1, 1));
    assert_eq!(scratch.read("k8s/api/hpa.yaml"), "hpa 1");
    assert!(!scratch.path("top.yaml").exists());
}

#[test]
fn an_edit_that_the_spec_caught_up_with_is_no_edit() {
    let scratch = Scratch::new("caught-up");
    scratch.build(&[("a.yaml", "1")], false).unwrap();
    scratch.put("a.yaml", "2");
    assert_eq!(scratch.build(&[("a.yaml", "2")], false).unwrap(), summary(0, 1, 0));
}

#[test]
fn without_a_readable_lock_only_equal_files_are_ours() {
    for text in [None, Some(""), Some("<<<<<<< HEAD\n{"), Some(r#"{"version": 1, "files": {"../x": {"sha256": ""}}}"#)]
    {
        let scratch = Scratch::new("unknown");
        scratch.build(ONE, false).unwrap();
        match text {
            Some(text) => scratch.put("capgen.lock.json", text),
            None => fs::remove_file(scratch.path("capgen.lock.json")).unwrap(),
        }
        assert_eq!(scratch.build(ONE, false).unwrap(), summary(0, 4, 0), "equal files need no force");
        assert!(scratch.read("capgen.lock.json").starts_with("{\n  \"version\": 1,"));
        fs::write(scratch.path("capgen.lock.json"), text.unwrap_or("{}")).unwrap();
        let error = scratch.build(&[("top.yaml", "top 2")], false).unwrap_err();
        assert!(error.message.starts_with("1 file in "), "{error:?}");
        assert!(error.notes.iter().any(|note| note.contains("nothing is known")), "{error:?}");
        assert_eq!(scratch.build(&[("top.yaml", "top 2")], true).unwrap(), summary(1, 0, 0));
        assert!(scratch.path("nginx/web.conf").exists(), "what no lock lists is not removed");
    }
}

#[test]
fn unsafe_paths_are_refused() {
    let scratch = Scratch::new("unsafe");
    for path in
        ["../x", "/x", "a//b", "", "a/../b", "./a", "a\\b", "a\0b", "C:x", "capgen.lock.json", ".capgen-staging/x"]
    {
        let error = scratch.build(&[(path, "x")], true).unwrap_err();
        assert!(error.message.contains("unsafe path"), "{error:?}");
        assert!(!scratch.out().exists());
    }
}

#[cfg(unix)]
#[test]
fn a_linked_folder_is_never_entered() {
    let scratch = Scratch::new("linked-folder");
    fs::create_dir_all(scratch.0.join("elsewhere")).unwrap();
    fs::create_dir_all(scratch.path("inside")).unwrap();
    for target in ["../../elsewhere", "inside"] {
        std::os::unix::fs::symlink(target, scratch.path("k8s")).unwrap();
        let before = scratch.list();
        let error = scratch.build(ONE, true).unwrap_err();
        let expected = format!("`{}` is a link where a folder should be", scratch.path("k8s").display());
        assert_eq!(error.notes, [expected]);
        assert_eq!(scratch.list(), before);
        fs::remove_file(scratch.path("k8s")).unwrap();
    }
    assert_eq!(fs::read_dir(scratch.0.join("elsewhere")).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_linked_file_is_replaced_and_never_written_through() {
    let scratch = Scratch::new("linked-file");
    fs::create_dir_all(scratch.out()).unwrap();
    fs::write(scratch.0.join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../../secret", scratch.path("top.yaml")).unwrap();
    let before = scratch.list();
    assert!(scratch.build(ONE, false).unwrap_err().notes[0].contains("top.yaml"));
    assert_eq!(scratch.list(), before);
    scratch.build(ONE, true).unwrap();
    assert_eq!(fs::read_to_string(scratch.0.join("secret")).unwrap(), "secret");
    assert!(fs::symlink_metadata(scratch.path("top.yaml")).unwrap().is_file());
}

#[cfg(unix)]
#[test]
fn the_output_folder_itself_may_be_a_link() {
    let scratch = Scratch::new("linked-out");
    fs::create_dir_all(scratch.0.join("elsewhere")).unwrap();
    fs::create_dir_all(scratch.out().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("../elsewhere", scratch.out()).unwrap();
    assert_eq!(scratch.build(ONE, false).unwrap(), summary(4, 0, 0));
    assert_eq!(fs::read_to_string(scratch.0.join("elsewhere/top.yaml")).unwrap(), "top 1");
}

#[test]
fn folders_and_files_that_block_the_way_are_all_named() {
    let scratch = Scratch::new("blocked");
    fs::create_dir_all(scratch.path("top.yaml")).unwrap();
    scratch.put("k8s", "a file");
    let error = scratch.build(ONE, true).unwrap_err();
    let out = scratch.out().display().to_string();
    assert_eq!(error.message, format!("2 places in `{out}` cannot be written to"));
    let file = format!("`{out}/k8s` is a file where a folder should be");
    assert_eq!(error.notes, [file, format!("`{out}/top.yaml` is a folder where a file should be")]);
    assert_eq!(scratch.names(), ["k8s", "top.yaml/"]);
    fs::create_dir_all(scratch.path("capgen.lock.json")).unwrap();
    assert_eq!(scratch.build(ONE, true).unwrap_err().notes, [format!("`{out}/capgen.lock.json` is not a file")]);
}

#[test]
fn an_error_half_way_puts_everything_back() {
    let scratch = Scratch::new("rollback");
    scratch.build(ONE, false).unwrap();
    let two =
        tree(&[("k8s/api/hpa.yaml", "hpa 2"), ("a/new.yaml", "new"), ("z/new.yaml", "new"), ("top.yaml", "top 2")]);
    let causes = Causes::default();
    let lock = Lock::of(&two, &causes);
    let out = scratch.out();
    let plan = plan(&out, &two, &lock).unwrap();
    // After the comparison somebody puts a folder in the way, so a rename fails when others are done.
    scratch.put("z/other/file", "mine");
    let before = scratch.list();
    let error = apply(plan, false).unwrap_err();
    assert!(error.message.starts_with(&format!("cannot replace `{}/z`", out.display())), "{error:?}");
    assert_eq!(error.notes, ["nothing was changed"]);
    assert_eq!(scratch.list(), before);
}

#[test]
fn a_failed_first_build_leaves_no_folder() {
    let scratch = Scratch::new("failed-first");
    // Longer than any file system takes.
    let long = format!("{}/x.yaml", "n".repeat(300));
    scratch.build(&[("a.yaml", "a"), (&long, "x")], false).unwrap_err();
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 0);
}

#[test]
fn a_killed_build_is_reported_and_cleared() {
    let scratch = Scratch::new("killed");
    scratch.build(ONE, false).unwrap();
    // The next build was killed after its first rename: one new file is in place, the lock is still staged.
    let two = &[("k8s/api/hpa.yaml", "hpa 2"), ("top.yaml", "top 2")];
    scratch.put("k8s/api/hpa.yaml", "hpa 2");
    scratch.put(".capgen-staging/old/0", "hpa 1");
    scratch.put(commit::STAGED_LOCK, &Lock::of(&tree(two), &Causes::default()).print());
    assert_eq!(scratch.check(two).first().unwrap(), &(".capgen-staging".to_owned(), Kind::Leftover));
    // A third spec: neither what the first nor what the killed build wrote counts as edited.
    let three = &[("k8s/api/hpa.yaml", "hpa 3"), ("top.yaml", "top 3")];
    assert_eq!(scratch.build(three, false).unwrap(), summary(2, 0, 2));
    assert_eq!(scratch.names(), ["capgen.lock.json", "k8s/api/hpa.yaml", "top.yaml"]);
    // With nothing else to do it is cleared as well.
    scratch.put(".capgen-staging/old/0", "hpa 1");
    scratch.build(three, false).unwrap();
    assert_eq!(scratch.check(three), []);
}

#[test]
fn builds_at_the_same_time_do_not_mix() {
    let scratch = Scratch::new("concurrent");
    let texts: Vec<String> = (0..8).map(|n| format!("build {n}")).collect();
    for _ in 0..10 {
        std::thread::scope(|scope| {
            for text in &texts {
                let scratch = &scratch;
                scope.spawn(move || {
                    let names: Vec<String> = (0..20).map(|n| format!("k8s/s{}/f{n}.yaml", n % 5)).collect();
                    let files: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &**text)).collect();
                    scratch.build(&files, false).unwrap();
                });
            }
        });
        let written: Vec<String> = scratch.list().into_iter().skip(1).map(|(_, text)| text).collect();
        assert_eq!(written.len(), 20);
        assert!(written.windows(2).all(|pair| pair[0] == pair[1]), "{written:?}");
        fs::remove_dir_all(scratch.out()).unwrap();
    }
}

#[test]
fn a_file_instead_of_the_folder_is_named() {
    let scratch = Scratch::new("file-as-out");
    fs::create_dir_all(scratch.out().parent().unwrap()).unwrap();
    fs::write(scratch.out(), "x").unwrap();
    let error = scratch.build(ONE, false).unwrap_err();
    assert_eq!(error.message, format!("`{}` is not a folder", scratch.out().display()));
    fs::remove_file(scratch.out()).unwrap();
    fs::remove_dir(scratch.out().parent().unwrap()).unwrap();
    fs::write(scratch.out().parent().unwrap(), "x").unwrap();
    let error = scratch.build(ONE, false).unwrap_err();
    assert!(error.message.contains("not a folder"), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_with_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("read-only");
    fs::create_dir_all(scratch.out()).unwrap();
    fs::set_permissions(scratch.out(), fs::Permissions::from_mode(0o555)).unwrap();
    // For the superuser no folder is read-only.
    let result = match fs::write(scratch.path("probe"), "") {
        Ok(()) => None,
        Err(_) => Some(scratch.build(ONE, false)),
    };
    fs::set_permissions(scratch.out(), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(result) = result else { return };
    let error = result.unwrap_err();
    assert!(error.message.starts_with(&format!("cannot write `{}/", scratch.out().display())), "{error:?}");
    assert!(error.help.unwrap().contains("--out-dir"));
}

#[cfg(unix)]
#[test]
fn files_are_readable_by_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("mode");
    fs::create_dir_all(scratch.out()).unwrap();
    fs::write(scratch.path("probe"), "").unwrap();
    scratch.build(ONE, false).unwrap();
    let mode = |path: &str| fs::metadata(scratch.path(path)).unwrap().permissions().mode();
    assert_eq!(mode("top.yaml"), mode("probe"), "what the umask leaves");
}

#[test]
fn paths_are_shown_as_typed() {
    let check = |out: &str, path: &str| error::shown(Path::new(out), path);
    assert_eq!(check("generated", "a/b"), "generated/a/b");
    assert_eq!(check("generated/", ""), "generated");
    assert_eq!(check(".", "a"), "a");
    assert_eq!(check("", ""), ".");
    assert_eq!(check("/", "a"), "/a");
    assert_eq!(check("../out", "a"), "../out/a");
}
