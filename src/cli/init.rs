//! `capgen init`: a commented starter spec.

use std::io::Write;
use std::path::Path;

use crate::diag::Diagnostic;

use super::ExitStatus;
use super::args::Init;
use super::disk;
use super::terminal::Terminal;

const STARTER: &str = include_str!("../../templates/init/capacity.toml");

pub(super) fn run(init: &Init, terminal: &Terminal) -> ExitStatus {
    if init.path == "-" {
        return terminal.data(STARTER);
    }
    let path = Path::new(&init.path);
    let created = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = created.and_then(|mut file| file.write_all(STARTER.as_bytes()));
    match written {
        Ok(()) => {
            terminal.summary(&format!("wrote {}; edit it, then run `capgen build`", init.path));
            ExitStatus::Fine
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let message = format!("`{}` is there already", init.path);
            terminal.fail(&Diagnostic::error(message).help("name another file: `capgen init other.toml`"))
        }
        Err(error) => terminal.fail(&Diagnostic::error(format!("writing `{}`: {}", init.path, disk::reason(&error)))),
    }
}
