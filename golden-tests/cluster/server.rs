//! A Kubernetes API server with its etcd, on ports of this machine that nobody else uses.
//!
//! It knows how the two are started, who may log in, and which kinds of others are installed. No controller runs, so
//! nothing scales, no pod starts, and no object changes by itself. Dropping the cluster kills both and removes every file.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::folder;
use crate::program::{self, Daemon, Folder};

/// The kinds of others that capgen writes or reads: where each is defined, below this package, and what the server calls it.
const CRDS: [(&str, &str); 6] = [
    ("../shared/upstream/keda/keda.sh_scaledobjects.yaml", "scaledobjects.keda.sh"),
    ("../shared/upstream/keda/keda.sh_triggerauthentications.yaml", "triggerauthentications.keda.sh"),
    (
        "../shared/upstream/prometheus-operator/monitoring.coreos.com_prometheusrules.yaml",
        "prometheusrules.monitoring.coreos.com",
    ),
    ("../shared/upstream/karpenter/karpenter.sh_nodepools.yaml", "nodepools.karpenter.sh"),
    ("../shared/upstream/karpenter/karpenter.k8s.aws_ec2nodeclasses.yaml", "ec2nodeclasses.karpenter.k8s.aws"),
    ("golden-tests/cluster/kinds/kafka.strimzi.io_kafkatopics.yaml", "kafkatopics.kafka.strimzi.io"),
];

/// What a test may leave behind; [`Cluster::clear`] removes it.
pub(crate) const KINDS: &str = "configmaps,cronjobs.batch,deployments.apps,horizontalpodautoscalers.autoscaling,\
                     kafkatopics.kafka.strimzi.io,poddisruptionbudgets.policy,prometheusrules.monitoring.coreos.com,\
                     rolebindings.rbac.authorization.k8s.io,roles.rbac.authorization.k8s.io,scaledobjects.keda.sh,\
                     serviceaccounts,statefulsets.apps,triggerauthentications.keda.sh";

/// The same, of kinds that stand in no namespace.
pub(crate) const KINDS_OF_CLUSTERS: &str = "ec2nodeclasses.karpenter.k8s.aws,nodepools.karpenter.sh";

/// How long a server may take to start. It takes seconds; a machine that compiles beside it takes more.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(100);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    /// May do everything.
    Admin,
    /// May read what tests make, and nothing else: no dry run.
    Reader,
    /// Is known, and may do nothing but ask which kinds there are.
    Nobody,
}

impl User {
    const ALL: [Self; 3] = [Self::Admin, Self::Reader, Self::Nobody];

    /// The name, which is the token too: nobody from outside reaches the server.
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reader => "reader",
            Self::Nobody => "nobody",
        }
    }

    fn group(self) -> &'static str {
        match self {
            Self::Admin => "system:masters",
            Self::Reader => "readers",
            Self::Nobody => "nobodies",
        }
    }
}

/// A running API server. The fields are dropped in this order.
pub(crate) struct Cluster {
    server: Daemon,
    etcd: Daemon,
    folder: Folder,
    /// Those that were made, and stay.
    namespaces: Mutex<BTreeSet<String>>,
}

/// What is not there.
pub(crate) fn missing() -> Option<String> {
    let built = |name: &str| {
        let build = "golden-tests/cluster/apiserver/build";
        find(name).is_none().then(|| format!("{name} is not built ({build})"))
    };
    let crds = || CRDS.iter().find_map(|(path, _)| (!folder(path).is_file()).then(|| format!("{path} is not there")));
    let installed = [("etcd", "etcd-server"), ("openssl", "openssl")];
    let installed = || installed.iter().find_map(|(name, package)| program::missing(name, package));
    ["kube-apiserver", "kubectl"].iter().find_map(|name| built(name)).or_else(installed).or_else(crds)
}

/// What the server calls itself: `Kubernetes v1.36.2`.
///
/// # Errors
/// Where it does not say.
pub(crate) fn version() -> Result<String, String> {
    let mut command = Command::new(find("kube-apiserver").ok_or("kube-apiserver is not there")?);
    Ok(program::run(command.arg("--version"))?.trim().to_owned())
}

/// Where a program is. The ones that were built here come first, for others may be of any version.
fn find(name: &str) -> Option<PathBuf> {
    let built = folder("target/ci/bin").join(name);
    if built.is_file() { Some(built) } else { program::find(name) }
}

impl Cluster {
    /// Starts both servers, waits until requests are answered, and installs what KEDA and others bring.
    ///
    /// # Errors
    /// What the server printed, where it does not start.
    pub(crate) fn start() -> Result<Self, String> {
        let folder = Folder::create()?;
        let etcd_port = program::free_port()?;
        let etcd = start_etcd(&folder, etcd_port)?;
        let port = program::free_port()?;
        let server = start_server(&folder, etcd_port, port)?;
        for user in User::ALL {
            folder.write(&format!("{}.kubeconfig", user.name()), &kubeconfig(&folder, port, user))?;
        }
        let mut cluster = Self { server, etcd, folder, namespaces: Mutex::default() };
        cluster.wait()?;
        cluster.install_kinds()?;
        let resource = format!("--resource={KINDS},{KINDS_OF_CLUSTERS}");
        cluster.kubectl(&["create", "clusterrole", "reader", "--verb=get,list", &resource])?;
        cluster.kubectl(&["create", "clusterrolebinding", "reader", "--clusterrole=reader", "--group=readers"])?;
        Ok(cluster)
    }

    fn wait(&mut self) -> Result<(), String> {
        let started = Instant::now();
        while let Err(error) = self.kubectl(&["get", "--raw", "/readyz"]) {
            if self.etcd.has_ended() || self.server.has_ended() || started.elapsed() > PATIENCE {
                let logs = [self.etcd.log(), self.server.log()].map(|log| last_lines(&log));
                return Err(format!("it does not start: {error}\netcd:\n{}\nkube-apiserver:\n{}", logs[0], logs[1]));
            }
            sleep(PAUSE);
        }
        Ok(())
    }

    /// Installs those kinds that are not there.
    ///
    /// # Errors
    /// What kubectl says, where it fails.
    pub(crate) fn install_kinds(&self) -> Result<(), String> {
        for (path, name) in CRDS {
            let name = format!("crd/{name}");
            if self.kubectl(&["get", &name]).is_ok() {
                continue;
            }
            self.kubectl(&["create", "--filename", &folder(path).display().to_string()])?;
            self.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", &name])?;
        }
        Ok(())
    }

    /// Waits until a kind is gone: its objects go first.
    ///
    /// # Errors
    /// Where it stays.
    pub(crate) fn wait_for_removal(&self, crd: &str) -> Result<(), String> {
        self.kubectl(&["wait", "--for=delete", "--timeout=60s", &format!("crd/{crd}")]).map(drop)
    }

    /// Writes a file that goes with the cluster.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        self.folder.write(name, text)
    }

    /// The file with which a user logs in.
    pub(crate) fn kubeconfig(&self, user: User) -> PathBuf {
        self.folder.path().join(format!("{}.kubeconfig", user.name()))
    }

    /// The whole environment of a program that is to reach the cluster: `PATH`, where the right kubectl comes first,
    /// an empty `HOME`, and `KUBECONFIG`.
    pub(crate) fn environment(&self, user: User) -> [(&'static str, OsString); 3] {
        let kubectl = find("kubectl").unwrap_or_default();
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = kubectl.parent().map(Path::to_path_buf).into_iter().chain(env::split_paths(&path));
        [
            // A name with a colon cannot stand in `PATH`; then the path of the machine must do.
            ("PATH", env::join_paths(folders).unwrap_or(path.clone())),
            ("HOME", self.folder.path().into()),
            ("KUBECONFIG", self.kubeconfig(user).into()),
        ]
    }

    /// Runs kubectl as the one who may do everything, and gives what it prints.
    ///
    /// # Errors
    /// What it says, where it fails.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        self.kubectl_as(User::Admin, arguments)
    }

    /// Runs kubectl in the folder of the package, and gives what it prints.
    ///
    /// # Errors
    /// What it says, where it fails.
    pub(crate) fn kubectl_as(&self, user: User, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(find("kubectl").ok_or("kubectl is not there")?);
        command.current_dir(folder("")).env_clear().envs(self.environment(user)).stdin(Stdio::null());
        program::run(command.args(arguments))
    }

    /// Applies documents, and gives what kubectl prints.
    ///
    /// # Errors
    /// What it says, where it fails.
    pub(crate) fn apply(&self, documents: &str, options: &[&str]) -> Result<String, String> {
        let file = self.folder.write("documents.yaml", documents)?.display().to_string();
        self.kubectl(&[&["apply", "--filename", &file], options].concat())
    }

    /// Makes the namespaces that are not there yet.
    ///
    /// # Errors
    /// What the server says, where it refuses one.
    pub(crate) fn create_namespaces(&self, names: &BTreeSet<String>) -> Result<(), String> {
        let document = |name: &String| format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name:?}\n---\n");
        let mut made = self.namespaces.lock().map_err(|error| error.to_string())?;
        let documents: String = names.difference(&made).map(document).collect();
        if documents.is_empty() {
            return Ok(());
        }
        self.apply(&documents, &["--server-side"])?;
        made.extend(names.iter().cloned());
        Ok(())
    }

    /// Removes every object that tests make; namespaces stay, for only a controller could remove them.
    ///
    /// # Errors
    /// What kubectl says, where it fails.
    pub(crate) fn clear(&self) -> Result<(), String> {
        let outside = "--field-selector=metadata.namespace!=kube-system,metadata.namespace!=kube-public";
        self.kubectl(&["delete", KINDS, "--all-namespaces", outside, "--wait=false"])?;
        self.kubectl(&["delete", KINDS_OF_CLUSTERS, "--all", "--wait=false"])?;
        // What waits for KEDA to clear up would wait for ever.
        let names = "--output=jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{\"\\n\"}{end}";
        for left in self.kubectl(&["get", "scaledobjects.keda.sh", "--all-namespaces", names])?.lines() {
            let (namespace, name) = left.split_once(' ').unwrap_or_default();
            let patch = ["--type=merge", "--patch", r#"{"metadata": {"finalizers": null}}"#, "--namespace", namespace];
            self.kubectl(&[&["patch", "scaledobject", name], &patch[..]].concat())?;
        }
        Ok(())
    }
}

fn start_etcd(folder: &Folder, port: u16) -> Result<Daemon, String> {
    let (clients, peers) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{}", program::free_port()?));
    let mut command = program::server("etcd", folder)?;
    command.args(["--data-dir", "etcd", "--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
    command.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
    command.args(["--initial-cluster", &format!("default={peers}")]);
    Daemon::start(command, folder.path().join("etcd.log"))
}

fn start_server(folder: &Folder, etcd: u16, port: u16) -> Result<Daemon, String> {
    let tokens = User::ALL.map(|it| format!("{0},{0},{0},{1}\n", it.name(), it.group()));
    folder.write("tokens.csv", &tokens.concat())?;
    // Service accounts get tokens of it; no test asks for one, and the server does not start without.
    let mut key = program::server("openssl", folder)?;
    program::run(key.args(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "accounts.key"]))?;
    let mut command = Command::new(find("kube-apiserver").ok_or("kube-apiserver is not there")?);
    command.current_dir(folder.path()).env_clear().stdin(Stdio::null());
    command.arg(format!("--etcd-servers=http://127.0.0.1:{etcd}")).arg(format!("--secure-port={port}"));
    command.args([
        "--bind-address=127.0.0.1",
        // It makes a certificate for itself there.
        "--cert-dir=certificates",
        "--token-auth-file=tokens.csv",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=accounts.key",
        "--service-account-signing-key-file=accounts.key",
        "--service-cluster-ip-range=10.0.0.0/24",
        // There is no network that anybody would look for it in.
        "--endpoint-reconciler-type=none",
    ]);
    Daemon::start(command, folder.path().join("kube-apiserver.log"))
}

/// The end of a log: both servers talk a lot.
fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

fn kubeconfig(folder: &Folder, port: u16, user: User) -> String {
    let (name, place) = (user.name(), folder.path().display());
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters:\n- name: test\n  cluster:\n    server: https://127.0.0.1:{port}\n    \
         certificate-authority: {place}/certificates/apiserver.crt\n\
         contexts:\n- name: test\n  context:\n    cluster: test\n    user: {name}\n\
         users:\n- name: {name}\n  user:\n    token: {name}\n"
    )
}
