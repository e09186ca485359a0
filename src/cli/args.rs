//! The command line. Every flag has an environment variable.
//!
//! A text is never empty: an empty `CAPGEN_OUT_DIR` would name the current directory. A switch is off where its variable is
//! empty, `0`, `false`, `no` or `off`, and on otherwise.

use clap::builder::{FalseyValueParser as Switch, NonEmptyStringValueParser as NonEmpty};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::diag::suggest;
use crate::lint::{self, LINTS, Lint};
use crate::state::Against;

const STATUS: &str = "\
Exit status: 0 fine; 1 an error; 2 changes (build --check, diff --exit-code); 3 findings at or above --fail-on";

/// A compiler for capacity: one TOML spec becomes the files that your platform consumes.
#[derive(Debug, Parser)]
#[command(name = "capgen", version, max_term_width = 100, arg_required_else_help = true, after_help = STATUS)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The spec; `-` reads it from standard input [default: capacity.toml, searched upwards]
    #[arg(short, long, global = true, value_name = "FILE", env = "CAPGEN_FILE", value_parser = NonEmpty::new())]
    pub(super) file: Option<String>,
    /// The environment to build: `[env.NAME]` is merged over the base
    #[arg(long, global = true, value_name = "NAME", env = "CAPGEN_ENV", value_parser = NonEmpty::new())]
    pub(super) env: Option<String>,
    /// Set one key, such as service.api.target_rps=120000; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", env = "CAPGEN_SET", value_delimiter = '\n')]
    pub(super) set: Vec<String>,
    /// The output folder [default: what the spec says, else `generated` beside it]
    #[arg(short, long, global = true, value_name = "DIR", env = "CAPGEN_OUT_DIR", value_parser = NonEmpty::new())]
    pub(super) out_dir: Option<String>,
    /// Findings at or above this severity fail the run with status 3
    #[arg(long, global = true, value_name = "SEVERITY", env = "CAPGEN_FAIL_ON", default_value = "error")]
    pub(super) fail_on: FailOn,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", env = "CAPGEN_COLOR", default_value = "auto")]
    pub(super) color: When,
    /// Print errors only
    #[arg(short, long, global = true, env = "CAPGEN_QUIET", value_parser = Switch::new(), conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print every file that is written
    #[arg(short, long, global = true, env = "CAPGEN_VERBOSE", value_parser = Switch::new())]
    pub(super) verbose: bool,
}

/// The severity from which findings fail a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Lints at `warn` and `deny`
    Warning,
    /// Lints at `deny`
    Error,
    /// Errors of the spec alone
    Never,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile the spec and write the output folder
    Build(Build),
    /// Compare what the spec asks for with what is there: which numbers change, because of which line, and what it means
    Diff(Diff),
    /// Check the spec, or files that capgen did not write: errors and lints; writes nothing
    Validate(Validate),
    /// Say where a number comes from, or what a lint means
    Explain(Explain),
    /// Make a spec of what is there: manifests, ini and conf, whose build then changes nothing in them
    Import(Import),
    /// Make a page of the capacity of every layer against demand, for people
    Report(Report),
    /// Print a JSON Schema, or a reference in Markdown
    Schema {
        /// What to print
        #[arg(default_value = "spec")]
        what: SchemaOf,
    },
    /// Write a commented starter spec
    Init(Init),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of capgen, or of one of its commands
    Man {
        /// The command: `build`, say
        command: Option<String>,
    },
}

/// What `capgen schema` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// The JSON Schema of a spec, for editors
    Spec,
    /// The JSON Schema of `capgen diff --format json`
    Report,
    /// The JSON Schema of `capgen validate --format json`
    Findings,
    /// The reference of the spec language, in Markdown
    Reference,
    /// What a diff ignores and what it calls risky, in Markdown
    DiffRules,
    /// The lints, in Markdown
    Lints,
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// Write nothing; status 2 where the output folder is stale
    #[arg(long, env = "CAPGEN_CHECK", value_parser = Switch::new())]
    pub(super) check: bool,
    /// Overwrite files that were edited by hand
    #[arg(long, env = "CAPGEN_FORCE", value_parser = Switch::new(), conflicts_with = "check")]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Validate {
    /// Files and folders to check instead of a spec: manifests, dumps of kubectl, inis of PgBouncer, configurations of
    /// nginx and eksctl; `-` is standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", env = "CAPGEN_FORMAT", default_value = "text")]
    pub(super) format: FindingsFormat,
    /// Say nothing about this lint, with PATH; may be repeated
    #[arg(long, value_name = "LINT", env = "CAPGEN_ALLOW", value_delimiter = ',', requires = "paths", value_parser = lint)]
    pub(super) allow: Vec<&'static Lint>,
    /// Take this lint for a warning, with PATH; may be repeated
    #[arg(long, value_name = "LINT", env = "CAPGEN_WARN", value_delimiter = ',', requires = "paths", value_parser = lint)]
    pub(super) warn: Vec<&'static Lint>,
    /// Take this lint for an error, with PATH; may be repeated
    #[arg(long, value_name = "LINT", env = "CAPGEN_DENY", value_delimiter = ',', requires = "paths", value_parser = lint)]
    pub(super) deny: Vec<&'static Lint>,
}

/// A lint by its name.
fn lint(name: &str) -> Result<&'static Lint, String> {
    let near = || suggest::nearest(name, LINTS.iter().map(|it| it.name));
    lint::find(name).ok_or_else(|| match near() {
        Some(near) => format!("there is no such lint; did you mean `{near}`?"),
        None => "there is no such lint; `capgen schema lints` prints all of them".to_owned(),
    })
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FindingsFormat {
    /// For people, on standard error
    Text,
    /// For programs; `capgen schema findings` is its schema
    Json,
    /// Annotations, as GitHub Actions reads them
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The other side: out (the output folder), dir:PATH, file:PATH (`-` is standard input), git:REF (`REF...`: where the branch left it), cluster[:CONTEXT]
    #[arg(long, value_name = "WHERE", env = "CAPGEN_AGAINST", default_value = "out", value_parser = Against::parse)]
    pub(super) against: Against,
    /// How to print it
    #[arg(long, value_name = "FORMAT", env = "CAPGEN_FORMAT", default_value = "terminal")]
    pub(super) format: ReportFormat,
    /// Status 2 where something differs
    #[arg(long, env = "CAPGEN_EXIT_CODE", value_parser = Switch::new())]
    pub(super) exit_code: bool,
    /// List the differences that mean nothing, and the objects that the spec does not know
    #[arg(long, env = "CAPGEN_SHOW_IGNORED", value_parser = Switch::new())]
    pub(super) show_ignored: bool,
    /// With `dir:` and `file:`: what stands there, is of a kind that capgen writes and is not asked for is to be deleted
    #[arg(long, env = "CAPGEN_PRUNE", value_parser = Switch::new())]
    pub(super) prune: bool,
}

/// How changes are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people: unified, with the reason of every change
    Terminal,
    /// One line an object
    Summary,
    /// A comment for a pull request, of at most 65 000 bytes
    Markdown,
    /// For programs; `capgen schema report` is its schema
    Json,
    /// Annotations on the lines of the spec, as GitHub Actions reads them
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A number (service.api.autoscale.max), a place (k8s/api/hpa.yaml:spec.maxReplicas), a file, a lint, or a line of
    /// the spec (capacity.toml:12)
    pub(super) what: String,
    /// List what a line of the spec decides; `capacity.toml:12` says so by itself
    #[arg(long, env = "CAPGEN_REVERSE", value_parser = Switch::new())]
    pub(super) reverse: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", env = "CAPGEN_FORMAT", default_value = "text")]
    pub(super) format: Format,
}

/// How an explanation is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// Folders and files: manifests in any layout, dumps of kubectl, pgbouncer.ini, nginx confs, eksctl and compose
    /// files; `-` is standard input
    #[arg(required = true, value_name = "PATH", value_parser = NonEmpty::new())]
    pub(super) paths: Vec<String>,
    /// Where to write the spec [default: standard output]
    #[arg(id = "out_dir", short, long, value_name = "FILE", env = "CAPGEN_OUTPUT", value_parser = NonEmpty::new())]
    pub(super) output: Option<String>,
    /// Overwrite the spec that is there
    #[arg(long, env = "CAPGEN_FORCE", value_parser = Switch::new())]
    pub(super) force: bool,
    /// The namespace of the spec [default: that of most objects]
    #[arg(long, value_name = "NAME", env = "CAPGEN_NAMESPACE", value_parser = NonEmpty::new())]
    pub(super) namespace: Option<String>,
    /// Leave out whatever the build would change
    #[arg(long, env = "CAPGEN_EXACT", value_parser = Switch::new())]
    pub(super) exact: bool,
}

#[derive(Debug, Args)]
pub(super) struct Report {
    /// Where to write it [default: standard output]
    #[arg(id = "out_dir", short, long = "output", value_name = "FILE", env = "CAPGEN_OUTPUT", value_parser = NonEmpty::new())]
    pub(super) output: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", env = "CAPGEN_FORMAT", default_value = "html")]
    pub(super) format: PageFormat,
}

/// How the page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PageFormat {
    /// One file that needs nothing else: no network, no script
    Html,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to write it; `-` prints it
    #[arg(default_value = "capacity.toml")]
    pub(super) path: String,
}
