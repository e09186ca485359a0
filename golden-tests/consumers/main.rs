//! What the programs say that read the generated files: nginx, Prometheus, Grafana's library, k6, Locust, Terraform's parser, a shell that runs
//! Kafka's plans and the runbooks' commands with kubectl, and PgBouncer in front of a real PostgreSQL.
//!
//! Every file that a golden case or an example holds is given to its consumer: nginx and promtool must accept it, and PgBouncer
//! under more clients and more users than planned must not open more server connections than the lock file promises;
//! PostgreSQL must start with its settings and hold every one of them, and route every key of a sharded table to one shard;
//! so must Redis, and its servers must become the cluster that was planned.
//! Each check is proven able to fail by a file in `golden-tests/broken/<consumer>/`, whose first line names the
//! reason. A program that is not installed is one line on standard error; `CAPGEN_REQUIRE_ALL=1` makes it a failure.
//!
//! Filters work as with any test: `cargo test --test consumers -- nginx/`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests run programs and read files")]

mod aws;
mod compose;
mod copy;
mod grafana;
mod kafka;
mod kustomize;
mod load;
mod nginx;
mod output;
mod page;
mod pgbouncer;
mod plan;
mod postgres;
mod program;
mod prometheus;
mod redis;
mod runbook;
mod settings;
mod shards;
mod terraform;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use output::Output;
use postgres::Shared;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
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
    let promtool_is_there = program::is_there("promtool", prometheus::missing())?;
    let grafana_is_there = program::is_there("grafana", grafana::missing())?;
    let k6_is_there = program::is_there("k6", load::missing_k6())?;
    let locust_is_there = program::is_there("locust", load::missing_locust())?;
    let pgbouncer_is_there = program::is_there("pgbouncer", pgbouncer::missing())?;
    let mut trials = vec![proof(&outputs)];
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::upstreams)) {
        trials.push(trial(name, nginx_is_there, move || nginx::check(&text)));
    }
    for (name, text) in output::fixtures(&broken.join("nginx"), "conf")? {
        trials.push(trial(name, nginx_is_there, move || output::must_be_refused(&text, nginx::check(&text))));
    }
    for (name, text, is_taken) in nginx::judged_by_a_lint()? {
        trials.push(trial(name, nginx_is_there, move || nginx::agrees(&text, is_taken)));
    }
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::rules)) {
        trials.push(trial(name, promtool_is_there, move || prometheus::check(&text)));
    }
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::dashboards)) {
        trials.push(trial(name, grafana_is_there, move || grafana::check(&text)));
    }
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::load_tests)) {
        let is_there = if name.ends_with(".js") { k6_is_there } else { locust_is_there };
        if let Some((_, least)) = load::RUNS.iter().find(|(file, _)| name.ends_with(file)) {
            let (file, text) = (name.clone(), text.clone());
            trials.push(trial(format!("run/{name}"), is_there, move || load::run(&file, &text, *least)));
        }
        trials.push(trial(name.clone(), is_there, move || load::check(&name, &text)));
    }
    for (ending, is_there) in [("js", k6_is_there), ("py", locust_is_there)] {
        for (name, text) in output::fixtures(&broken.join("load-tests"), ending)? {
            let file = format!("{name}.{ending}");
            let check = move || output::must_be_refused(&text, load::check(&file, &text));
            trials.push(trial(format!("{name}-{ending}"), is_there, check));
        }
    }
    for (name, text) in output::fixtures(&broken.join("grafana"), "json")? {
        trials.push(trial(name, grafana_is_there, move || output::must_be_refused(&text, grafana::check(&text))));
    }
    for (name, text) in output::fixtures(&broken.join("prometheus"), "yaml")? {
        let check = move || output::must_be_refused(&text, prometheus::check(&text));
        trials.push(trial(name, promtool_is_there, check));
    }
    let tests = output::fixtures(&folder("golden-tests/consumers/prometheus"), "yaml")?;
    for (name, text) in tests {
        let name = name.replace("broken/", "fires-and-is-silent/");
        trials.push(trial(name, promtool_is_there, move || prometheus::test(&text)));
    }
    for (name, text) in output::fixtures(&broken.join("prometheus-tests"), "yaml")? {
        let check = move || output::must_be_refused(&text, prometheus::test(&text));
        trials.push(trial(name, promtool_is_there, check));
    }
    let shell_is_there = program::is_there("kafka", kafka::missing())?;
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::plans)) {
        trials.push(trial(name, shell_is_there, move || kafka::check(&text)));
    }
    for (name, text) in output::fixtures(&broken.join("kafka"), "sh")? {
        trials.push(trial(name, shell_is_there, move || output::must_be_refused(&text, kafka::check(&text))));
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
    let cluster = Arc::new(settings::Cluster::default());
    let postgresql_is_there = program::is_there("postgresql", postgres::missing())?;
    for (name, (text, version)) in output::distinct(outputs.iter().flat_map(Output::servers)) {
        let cluster = Arc::clone(&cluster);
        trials.push(trial(name, postgresql_is_there, move || cluster.check(&text, version)));
    }
    for (name, text) in output::fixtures(&broken.join("postgresql"), "conf")? {
        let cluster = Arc::clone(&cluster);
        let check = move || output::must_be_refused(&text, cluster.check(&text, None));
        trials.push(trial(name, postgresql_is_there, check));
    }
    for (name, (text, values)) in output::distinct(outputs.iter().flat_map(Output::shards)) {
        let postgres = Arc::clone(postgres);
        trials.push(trial(name, postgresql_is_there, move || shards::check(&text, &values, &*postgres.get()?)));
    }
    for (name, text) in output::fixtures(&broken.join("shards"), "sql")? {
        let postgres = Arc::clone(postgres);
        let check = move || output::must_be_refused(&text, shards::check(&text, &shards::usual(), &*postgres.get()?));
        trials.push(trial(name, postgresql_is_there, check));
    }
    let redis_is_there = program::is_there("redis", redis::missing())?;
    for (name, text) in output::distinct(outputs.iter().flat_map(Output::redis_settings)) {
        trials.push(trial(name, redis_is_there, move || redis::check_settings(&text)));
    }
    for (name, text) in output::fixtures(&broken.join("redis"), "conf")? {
        let check = move || output::must_be_refused(&text, redis::check_settings(&text));
        trials.push(trial(name, redis_is_there, check));
    }
    for (name, plan) in output::distinct(outputs.iter().flat_map(Output::redis_clusters)) {
        let grown = plan.clone();
        trials.push(trial(format!("{name}-new"), redis_is_there, move || redis::check_new(&plan)));
        // One is enough: thousands of slots move, one after the other.
        if name.contains("/a-cluster-for-the-data/") {
            trials.push(trial(format!("{name}-growth"), redis_is_there, move || redis::check_growth(&grown)));
        }
    }
    for (name, text) in output::fixtures(&broken.join("redis"), "sh")? {
        let check = move || output::must_be_refused(&text, redis::check_new(&redis::usual(&text)));
        trials.push(trial(name, redis_is_there, check));
    }
    let browser_is_there = program::is_there("page", page::missing())?;
    let mut pages = output::distinct(page::find()?.into_iter());
    let good = pages.len();
    pages.extend(output::fixtures(&broken.join("page"), "html")?);
    let all = Arc::new(page::Pages::new(pages.iter().map(|(_, text)| text.clone()).collect()));
    for (number, (name, text)) in pages.into_iter().enumerate() {
        let all = Arc::clone(&all);
        let check = move || match number < good {
            true => all.check(number),
            false => output::must_be_refused(&text, all.check(number)),
        };
        trials.push(trial(name, browser_is_there, check));
    }
    let runbook_is_there = program::is_there("runbook", runbook::missing())?;
    for (name, page) in output::distinct(outputs.iter().filter_map(Output::runbook)) {
        trials.push(trial(name, runbook_is_there, move || runbook::check(&page)));
    }
    for (name, page) in output::distinct(outputs.iter().filter_map(Output::emergency)) {
        trials.push(trial(name, runbook_is_there, move || runbook::check(&page)));
    }
    for (name, page) in output::distinct(outputs.iter().filter_map(Output::cron_jobs)) {
        trials.push(trial(name, runbook_is_there, move || runbook::check_cron_jobs(&page)));
    }
    for (name, text, refused) in output::fixtures_with_reasons(&broken.join("cronjob"), "yaml")? {
        let page = output::cron_job_page(text);
        let check = move || output::must_say(&refused, runbook::check_cron_jobs(&page));
        trials.push(trial(name, runbook_is_there, check));
    }
    let kustomize_is_there = program::is_there("kustomize", kustomize::missing())?;
    let folders = output::distinct(outputs.iter().filter_map(Output::kustomization));
    for (name, check) in kustomize::proofs(&folders) {
        trials.push(trial(name, kustomize_is_there, check));
    }
    for (name, files) in folders {
        trials.push(trial(name, kustomize_is_there, move || kustomize::check(&files)));
    }
    for (name, text) in output::fixtures(&broken.join("runbook"), "md")? {
        let page = output::fixture_page(&broken.join("runbook"), &text)?;
        let check = move || output::must_be_refused(&text, runbook::check(&page));
        trials.push(trial(name, runbook_is_there, check));
    }
    let compose_is_there = program::is_there("compose", compose::missing())?;
    for (name, text) in output::distinct(outputs.iter().flat_map(|it| it.in_folder("compose/"))) {
        trials.push(trial(name, compose_is_there, move || compose::check(&text)));
    }
    for (name, text) in output::fixtures(&broken.join("compose"), "yaml")? {
        trials.push(trial(name, compose_is_there, move || output::must_be_refused(&text, compose::check(&text))));
    }
    let aws_is_there = program::is_there("aws", aws::missing())?;
    let terraform_is_there = aws_is_there && program::is_there("terraform", terraform::missing())?;
    for (name, text) in output::distinct(outputs.iter().flat_map(|it| it.in_folder("ecs/"))) {
        trials.push(match name.ends_with(".tf.json") {
            true => trial(name.replacen("ecs/", "terraform/", 1), terraform_is_there, move || terraform::check(&text)),
            false => trial(name.clone(), aws_is_there, move || aws::check(&name, &text)),
        });
    }
    for (name, text, refused) in output::fixtures_with_reasons(&broken.join("terraform"), "json")? {
        trials.push(trial(name, terraform_is_there, move || output::must_say(&refused, terraform::check(&text))));
    }
    let pair = terraform::pair(&outputs);
    trials
        .push(trial("terraform/says-what-the-calls-say".to_owned(), terraform_is_there, move || terraform::same(pair)));
    for (name, text, refused) in output::fixtures_with_reasons(&broken.join("aws"), "json")? {
        let file = format!("{name}.json");
        trials.push(trial(name, aws_is_there, move || output::must_say(&refused, aws::check(&file, &text))));
    }
    Ok(trials)
}

fn trial(name: String, can_run: bool, check: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || check().map_err(Failed::from)).with_ignored_flag(!can_run)
}

/// A suite that found nothing to check would be green for ever.
fn proof(outputs: &[Output]) -> Trial {
    let counts = [
        ("upstreams", outputs.iter().flat_map(Output::upstreams).count()),
        ("outputs with a PgBouncer", outputs.iter().filter_map(Output::poolers).count()),
        ("files of rules", outputs.iter().flat_map(Output::rules).count()),
        ("dashboards", outputs.iter().flat_map(Output::dashboards).count()),
        ("load tests", outputs.iter().flat_map(Output::load_tests).count()),
        ("pages for an emergency", outputs.iter().filter_map(Output::emergency).count()),
        ("outputs with CronJobs", outputs.iter().filter_map(Output::cron_jobs).count()),
        ("folders for Kustomize", outputs.iter().filter_map(Output::kustomization).count()),
        ("runbooks", outputs.iter().filter_map(Output::runbook).count()),
        ("clusters of Redis", outputs.iter().flat_map(Output::redis_clusters).count()),
        ("plans", outputs.iter().flat_map(Output::plans).count()),
        ("files for Compose", outputs.iter().flat_map(|it| it.in_folder("compose/")).count()),
        ("files for ECS", outputs.iter().flat_map(|it| it.in_folder("ecs/")).count()),
        ("files for Terraform", outputs.iter().flat_map(terraform::files).count()),
    ];
    trial("proof/there-is-something-to-check".to_owned(), true, move || {
        match counts.iter().find(|(_, count)| *count == 0) {
            None => Ok(()),
            Some((what, _)) => Err(format!("no {what}: look at output.rs")),
        }
    })
}
