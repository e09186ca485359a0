//! Other programs: bounded in time and in what they may say, and never able to ask.

use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crate::doc::value::single_line;

/// The longest complaint of a program that is kept, in bytes.
const LONGEST_COMPLAINT: u64 = 16 << 10;

/// What a program said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) is_success: bool,
    pub(super) stdout: Vec<u8>,
    /// Its complaints, one line each, without control characters.
    pub(super) complaints: Vec<String>,
}

/// Why a program said nothing.
#[derive(Debug)]
pub(super) enum Silence {
    /// It is not installed.
    Missing,
    /// It could not be started or heard, for this reason.
    Broken(String),
    /// It was still running after so many seconds, and was stopped.
    TooSlow(u64),
    /// It said more than so many bytes, and was stopped.
    TooMuch(u64),
}

/// Runs a program to its end; `input` is its standard input, which is empty without.
///
/// # Errors
/// [`Silence`]; a program that ends with a failure is no error.
pub(super) fn run(command: &mut Command, input: Option<Vec<u8>>, most: u64, seconds: u64) -> Result<Said, Silence> {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Silence::Missing,
        _ => Silence::Broken(error.to_string()),
    })?;
    let heard = listen(&mut child, input, most, seconds);
    if heard.is_err() {
        // It may have ended by itself meanwhile.
        _ = child.kill();
    }
    let status = child.wait().map_err(|error| Silence::Broken(error.to_string()))?;
    let (stdout, stderr) = heard?;
    Ok(Said { is_success: status.success(), stdout, complaints: complaints(&stderr) })
}

/// Feeds and hears a program on threads of their own, so that no full pipe can stop it.
fn listen(child: &mut Child, input: Option<Vec<u8>>, most: u64, seconds: u64) -> Result<(Vec<u8>, Vec<u8>), Silence> {
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
        // A program that does not read everything has its reasons; what it says will tell.
        thread::spawn(move || _ = pipe.write_all(&input));
    }
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        hear(stdout, 0, most, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        hear(stderr, 1, LONGEST_COMPLAINT, sender.clone());
    }
    drop(sender);
    let mut heard = [Vec::new(), Vec::new()];
    for _ in 0..heard.len() {
        match receiver.recv_timeout(Duration::from_secs(seconds)) {
            Ok((0, Ok(bytes))) if bytes.len() as u64 > most => return Err(Silence::TooMuch(most)),
            Ok((index, Ok(bytes))) => heard[index] = bytes,
            Ok((_, Err(error))) => return Err(Silence::Broken(error.to_string())),
            Err(RecvTimeoutError::Timeout) => return Err(Silence::TooSlow(seconds)),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let [stdout, stderr] = heard;
    Ok((stdout, stderr))
}

/// Sends what a stream holds, up to a limit and one byte more.
fn hear(mut stream: impl Read + Send + 'static, index: usize, most: u64, sender: Sender<(usize, io::Result<Vec<u8>>)>) {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.by_ref().take(most + 1).read_to_end(&mut bytes).map(|_| bytes);
        // The receiver is gone only where nobody wants to know any more.
        _ = sender.send((index, read));
        // The rest is let go, so that the program does not wait for a reader.
        _ = io::copy(&mut stream, &mut io::sink());
    });
}

/// Lines without control characters; warnings, and what a library logs on the way, only where nothing else was said.
fn complaints(stderr: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(|line| single_line(line).into_owned()).filter(|line| !line.is_empty());
    let (aside, mut said): (Vec<String>, Vec<String>) = lines.partition(|line| is_aside(line));
    said.dedup();
    match said.is_empty() {
        true => aside.into_iter().last().into_iter().collect(),
        false => said,
    }
}

/// `Warning: …`, or a line of klog: `E1122 20:14:55.944222 …`.
fn is_aside(line: &str) -> bool {
    let is_klog = |rest: &str| rest.len() > 5 && rest.bytes().take(4).all(|it| it.is_ascii_digit());
    line.starts_with("Warning:") || line.strip_prefix(['E', 'W', 'I', 'F']).is_some_and(is_klog)
}

#[cfg(test)]
mod tests {
    //! Programs that fail, talk too much, or never end.
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_says_its_part() {
        let input = vec![b'a'; 300_000];
        let said = run(&mut shell("cat; echo no >&2; echo no >&2; exit 3"), Some(input.clone()), 1 << 20, 20).unwrap();
        assert!(!said.is_success && said.stdout == input);
        assert_eq!(said.complaints, ["no"]);
        assert!(run(&mut shell("! read line"), None, 10, 20).unwrap().is_success, "its standard input is empty");
    }

    #[test]
    fn limits_hold() {
        assert!(matches!(run(&mut shell("exec sleep 60"), None, 10, 1), Err(Silence::TooSlow(1))));
        assert!(matches!(run(&mut shell("exec yes"), None, 1000, 20), Err(Silence::TooMuch(1000))));
        assert!(matches!(run(&mut Command::new("capgen-no-such-program"), None, 10, 1), Err(Silence::Missing)));
        assert!(run(&mut shell("yes >&2 & sleep 0.2; kill $!"), None, 10, 20).unwrap().complaints.len() == 1);
    }

    #[test]
    fn complaints_are_what_a_person_must_know() {
        let shown = |text: &str| complaints(text.as_bytes());
        assert_eq!(shown("Warning: a\nE1122 20:14:55 b\nerror: \x1b[31mc\r\n"), ["error:  [31mc"]);
        assert_eq!(shown("Warning: a\n"), ["Warning: a"]);
        assert_eq!(shown("Error from server\n"), ["Error from server"]);
    }
}
