//! What the programs say that read the generated files: nginx, PgBouncer in front of a real PostgreSQL, a shell with kubectl.
//!
//! Every file that a golden case or an example holds is given to its consumer: nginx must accept it, and PgBouncer
//! under more clients and more users than planned must not open more server connections than the lock file promises.
//! Each check is proven able to fail by a file in `golden-tests/broken/{nginx,pgbouncer,runbook}/`, whose first line names the
//! reason. A program that is not installed is one line on standard error; `CAPGEN_REQUIRE_ALL=1` makes it a failure.
//!
//! Filters work as with any test: `cargo test --test consumers -- nginx/`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests run programs and read files")]

mod copy;
mod nginx;
mod output;
mod pgbouncer;
mod plan;
mod postgres;
mod program;
mod runbook;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use output::Output;
use postgres::Shared;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // All share one PostgreSQL, and each counts the connections that it sees there.
    arguments.test_threads = Some(1);
    let postgres = Arc::new(Shared::default());
    match trials(&postgres) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("consumers: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A folder of this package.
fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn trials(postgres: &Arc<Shared>) -> Result<Vec<Trial>, String> {
    let outputs = output::find(&[folder("golden-tests/cases"), folder("examples")])?;
    let broken = folder("golden-tests/broken");
    let nginx_is_there = program::is_there("nginx", nginx::missing())?;
    let pgbouncer_is_there = program::is_there("pgbouncer", pgbouncer::missing())?;
    let mut trials = vec![proof(&outputs)];
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::upstreams)) {
        trials.push(trial(name, nginx_is_there, move || nginx::check(&text)));
    }
    for (name, text) in output::fixtures(&broken.join("nginx"), "conf")? {
        trials.push(trial(name, nginx_is_there, move || output::must_be_refused(&text, nginx::check(&text))));
    }
    for (name, poolers) in output::distinct(outputs.iter().filter_map(Output::poolers)) {
        let postgres = Arc::clone(postgres);
        trials.push(trial(name, pgbouncer_is_there, move || pgbouncer::check(&poolers, &*postgres.get()?)));
    }
    for (name, text) in output::fixtures(&broken.join("pgbouncer"), "ini")? {
        let postgres = Arc::clone(postgres);
        let poolers = output::fixture_poolers(&broken.join("pgbouncer"), &name, &text)?;
        let check = move || output::must_be_refused(&text, pgbouncer::check(&poolers, &*postgres.get()?));
        trials.push(trial(name, pgbouncer_is_there, check));
    }
    let runbook_is_there = program::is_there("runbook", runbook::missing())?;
    for (name, page) in output::distinct(outputs.iter().filter_map(Output::runbook)) {
        trials.push(trial(name, runbook_is_there, move || runbook::check(&page)));
    }
    for (name, text) in output::fixtures(&broken.join("runbook"), "md")? {
        let page = output::fixture_page(&broken.join("runbook"), &text)?;
        let check = move || output::must_be_refused(&text, runbook::check(&page));
        trials.push(trial(name, runbook_is_there, check));
    }
    Ok(trials)
}

fn trial(name: String, can_run: bool, check: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || check().map_err(Failed::from)).with_ignored_flag(!can_run)
}

/// A suite that found nothing to check would be green for ever.
fn proof(outputs: &[Output]) -> Trial {
    let (upstreams, poolers) =
        (outputs.iter().flat_map(Output::upstreams).count(), outputs.iter().filter_map(Output::poolers).count());
    let runbooks = outputs.iter().filter_map(Output::runbook).count();
    let all = upstreams > 0 && poolers > 0 && runbooks > 0;
    trial("proof/there-is-something-to-check".to_owned(), true, move || match all {
        true => Ok(()),
        false => Err(format!(
            "{upstreams} upstreams, {poolers} outputs with a PgBouncer, {runbooks} runbooks: look at output.rs"
        )),
    })
}
