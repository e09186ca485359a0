//! The `capgen` program: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    capgen::cli::run(std::env::args_os())
}
