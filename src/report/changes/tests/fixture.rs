//! The changes that every format is shown: one of each kind, with hostile texts.

use crate::diag::source::{SourceKind, Sources, Span};
use crate::diag::{Diagnostic, Severity};
use crate::diff::{
    Action, Attribution, Because, Changes, Edit, EventRow, Headline, Ignored, InputChange, InputRef, NodeGroupRow,
    ObjectChange, Path, PoolRow, Risk, Shift, Step, Verdict, WorkloadRow,
};
use crate::doc::json;
use crate::doc::object::Identity;
use crate::report::changes::Report;
use crate::why::{Address, Causes, Origin, Why};

const SPEC: &str = r#"version = 1

[service.api]
target_rps = 130_000
base_rps = 10_000
rps_per_pod = 5_000

[service."evil|`<b>"]
note = "Grüße 日本"  # a comment

[pgbouncer.main]
listen_port = 6433
"#;

/// A text that tries to break out of wherever it stands.
pub(in crate::report::changes) const HOSTILE: &str = "\u{1b}[31m|`<b>@team #123\n-->\r\u{202e}</details>```% :,*_$";

/// Everything that a report borrows.
pub(in crate::report::changes) struct Fixture {
    pub(in crate::report::changes) changes: Changes,
    pub(in crate::report::changes) causes: Causes,
    pub(in crate::report::changes) sources: Sources,
    pub(in crate::report::changes) findings: Vec<Diagnostic>,
    pub(in crate::report::changes) notes: Vec<String>,
    pub(in crate::report::changes) shows_ignored: bool,
}

impl Fixture {
    pub(in crate::report::changes) fn report(&self) -> Report<'_> {
        let Self { changes, causes, sources, findings, notes, shows_ignored } = self;
        Report { changes, causes, sources, against: "git:main", findings, notes, shows_ignored: *shows_ignored }
    }

    /// These changes, of the spec above.
    pub(in crate::report::changes) fn of(changes: Changes) -> Self {
        let (mut sources, mut causes) = (Sources::default(), Causes::default());
        let file = sources.add(SourceKind::File, "specs/capacity.toml", SPEC);
        let flag = sources.add(SourceKind::Flag, "--set cluster.region=eu-west-1", "eu-west-1");
        let written = [
            ("service.api.target_rps", "130000", "130_000"),
            ("service.api.base_rps", "10000", "10_000"),
            ("service.api.rps_per_pod", "5000", "5_000"),
            ("service.\"evil|`<b>\".note", "Grüße 日本", "\"Grüße 日本\""),
            ("pgbouncer.main.listen_port", "6433", "6433"),
        ];
        for (address, value, text) in written {
            let start = SPEC.find(text).unwrap();
            register(&mut causes, address, value, Origin::Written(Span::new(file, start..start + text.len())));
        }
        register(&mut causes, "cluster.region", "eu-west-1", Origin::Written(Span::new(flag, 0..9)));
        register(&mut causes, "service.api.safety_margin", "1.5", Origin::Default("half as much again"));
        Self { changes, causes, sources, findings: Vec::new(), notes: Vec::new(), shows_ignored: false }
    }

    /// One of each kind.
    pub(in crate::report::changes) fn everything() -> Self {
        let mut objects = vec![autoscaler(), hostile(), budget(), job(), renamed(), pooler(), upstream(), cluster()];
        objects.push(kustomization());
        objects.sort_by(|a, b| a.identity.cmp(&b.identity));
        let gone = input("schedule.sale.min", Some("20"), None);
        let moved = input("pgbouncer.main.listen_port", Some("6432"), Some("6433"));
        let ordering = verdict(Risk::Ordering, "clients are to be moved first");
        let fixture = Self::of(Changes {
            objects,
            inputs: vec![
                InputChange { input: moved, risk: ordering },
                InputChange { input: gone, risk: verdict(Risk::Safe, "takes effect by itself") },
            ],
            ignored: ignored(),
            headline: headline(),
            unchanged: 40,
            unmanaged: vec![kubernetes("Deployment", "legacy"), kubernetes("Secret", HOSTILE)],
            attribution: Attribution::Inputs,
        });
        Self { notes: vec![HOSTILE.to_owned()], ..fixture.found(1) }
    }

    /// So many findings about the new side, on one of its numbers and on a flag.
    pub(in crate::report::changes) fn found(mut self, count: usize) -> Self {
        let place = |address: &str| self.causes.written_at(&Address::verbatim(address));
        let finding = Diagnostic::lint(Severity::Warning, "uneven-partitions", HOSTILE).help("write `max = 24`");
        let finding = finding.at_some(place("service.api.target_rps"), HOSTILE).at_some(place("cluster.region"), "");
        self.findings = vec![finding; count];
        self
    }

    /// So many objects that go, each on its own.
    pub(in crate::report::changes) fn many(count: usize) -> Self {
        let one = |index: usize| ObjectChange {
            identity: kubernetes("CronJob", &format!("job-{index:05}")),
            risk: verdict(Risk::Disruptive, "the floor is no longer raised"),
            ..job()
        };
        Self::of(Changes { objects: (0..count).map(one).collect(), ..Changes::default() })
    }

    /// The same autoscaler against a side that remembers nothing.
    pub(in crate::report::changes) fn without_memory() -> Self {
        let mut object = autoscaler();
        let decided = |address: &str, value: &str| Because::Input(input(address, None, Some(value)));
        let causes = [decided("service.api.target_rps", "130000"), decided("service.api.safety_margin", "1.5")];
        object.edits.iter_mut().for_each(|it| it.because = causes.to_vec());
        object.because = causes.to_vec();
        Self::of(Changes { objects: vec![object], ..Changes::default() })
    }
}

fn register(causes: &mut Causes, address: &str, value: &str, origin: Origin<'_>) {
    causes.insert(Address::verbatim(address), Why { value, origin, inputs: &[] });
}

pub(in crate::report::changes) fn kubernetes(kind: &str, name: &str) -> Identity {
    let group = if kind == "HorizontalPodAutoscaler" { "autoscaling" } else { "" };
    let (group, kind, name) = (group.to_owned(), kind.to_owned(), name.to_owned());
    Identity::Kubernetes { group, kind, namespace: Some("production".to_owned()), name }
}

pub(in crate::report::changes) fn verdict(risk: Risk, reason: &'static str) -> Verdict {
    Verdict { risk, reason }
}

fn safe() -> Verdict {
    verdict(Risk::Safe, "takes effect by itself")
}

pub(in crate::report::changes) fn input(address: &str, before: Option<&str>, after: Option<&str>) -> InputRef {
    let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
    let before_place = after.is_none().then(|| "specs/capacity.toml:31".to_owned());
    InputRef { address: Address::verbatim(address), whole: None, before, after, before_place }
}

fn because(address: &str, before: &str, after: &str) -> Because {
    Because::Input(input(address, Some(before), Some(after)))
}

fn edit(path: &[&str], before: &str, after: &str, risk: Verdict, because: Vec<Because>) -> Edit {
    let path = Path(path.iter().map(|it| step(it)).collect());
    Edit { path, before: Some(before.to_owned()), after: Some(after.to_owned()), address: None, risk, because }
}

/// `[Resource cpu]` is a member, everything else a key.
fn step(text: &str) -> Step {
    match text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        Some(member) => Step::Member(member.to_owned()),
        None => Step::Key(text.to_owned()),
    }
}

/// An object with the causes and the worst risk of its edits.
fn change(identity: Identity, file: &str, edits: Vec<Edit>, before: &str, after: &str) -> ObjectChange {
    let worst = edits.iter().map(|it| it.risk.clone()).max_by_key(|it| it.risk).unwrap_or_else(safe);
    let mut because: Vec<Because> = Vec::new();
    for cause in edits.iter().flat_map(|it| &it.because) {
        if !because.contains(cause) {
            because.push(cause.clone());
        }
    }
    let tree = |text: &str| (!text.is_empty()).then(|| json::parse(text).unwrap());
    let (before, after) = (tree(before), tree(after));
    let action = match (&before, &after) {
        (None, _) => Action::Add,
        (_, None) => Action::Remove,
        _ => Action::Change,
    };
    ObjectChange { identity, action, file: file.to_owned(), owner: None, edits, risk: worst, because, before, after }
}

fn autoscaler() -> ObjectChange {
    let before = r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"wakala-api",
        "namespace":"production"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"wakala-api"},"minReplicas":5,
        "maxReplicas":30,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"averageUtilization":70}}}]}}"#;
    let after = before.replace(":5,", ":3,").replace("30", "39").replace("70", "65");
    let rps = || because("service.api.target_rps", "100000", "130000");
    let base = because("service.api.base_rps", "16000", "10000");
    let floor = verdict(Risk::Disruptive, "running pods are stopped");
    let utilization = ["spec", "metrics", "[Resource cpu]", "resource", "target", "averageUtilization"];
    let edits = vec![
        edit(&["spec", "minReplicas"], "5", "3", floor, vec![base]),
        edit(&["spec", "maxReplicas"], "30", "39", safe(), vec![rps()]),
        edit(&utilization, "70", "65", safe(), vec![rps()]),
    ];
    let mut object =
        change(kubernetes("HorizontalPodAutoscaler", "wakala-api"), "k8s/api/hpa.yaml", edits, before, &after);
    object.owner = Some(Address::verbatim("service.api"));
    object
}

fn hostile() -> ObjectChange {
    let tree =
        |value: &str| format!("{{\"metadata\":{{\"name\":\"x\"}},\"data\":{}}}", serde_json::json!({ HOSTILE: value }));
    let cause = because("service.\"evil|`<b>\".note", HOSTILE, "Grüße 日本");
    let edits = vec![edit(
        &["data", HOSTILE],
        HOSTILE,
        "a\tb `````` \u{9b}1m",
        verdict(Risk::Ignored, "nobody applies it"),
        vec![cause],
    )];
    change(kubernetes("ConfigMap", HOSTILE), HOSTILE, edits, &tree(HOSTILE), &tree("a\tb `````` \u{9b}1m\n  c\td"))
}

fn budget() -> ObjectChange {
    let tree = r#"{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","spec":{"maxUnavailable":"10%"}}"#;
    let mut object = change(kubernetes("PodDisruptionBudget", "wakala-api"), "k8s/api/pdb.yaml", vec![], "", tree);
    let mut cause = input("service.api.disruption.max_unavailable", None, Some("10%"));
    cause.before_place = None;
    object.because = vec![Because::Input(cause)];
    object
}

fn job() -> ObjectChange {
    let tree = r#"{"apiVersion":"batch/v1","kind":"CronJob","spec":{"schedule":"30 7 * * *","suspend":false}}"#;
    let mut object =
        change(kubernetes("CronJob", "wakala-api-sale-up"), "out/k8s/api/cronjob-sale.yaml", vec![], tree, "");
    object.because = vec![Because::Input(input("schedule.sale.min", Some("20"), None))];
    object
}

fn renamed() -> ObjectChange {
    let tree = |name: &str| format!("{{\"kind\":\"ScaledObject\",\"metadata\":{{\"name\":\"{name}\"}}}}");
    let edits = vec![edit(
        &["metadata", "name"],
        "queue",
        "worker",
        verdict(Risk::Disruptive, "the old autoscaler goes first"),
        vec![],
    )];
    let mut object = change(
        kubernetes("ScaledObject", "worker"),
        "k8s/worker/scaledobject.yaml",
        edits,
        &tree("queue"),
        &tree("worker"),
    );
    object.action = Action::Rename { from: kubernetes("ScaledObject", "queue") };
    object.because = vec![Because::EditedByHand];
    object
}

fn pooler() -> ObjectChange {
    let tree = |port: u32| {
        format!("{{\"pgbouncer\":{{\"listen_addr\":\"*\",\"listen_port\":{port},\"max_client_conn\":5000}}}}")
    };
    let cause = because("pgbouncer.main.listen_port", "6432", "6433");
    let edits = vec![edit(
        &["pgbouncer", "listen_port"],
        "6432",
        "6433",
        verdict(Risk::Restart, "a reload does not read it"),
        vec![cause],
    )];
    let identity = Identity::Pgbouncer { name: "main".to_owned() };
    change(identity, "pgbouncer/main/pgbouncer.ini", edits, &tree(6432), &tree(6433))
}

fn upstream() -> ObjectChange {
    let tree = |keepalive: u32| format!("{{\"keepalive\":{keepalive},\"server\":[\"web-1:8000\",\"web-2:8000\"]}}");
    let version = Because::Version { before: "0.1.0".to_owned(), after: "0.2.0".to_owned() };
    let edits = vec![edit(&["keepalive"], "16", "32", safe(), vec![version])];
    let identity = Identity::Nginx { kind: "upstream", name: "web".to_owned() };
    change(identity, "nginx/web.conf", edits, &tree(16), &tree(32))
}

fn cluster() -> ObjectChange {
    let tree = |region: &str| {
        format!("{{\"kind\":\"ClusterConfig\",\"metadata\":{{\"name\":\"prod\",\"region\":\"{region}\"}}}}")
    };
    let cause = because("cluster.region", "us-east-1", "eu-west-1");
    let final_ = verdict(Risk::Irreversible, "a cluster cannot move: another one is made");
    let edits = vec![edit(&["metadata", "region"], "us-east-1", "eu-west-1", final_, vec![cause])];
    change(kubernetes("ClusterConfig", "prod"), "eksctl/prod.yaml", edits, &tree("us-east-1"), &tree("eu-west-1"))
}

/// More causes than anybody wants to read.
fn kustomization() -> ObjectChange {
    let tree = |last: &str| format!("{{\"resources\":[\"k8s/api/hpa.yaml\",\"{last}\"]}}");
    let causes = (0..13).map(|it| because(&format!("service.s{it:02}.min"), "2", "3")).collect();
    let edits = vec![edit(&["resources", "[k8s/api/pdb.yaml]"], "", "k8s/api/pdb.yaml", safe(), causes)];
    let identity = Identity::File { path: "kustomization.yaml".to_owned() };
    change(identity, "kustomization.yaml", edits, &tree("k8s/api/cronjob-sale.yaml"), &tree("k8s/api/pdb.yaml"))
}

fn ignored() -> Vec<Ignored> {
    let difference = |name: &str, key: &str, reason| Ignored {
        identity: kubernetes("HorizontalPodAutoscaler", name).into(),
        path: Path(vec![Step::Key("metadata".to_owned()), Step::Key(key.to_owned())]),
        before: Some("x".to_owned()),
        after: None,
        reason,
    };
    vec![
        difference("wakala-api", "uid", "the API server writes it"),
        difference(HOSTILE, HOSTILE, "order means nothing"),
    ]
}

fn shift(before: &str, after: &str) -> Shift {
    let side = |it: &str| (!it.is_empty()).then(|| it.to_owned());
    Shift { before: side(before), after: side(after) }
}

fn headline() -> Headline {
    let workload = |address: &str, peak, binds, min_replicas, max_replicas| WorkloadRow {
        address: Address::verbatim(address),
        unit: "requests/s",
        peak,
        binds,
        min_replicas,
        max_replicas,
    };
    Headline {
        is_one_sided: false,
        workloads: vec![
            workload("service.\"evil|`<b>\"", shift("", "900"), shift("", HOSTILE), shift("", "2"), shift("", "4")),
            workload(
                "service.api",
                shift("100000", "130000"),
                shift("pods", "nodes"),
                shift("5", "3"),
                shift("30", "39"),
            ),
        ],
        events: vec![EventRow {
            address: Address::verbatim("event.launch.demand.api"),
            min_replicas: shift("", "60"),
            max_replicas: shift("", "90"),
        }],
        pools: vec![PoolRow {
            address: Address::verbatim("pgbouncer.main.pool.orders"),
            processes: shift("2", "3"),
            each: shift("198", "132"),
            all: shift("396", "396"),
        }],
        nodegroups: vec![NodeGroupRow {
            address: Address::verbatim("nodegroup.apps"),
            min: shift("3", "3"),
            max: shift("12", "15"),
            monthly_cost: shift("1200.00", "1500.00"),
            is_ignored: false,
        }],
        monthly_cost: Some(shift("1200.00", "1500.00")),
    }
}
