//! The `capgen` program: arguments in, exit status out.

use std::process::ExitCode;

/// A large platform is millions of small values, made on every core at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    capgen::cli::run(std::env::args_os())
}
