//! What the last build of a large spec read and wrote, kept in the user's cache folder: where nothing of it has changed since,
//! there is nothing to compile.
//!
//! It is an answer to "did anything change?", never a source of bytes. It holds only for the same program, day, flags and
//! inputs, to the byte, after a run without findings; and only while every file of the output folder has the bytes that
//! were written. `build --check` does not ask it: what continuous integration trusts is always compiled.
//!
//! Specs below [`SMALLEST`] are compiled faster than a memo is looked up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::UNIX_EPOCH;
use std::{env, fs};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::render::Tree;
use crate::render::lock::{Draft, sha256};
use crate::spec::Files;

use super::args::Common;
use super::compile;
use super::write;

/// The size of the sources from which on a memo is worth its file.
const SMALLEST: usize = 1 << 20;

/// What a build read: the first line of a memo. Where that differs, nobody reads on.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    circumstances: Circumstances,
    /// Every question to the disk and the hash of its answer, sorted.
    answers: Vec<(Question, String)>,
}

/// What a build wrote: the second line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    out: PathBuf,
    /// The hash of the lock file.
    lock: String,
    /// Every other file of the output folder and its hash, sorted.
    files: Vec<(String, String)>,
}

/// What else than files decides a build.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Circumstances {
    /// Length and time of change of the program itself.
    program: (u64, u128),
    /// Waivers expire.
    today: String,
    set: Vec<String>,
}

/// What a build asks the disk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Question {
    Read(String),
    Matching(String),
    Has(String),
}

impl Question {
    /// The hash of the answer; `None` where there is none.
    fn ask(&self, files: &dyn Files) -> Option<String> {
        match self {
            Self::Read(path) => files.read(path).ok().map(|text| sha256(text.as_bytes())),
            Self::Matching(pattern) => files.matching(pattern).ok().map(|paths| sha256(paths.join("\n").as_bytes())),
            Self::Has(path) => Some(files.has(path).to_string()),
        }
    }
}

/// Files that remember what was asked of them.
pub(super) struct Recorder<'a> {
    files: &'a dyn Files,
    answers: Mutex<BTreeMap<Question, String>>,
    size: Mutex<usize>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self { files, answers: Mutex::default(), size: Mutex::default() }
    }

    fn note(&self, question: Question, answer: impl FnOnce() -> String) {
        if let Ok(mut answers) = self.answers.lock() {
            answers.entry(question).or_insert_with(answer);
        }
    }
}

impl Files for Recorder<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let text = self.files.read(path)?;
        let hash = sha256(text.as_bytes());
        self.note(Question::Read(path.to_owned()), || hash);
        if let Ok(mut size) = self.size.lock() {
            *size += text.len();
        }
        Ok(text)
    }

    fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        let paths = self.files.matching(pattern)?;
        self.note(Question::Matching(pattern.to_owned()), || sha256(paths.join("\n").as_bytes()));
        Ok(paths)
    }

    fn has(&self, path: &str) -> bool {
        let has = self.files.has(path);
        self.note(Question::Has(path.to_owned()), || has.to_string());
        has
    }
}

/// The number of files in the output folder, if the last build of this spec was the same and all that it wrote still stands.
pub(super) fn unchanged(file: &str, common: &Common, files: &dyn Files) -> Option<(usize, PathBuf)> {
    let text = fs::read_to_string(place(file, common)?).ok()?;
    let (asked, written) = text.split_once('\n')?;
    let asked: Asked = serde_json::from_str(asked).ok()?;
    let is_same = |(question, answer): &(Question, String)| question.ask(files).as_ref() == Some(answer);
    if asked.circumstances != circumstances(common)? || !asked.answers.par_iter().all(is_same) {
        return None;
    }
    let written: Written = serde_json::from_str(written).ok()?;
    let stands = write::stands(&written.out, &written.files, &written.lock);
    stands.then_some((written.files.len(), written.out))
}

/// Keeps what a build read and wrote. Where that cannot be kept, the next build compiles.
pub(super) fn keep(file: &str, common: &Common, recorder: Recorder<'_>, out: &Path, tree: &Tree, lock: &Draft<'_>) {
    let is_small = recorder.size.into_inner().is_ok_and(|size| size < SMALLEST);
    let Some(place) = place(file, common).filter(|_| !is_small) else { return };
    let (Some(circumstances), Ok(answers)) = (circumstances(common), recorder.answers.into_inner()) else { return };
    let hash = |path: &str| lock.sha256_of(path).unwrap_or_default().to_owned();
    let asked = Asked { circumstances, answers: answers.into_iter().collect() };
    let written = Written {
        out: out.to_owned(),
        lock: lock.sha256(),
        files: tree.files.iter().map(|file| (file.path.clone(), hash(&file.path))).collect(),
    };
    let (Ok(asked), Ok(written)) = (serde_json::to_string(&asked), serde_json::to_string(&written)) else { return };
    let staged = place.with_extension(std::process::id().to_string());
    let text = format!("{asked}\n{written}");
    let is_staged = place.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&staged, text));
    // Another build may be reading it: it is there as a whole or not at all.
    if is_staged.and_then(|()| fs::rename(&staged, &place)).is_err() {
        let _ = fs::remove_file(&staged);
    }
}

fn circumstances(common: &Common) -> Option<Circumstances> {
    let program = fs::metadata(env::current_exe().ok()?).ok()?;
    let changed = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some(Circumstances { program: (program.len(), changed), today: compile::today(), set: common.set.clone() })
}

/// The memo's file: one for each spec, environment and output folder.
fn place(file: &str, common: &Common) -> Option<PathBuf> {
    let spec = fs::canonicalize(file).ok()?;
    let here = env::current_dir().ok()?;
    let name = format!("{}\n{}\n{:?}\n{:?}", spec.display(), here.display(), common.env, common.out_dir);
    let mut name = sha256(name.as_bytes());
    name.truncate(32);
    Some(folder()?.join(format!("{name}.memo")))
}

/// `CAPGEN_CACHE_DIR`, or where the system keeps caches; an empty variable means none.
fn folder() -> Option<PathBuf> {
    let named = |variable: &str| env::var_os(variable).map(PathBuf::from);
    let folder = match named("CAPGEN_CACHE_DIR") {
        Some(folder) => folder,
        None if cfg!(windows) => named("LOCALAPPDATA")?.join("capgen"),
        None if cfg!(target_os = "macos") => named("HOME")?.join("Library/Caches/capgen"),
        None => match named("XDG_CACHE_HOME").filter(|it| it.is_absolute()) {
            Some(folder) => folder.join("capgen"),
            None => named("HOME")?.join(".cache/capgen"),
        },
    };
    folder.is_absolute().then_some(folder)
}
