//! Runs a program several times and looks at the clock; once more, and looks at its memory.
//!
//! It knows neither capgen nor what is compared with it. What it measures is the whole process, from its start to its end.

use std::ffi::OsString;
use std::fmt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{LIMIT, Outcome};

/// A command line. Its output goes nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    program: OsString,
    arguments: Vec<OsString>,
}

impl Run {
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), arguments: Vec::new() }
    }

    pub(crate) fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command
    }
}

/// How long runs of one command took.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Timing {
    Took { median: Duration, least: Duration },
    Stopped,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Took { median, least } => write!(f, "{} ({})", Shown(*median), Shown(*least)),
            Self::Stopped => write!(f, "stopped after {} s", LIMIT.as_secs()),
        }
    }
}

/// A time with three digits.
struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        match micros {
            0..10_000 => write!(f, "{}.{:02} ms", micros / 1_000, micros % 1_000 / 10),
            10_000..100_000 => write!(f, "{}.{} ms", micros / 1_000, micros % 1_000 / 100),
            100_000..1_000_000 => write!(f, "{} ms", micros / 1_000),
            _ => write!(f, "{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000),
        }
    }
}

/// Runs a command so many times.
///
/// # Errors
/// As for [`each`].
pub(crate) fn repeat(run: &Run, repeats: usize) -> Outcome<Timing> {
    each(|_| run.clone(), repeats)
}

/// Runs so many numbered commands. The first is a rehearsal: it fills the system's caches and does not count, except
/// where it takes long.
///
/// # Errors
/// The program cannot be started, or does not succeed.
pub(crate) fn each(run: impl Fn(usize) -> Run, repeats: usize) -> Outcome<Timing> {
    let mut times = Vec::new();
    for index in 0..=repeats {
        let Some(time) = once(&run(index))? else { return Ok(Timing::Stopped) };
        let is_long = time > LIMIT / 25;
        if index > 0 || is_long {
            times.push(time);
        }
        if is_long && times.len() == 3 {
            break;
        }
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    Ok(Timing::Took { median, least: times.first().copied().unwrap_or_default() })
}

/// One run; `None` where it did not end within [`LIMIT`].
fn once(run: &Run) -> Outcome<Option<Duration>> {
    let mut command = run.command();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            let time = start.elapsed();
            return succeeded(run, status).map(|()| Some(time));
        }
        if start.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        // A hundredth of what has passed: exact enough, and a long run is not disturbed.
        thread::sleep((start.elapsed() / 100).max(Duration::from_micros(20)));
    }
}

pub(crate) fn succeeded(run: &Run, status: ExitStatus) -> Outcome<()> {
    match status.success() {
        true => Ok(()),
        false => Err(format!("{:?} {:?}: {status}", run.program, run.arguments).into()),
    }
}

/// The most memory that a run held at once (maximum resident set size), in KiB; `None` where there is no GNU `time`.
pub(crate) fn peak_memory(run: &Run) -> Option<u64> {
    let mut command = Command::new("time");
    command.args(["--quiet", "--format", "%M"]).arg(&run.program).args(&run.arguments);
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
    String::from_utf8(output.stderr).ok()?.lines().last()?.parse().ok()
}
