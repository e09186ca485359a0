//! k6 and Locust: every script must be read by its tool, and some run for real.
//!
//! A server of this process answers them. Where it answers at once, a test must succeed and bring the requests that its rates
//! say; where it takes two seconds for each, the same test must fail. `k6/build` builds k6, which no package has.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use crate::folder;
use crate::program::{self, Folder};

/// Where `.ci/run` installs Locust.
const TOOLS: &str = "target/ci/consumers";

/// Scripts of golden cases that take seconds, and how many requests each must bring at least.
pub(crate) const RUNS: [(&str, usize); 3] = [
    ("build/load-test/from-the-service/out/generated/load-tests/steady.js", 58),
    ("build/load-test/requests-and-headers/out/generated/load-tests/tasks.js", 40),
    ("build/load-test/locust/out/generated/load-tests/pages.py", 60),
];

/// What is not installed.
pub(crate) fn missing_k6() -> Option<String> {
    k6().is_none().then(|| "k6 is not built (golden-tests/consumers/k6/build)".to_owned())
}

/// What is not installed.
pub(crate) fn missing_locust() -> Option<String> {
    let library =
        || (!folder(TOOLS).join("locust").is_dir()).then(|| format!("{TOOLS} has no Locust (.ci/consumers.txt)"));
    program::missing("python3", "python3").or_else(library)
}

fn k6() -> Option<PathBuf> {
    let built = folder("target/ci/bin/k6");
    if built.is_file() { Some(built) } else { program::find("k6") }
}

/// # Errors
/// What the tool says of a script that it cannot read, or whose rates it could not keep.
pub(crate) fn check(file: &str, text: &str) -> Result<(), String> {
    let place = Folder::create()?;
    let script = place.write(if is_k6(file) { "script.js" } else { "script.py" }, text)?;
    if !is_k6(file) {
        let mut command = Command::new(program::find("python3").unwrap_or_default());
        let list = ["-B", "-m", "locust", "--list", "-f"];
        return program::run(python(&mut command, text, "http://localhost").args(list).arg(script)).map(drop);
    }
    let mut command = Command::new(k6().unwrap_or_default());
    command.env_clear().args(["inspect", "--execution-requirements"]).args(variables(text, "http://localhost"));
    let said = program::run(command.arg(script))?;
    let options: Json = serde_json::from_str(&said).map_err(|error| format!("{error}: {said}"))?;
    let load = &options["scenarios"]["load"];
    let executor = load["executor"].as_str().unwrap_or_default();
    let (least, most) = (load["preAllocatedVUs"].as_i64(), load["maxVUs"].as_i64());
    match executor.ends_with("-arrival-rate") && least >= Some(1) && most >= least {
        true => Ok(()),
        false => Err(format!("no rate of arrivals, or nobody who brings it: {load}")),
    }
}

/// Runs a test against a server that answers at once, and against one that does not.
///
/// # Errors
/// What the tool says where it should have succeeded; or that it did where it should not.
pub(crate) fn run(file: &str, text: &str, least: usize) -> Result<(), String> {
    let fast = Server::start(Duration::ZERO)?;
    let said = run_against(file, text, &fast)?;
    let brought = fast.requests.load(Ordering::SeqCst);
    if brought < least {
        return Err(format!("{brought} requests came, {least} were due:\n{said}"));
    }
    let slow = Server::start(Duration::from_secs(2))?;
    match run_against(file, text, &slow) {
        Err(_) => Ok(()),
        Ok(said) => Err(format!("answers took two seconds, and it found nothing wrong:\n{said}")),
    }
}

fn run_against(file: &str, text: &str, server: &Server) -> Result<String, String> {
    let place = Folder::create()?;
    let url = format!("http://127.0.0.1:{}", server.port);
    let output = if is_k6(file) {
        let script = place.write("script.js", text)?;
        let mut command = Command::new(k6().unwrap_or_default());
        command.env_clear().args(["run", "--quiet", "--no-usage-report", "--address", ""]).args(variables(text, &url));
        command.arg(script).output()
    } else {
        let script = place.write("script.py", text)?;
        let mut command = Command::new(program::find("python3").unwrap_or_default());
        let run = ["-B", "-m", "locust", "--headless", "--only-summary", "-f"];
        python(&mut command, text, &url).args(run).arg(script).output()
    };
    let output = output.map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    if output.status.success() { Ok(said) } else { Err(said) }
}

fn is_k6(file: &str) -> bool {
    file.ends_with(".js")
}

/// Every variable that a script reads: the address where one is asked for, else anything.
fn variables(text: &str, url: &str) -> Vec<String> {
    let names = text.split("__ENV[\"").skip(1).filter_map(|rest| rest.split('"').next());
    names.flat_map(|name| ["-e".to_owned(), format!("{name}={}", value(name, url))]).collect()
}

fn python<'a>(command: &'a mut Command, text: &str, url: &str) -> &'a mut Command {
    command.env_clear().env("PYTHONPATH", folder(TOOLS));
    let names =
        text.split("os.environ[\"").chain(text.split("os.environ.get(\"")).filter_map(|it| it.split('"').next());
    for name in names.filter(|it| it.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')) {
        command.env(name, value(name, url));
    }
    command
}

fn value<'a>(name: &str, url: &'a str) -> &'a str {
    if name.ends_with("URL") { url } else { "anything" }
}

/// A web server that counts: 201 for what is posted, else 200.
struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(delay: Duration) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        // The thread ends with the process: a test has no way to stop it, and no need.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counter = Arc::clone(&counter);
                thread::spawn(move || answer(stream, delay, &counter));
            }
        });
        Ok(Self { port, requests })
    }
}

/// Answers what comes on one connection until it is closed.
fn answer(stream: TcpStream, delay: Duration, requests: &AtomicUsize) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            if header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        requests.fetch_add(1, Ordering::SeqCst);
        thread::sleep(delay);
        let status = if first.starts_with("POST") { "201 Created" } else { "200 OK" };
        write!(out, "HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok").ok()?;
    }
}
