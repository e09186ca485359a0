//! What a build of a large spec remembers: it may save the work, and must never hide a change.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests run programs, read files and fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A spec of more than a mebibyte, most of it a comment, and one included file.
struct Platform(PathBuf);

impl Platform {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memo-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("services")).unwrap();
        let padding = "# so many words\n".repeat(80_000);
        let text = format!("{padding}version = 1\ninclude = [\"services/*.toml\"]\n");
        fs::write(folder.join("capacity.toml"), text).unwrap();
        let platform = Self(folder);
        platform.write("services/api.toml", &service("api", 100));
        platform
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_default()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_capgen"));
        command.args(arguments).current_dir(&self.0).env_clear();
        command.env("CAPGEN_CACHE_DIR", self.0.join("cache")).output().unwrap()
    }

    /// What a build says.
    fn build(&self, more: &[&str]) -> String {
        let output = self.run(&[&["build"], more].concat());
        String::from_utf8(output.stderr).unwrap()
    }

    fn has_memo(&self) -> bool {
        fs::read_dir(self.0.join("cache")).is_ok_and(|entries| entries.count() > 0)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn service(name: &str, rate: u32) -> String {
    format!("[service.{name}]\ntarget_rps = {rate}\nrps_per_pod = 10\n")
}

const HPA: &str = "generated/k8s/api/hpa.yaml";

/// A platform that was built twice, so that the second build was remembered.
fn remembered(name: &str) -> Platform {
    let platform = Platform::new(name);
    assert_eq!(platform.build(&[]), "wrote 3 files in generated\n");
    assert!(platform.has_memo());
    assert_eq!(platform.build(&[]), "wrote 0 files in generated, 3 unchanged\n");
    platform
}

#[test]
fn a_changed_input_is_seen() {
    let platform = remembered("input");
    platform.write("services/api.toml", &service("api", 200));
    assert_eq!(platform.build(&[]), "wrote 1 file in generated, 2 unchanged\n");
    assert!(platform.read(HPA).contains("maxReplicas: 30"));
}

#[test]
fn a_new_included_file_is_seen() {
    let platform = remembered("include");
    platform.write("services/web.toml", &service("web", 100));
    assert_eq!(platform.build(&[]), "wrote 3 files in generated, 2 unchanged\n");
}

#[test]
fn a_flag_is_seen() {
    let platform = remembered("flag");
    assert_eq!(platform.build(&["--set", "service.api.target_rps=200"]), "wrote 1 file in generated, 2 unchanged\n");
    assert_eq!(platform.build(&[]), "wrote 1 file in generated, 2 unchanged\n");
}

#[test]
fn what_was_edited_or_is_missing_is_seen() {
    let platform = remembered("output");
    let hpa = platform.read(HPA);
    platform.write(HPA, &hpa.replace("maxReplicas: 15", "maxReplicas: 99"));
    assert!(platform.build(&[]).contains("edited by hand"));
    fs::remove_file(platform.0.join(HPA)).unwrap();
    assert_eq!(platform.build(&[]), "wrote 1 file in generated, 2 unchanged\n");
    assert_eq!(platform.read(HPA), hpa);
    let lock = platform.read("generated/capgen.lock.json");
    platform.write("generated/capgen.lock.json", &lock.replace("\"100\"", "\"101\""));
    platform.build(&[]);
    assert_eq!(platform.read("generated/capgen.lock.json"), lock);
}

#[test]
fn a_forged_output_with_its_forged_lock_is_seen_by_check() {
    let platform = remembered("forged");
    let (hpa, lock) = (platform.read(HPA), platform.read("generated/capgen.lock.json"));
    platform.write(HPA, &hpa.replace("maxReplicas: 15", "maxReplicas: 99"));
    let output = platform.run(&["build", "--check"]);
    assert_eq!(output.status.code(), Some(2));
    platform.write(HPA, &hpa);
    assert_eq!(platform.run(&["build", "--check"]).status.code(), Some(0));
    assert_eq!(platform.read("generated/capgen.lock.json"), lock);
}

#[test]
fn a_run_with_findings_is_not_remembered() {
    let platform = Platform::new("findings");
    platform.write("services/api.toml", &format!("{}[service.api.autoscale]\nmax = 90\n", service("api", 100)));
    let first = platform.build(&[]);
    assert!(first.contains("pin-above-model"), "{first}");
    assert!(!platform.has_memo());
    assert!(platform.build(&[]).contains("pin-above-model"));
}

#[test]
fn nothing_is_kept_without_a_place_for_it() {
    let platform = Platform::new("nowhere");
    let output = Command::new(env!("CARGO_BIN_EXE_capgen")).arg("build").current_dir(&platform.0).env_clear().output();
    assert!(output.unwrap().status.success());
    assert!(!platform.has_memo());
    platform.write("cache", "a file where a folder should be");
    assert_eq!(platform.build(&[]), "wrote 0 files in generated, 3 unchanged\n");
}
