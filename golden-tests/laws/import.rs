//! What an import promises: the build of the spec changes nothing in what was read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use capgen::diff;
use capgen::doc::object::{self, Identity, Object};
use capgen::doc::state::State;
use capgen::import::{self, Options, Remark};
use proptest::prelude::*;

use super::{compile, objects, output};

/// Why something that capgen wrote is not asked for by the spec that was imported, or asked for in another way: everything that an import may say
/// of what a build wrote.
const HONEST: &[&str] = &[
    // A budget says nothing about how many pods there are, nor a window about who scales them.
    "no workload for these pods was read",
    "what it scales was not read",
    "a window has two edges",
    // What a node of such a type offers stands in the spec alone.
    "is not in the catalogue",
    "what it belongs to was left out",
    // A template of one's own may hold anything.
    "the spec has no such directive",
    "nothing was read that a spec could ask for",
];

/// Areas of cases whose tables an import makes. Whatever else is written may stay, or be another spec's.
const AREAS: [&str; 7] = ["cronjob", "eksctl", "hpa", "keda", "nginx", "pdb", "pgbouncer"];

/// Output of every example and of every case of a build, read back. Where an import says that nothing changes, nothing does; and of
/// what it could have made it says nothing that is not honest.
#[test]
fn an_import_of_what_was_built_changes_nothing() {
    let mut folders = below("examples", "generated");
    folders.extend(below("golden-tests/cases/build", "generated"));
    assert!(folders.len() > 60, "{} folders", folders.len());
    let (mut exact, mut problems) = (0, Vec::new());
    for folder in &folders {
        let imported = capgen(&["import", &folder.to_string_lossy()]);
        let said = String::from_utf8_lossy(&imported.stderr).into_owned();
        let lines = said.lines().filter(|it| it.starts_with("warning:") || it.starts_with("error:"));
        let is_ours = AREAS.iter().any(|area| folder.to_string_lossy().contains(&format!("/build/{area}/")));
        let is_strange = |line: &&str| is_ours && !HONEST.iter().any(|reason| line.contains(reason));
        let strange: Vec<&str> = lines.filter(is_strange).collect();
        if !strange.is_empty() || !matches!(imported.status.code(), Some(0 | 1 | 3)) {
            problems.push(format!("{}: {:?}\n{}", folder.display(), imported.status, strange.join("\n")));
        }
        if imported.status.code() == Some(0) {
            exact += 1;
            problems.extend(differs(folder, &imported.stdout));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(exact > 40, "only {exact} of {} are exact", folders.len());
}

/// What `capgen diff` says of a spec whose import said that nothing changes.
fn differs(folder: &Path, spec: &[u8]) -> Option<String> {
    let file = std::env::temp_dir().join(format!("capgen-import-{}.toml", std::process::id()));
    std::fs::write(&file, spec).unwrap();
    let against = format!("dir:{}", folder.display());
    let diff = capgen(&["diff", "--file", &file.to_string_lossy(), "--against", &against, "--exit-code"]);
    std::fs::remove_file(&file).unwrap();
    let said = || format!("{}{}", String::from_utf8_lossy(&diff.stdout), String::from_utf8_lossy(&diff.stderr));
    (diff.status.code() != Some(0)).then(|| format!("{}: {}", folder.display(), said()))
}

fn capgen(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_capgen")).args(arguments).env_clear().output().unwrap()
}

/// Every folder of a name below another one.
fn below(folder: &str, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).unwrap().flatten().map(|it| it.path()).filter(|it| it.is_dir());
        let (named, others): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|it| it.ends_with(name));
        found.extend(named);
        open.extend(others);
    }
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_import_is_the_inverse_of_a_build(seed in any::<u64>()) {
        let spec = random_spec(&mut Dice(seed | 1));
        let built = compile(&[("a.toml", &spec)], &[]).unwrap_or_else(|errors| panic!("{errors:#?}\n{spec}"));
        let files: BTreeMap<String, String> = output(&built).into_iter().filter(|(path, _)| path != "lock").collect();
        let read = files.iter().filter(|(path, _)| !path.ends_with(".example"));
        let read = read.flat_map(|(path, text)| object::of_text(path, text).unwrap().objects);
        let there: Vec<Object> = read.filter(|it| !matches!(it.identity, Identity::File { .. })).collect();
        let draft = import::import(&there, &files, Options::default()).unwrap();
        let staying: Vec<&Remark> = draft.remarks.iter().filter(|it| matches!(it, Remark::Stays { .. })).collect();
        prop_assert!(staying.is_empty(), "{staying:#?}\n{spec}");
        let text = draft.print().text;
        let again = compile(&[("a.toml", &text)], &[]).unwrap_or_else(|errors| panic!("{errors:#?}\n{spec}\n{text}"));
        let mut new: Vec<Object> =
            objects(&again).into_iter().filter(|it| !matches!(it.identity, Identity::File { .. })).collect();
        let state = State { objects: there, ..State::default() };
        let changes = diff::diff(&mut new, &state, &again.causes);
        prop_assert!(changes.objects.is_empty(), "{:#?}\n{spec}\n{text}", changes.objects);
        prop_assert!(changes.unmanaged.is_empty(), "{:?}\n{spec}\n{text}", changes.unmanaged);
        // What was drafted from it once more is the same spec, but for the comments.
        let plain = |text: &str| text.lines().map(|it| it.split("  # ").next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        let draft = import::import(&state.objects, &files, Options::default()).unwrap();
        prop_assert_eq!(plain(&draft.print().text), plain(&text));
    }
}

/// Numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn maybe(&mut self, text: impl Into<String>) -> String {
        if self.roll(2) == 0 { String::new() } else { text.into() }
    }

    fn one<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[usize::try_from(self.roll(texts.len() as u64)).unwrap()]
    }
}

fn random_spec(dice: &mut Dice) -> String {
    let mut text = "version = 1\n[platform]\n".to_owned();
    text += &dice.maybe("namespace = \"shop\"\n");
    text += &dice.maybe("labels = { team = \"a\", \"example.com/b\" = \"C_1\" }\n");
    for number in 0..dice.roll(3) {
        text += &random_service(dice, number);
    }
    for number in 0..dice.roll(3) {
        text += &random_worker(dice, number);
    }
    for number in 0..dice.roll(3) {
        text += &random_pgbouncer(dice, number);
    }
    for number in 0..dice.roll(3) {
        text += &random_upstream(dice, number);
    }
    if dice.roll(2) == 0 {
        text += &random_cluster(dice);
    }
    text
}

fn random_rules(dice: &mut Dice, key: &str) -> String {
    let window = dice.maybe(format!("window = \"{}s\", ", dice.0 % 600));
    let steps = dice.one(&[
        "policies = [{ percent = 100, period = \"15s\" }]",
        "policies = [{ pods = 4, period = \"15s\" }, { percent = 100, period = \"15s\" }]",
        "policies = [{ percent = 10, period = \"60s\" }, { pods = 2, period = \"30s\" }], select = \"min\"",
        "policies = [{ pods = 3, period = \"90s\" }], select = \"max\"",
    ]);
    dice.maybe(format!("{key} = {{ {window}{steps} }}\n"))
}

fn random_disruption(dice: &mut Dice) -> &'static str {
    dice.one(&[
        "",
        "disruption = false\n",
        "disruption = { max_unavailable = \"10%\" }\n",
        "disruption = { min_available = 1, name = \"budget\" }\n",
    ])
}

fn random_limits(dice: &mut Dice) -> String {
    let min = 1 + dice.roll(4);
    let max = min + 2 + dice.roll(40);
    let rules = random_rules(dice, "scale_up") + &random_rules(dice, "scale_down");
    format!("min = {min}\nmax = {max}\n{}{}{rules}", dice.maybe("cpu = 65\n"), dice.maybe("memory = 80\n"))
}

fn random_window(dice: &mut Dice, name: &str, owner: &str, min: u64) -> String {
    let zone = dice.one(&["Europe/Berlin", "Etc/UTC", "Asia/Kathmandu"]);
    let window = format!("[schedule.{name}]\n{owner}\nstart = \"0 7 * * 1-5\"\nend = \"30 18 * * 1-5\"\n");
    dice.maybe(format!("{window}time_zone = \"{zone}\"\nmin = {min}\n"))
}

fn random_service(dice: &mut Dice, number: u64) -> String {
    let name = format!("api-{number}");
    let workload = dice.one(&[
        "",
        "workload = { name = \"shop.api\" }\n",
        "workload = { kind = \"StatefulSet\", container = \"main\", selector = { \"app.kubernetes.io/name\" = \"x\", b = \"\" } }\n",
        "workload = { kind = \"Rollout\", api_version = \"argoproj.io/v1alpha1\" }\n",
    ]);
    // Only one of several may be called by a name of its own.
    let workload = workload.replace("shop.api", &format!("shop.api-{number}"));
    let disruption = random_disruption(dice).replace("budget", &format!("{name}-pdb"));
    let selector = workload.contains("selector") && number > 0;
    let workload = if selector { String::new() } else { workload };
    let metrics = dice.maybe("rps = { metric = \"http_requests\", target = 3.5 }\n")
        + &dice.maybe("connections = { metric = \"open_connections\", target = 1200 }\n");
    let own = dice.maybe(format!("name = \"{name}-hpa\"\n"));
    let limits = random_limits(dice);
    let window = random_window(dice, &format!("day-{number}"), &format!("service = \"{name}\""), 6);
    // A budget of pods that are selected by other labels than the name is found by its own name alone.
    let disruption = if workload.contains("selector") { "disruption = { max_unavailable = 1 }\n" } else { &disruption };
    let max = if window.is_empty() { String::new() } else { "# the window fits\n".to_owned() };
    let limits = if window.is_empty() { limits } else { limits.replacen("max = ", "max = 1", 1) };
    format!("[service.{name}]\n{workload}{disruption}[service.{name}.autoscale]\n{max}{own}{limits}{metrics}{window}")
}

fn random_worker(dice: &mut Dice, number: u64) -> String {
    let name = format!("worker-{number}");
    let queue = match dice.roll(3) {
        0 => format!(
            "[worker.{name}.kafka]\ntopic = \"t.{number}\"\npartitions = 500\nconsumer_group = \"g\"\n\
             bootstrap_servers = \"kafka:9092,other:9092\"\n{}{}",
            dice.maybe("offset_reset_policy = \"earliest\"\n"),
            dice.maybe("metadata = { excludePersistentLag = \"true\", version = \"2.0.0\" }\n"),
        ),
        1 => format!(
            "[worker.{name}.redis]\naddress_env = \"REDIS\"\nlist = \"jobs: {number} \\\"x\\\"\"\n{}",
            dice.maybe("authentication_ref = \"redis-auth\"\n"),
        ),
        _ => format!(
            "[worker.{name}.rabbitmq]\nqueue = \"mails\"\nhost_env = \"RABBITMQ_URL\"\n{}",
            dice.maybe("mode = \"message_rate\"\n"),
        ),
    };
    let keda = dice.maybe("polling_interval = \"10s\"\n")
        + &dice.maybe("cooldown = \"2m\"\n")
        + &dice.maybe("idle = true\n")
        + &dice
            .maybe("fallback = { failure_threshold = 3, replicas = 2, behavior = \"current_replicas_if_higher\" }\n");
    let (limits, disruption) = (random_limits(dice), random_disruption(dice));
    let disruption = disruption.replace("budget", &format!("{name}-pdb"));
    let window = random_window(dice, &format!("night-{number}"), &format!("worker = \"{name}\""), 5);
    let limits = if window.is_empty() { limits } else { limits.replacen("max = ", "max = 1", 1) };
    format!("[worker.{name}]\n{disruption}{queue}[worker.{name}.autoscale]\nlag_threshold = 70\n{keda}{limits}{window}")
}

fn random_pgbouncer(dice: &mut Dice, number: u64) -> String {
    let mut text = format!("[database.db-{number}]\nhost = \"10.0.0.{number}\"\nmax_connections = 900\n");
    text += &dice.maybe(format!("port = 54{number}0\n"));
    text += &format!("[pgbouncer.pool-{number}]\nmax_client_conn = {}\n", 10 + dice.roll(5000));
    text += &dice.maybe("pool_mode = \"session\"\n");
    text += &dice.maybe("listen_addr = \"127.0.0.1,::1\"\nlisten_port = 5433\n");
    text +=
        &dice.maybe("settings = { server_lifetime = \"1h\", log_stats = false, server_check_query = \"select 1\" }\n");
    for entry in 0..=dice.roll(3) {
        text += &format!("[pgbouncer.pool-{number}.pool.e_{number}.{entry}]\n")
            .replace(&format!("e_{number}.{entry}"), &format!("e_{number}_{entry}"));
        text += &format!("database = \"db-{number}\"\npool_size = {}\n", 1 + dice.roll(50));
        text += &dice.maybe("dbname = \"orders\"\n");
        text += &dice.maybe("reserve_pool = 7\n");
        text += &dice.maybe("min_pool_size = 1\n");
        text += &dice.maybe("users = 3\n");
    }
    text
}

fn random_upstream(dice: &mut Dice, number: u64) -> String {
    let servers = dice.one(&[
        "servers = \"web{n}.internal:8000\"\ncount = 4\n",
        "servers = [\"a:80\", { address = \"b:81\", weight = 3 }, { address = \"[::1]:82\", backup = true, max_conns = 9 }]\n",
        "servers = [\"only:9000\"]\n",
    ]);
    let balance = dice.maybe("balance = \"least_conn\"\n");
    let keepalive = dice.one(&["", "keepalive = 0\n", "keepalive = 16\n", "keepalive = 0\nversion = \"1.29.7\"\n"]);
    let block = dice.one(&[
        "",
        "server = { server_name = \"example.com\" }\n",
        "server = { listen = 8080, server_name = \"a.b\" }\n",
    ]);
    let block = block.replace("server_name = \"", &format!("server_name = \"n{number}."));
    let rest =
        dice.maybe("max_fails = 3\n") + &dice.maybe("fail_timeout = \"30s\"\n") + &dice.maybe("zone = \"64k\"\n");
    format!("[upstream.web_{number}]\n{servers}{balance}{keepalive}{rest}{block}")
}

fn random_cluster(dice: &mut Dice) -> String {
    let mut text = "[cluster]\nname = \"shop\"\nregion = \"eu-central-1\"\n".to_owned();
    for number in 0..=dice.roll(2) {
        text += &format!("[nodegroup.group-{number}]\nmin = {}\nmax = 20\n", dice.roll(3));
        text += dice.one(&[
            "instance_types = [\"m5.large\"]\n",
            "instance_types = [\"c5.xlarge\", \"c5a.xlarge\"]\nspot = true\n",
            "instance_types = [\"c5.xlarge\", \"c5a.xlarge\"]\nspot = { max_price = 0.12, on_demand_base = 1 }\n",
            "instance_types = [\"m5.2xlarge\"]\nspot = {}\n",
        ]);
        text += &dice.maybe("desired = 5\n");
        text += &dice.maybe("labels = { workload = \"batch\" }\n");
        text += &dice.maybe("taints = [{ key = \"spot\", value = \"true\", effect = \"NoSchedule\" }, { key = \"x\", effect = \"NoExecute\" }]\n");
    }
    text
}
