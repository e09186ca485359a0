//! The table of fields that `src/lint/files/fields.txt` holds, made from upstream's schemas.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

/// The kinds that the table knows: their API, their name and their schemas, of which each may have fields of its own.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("apps/v1", "DaemonSet", &["strict-1.29/daemonset-apps-v1", "strict-1.36/daemonset-apps-v1"]),
    ("apps/v1", "Deployment", &["strict-1.29/deployment-apps-v1", "strict-1.36/deployment-apps-v1"]),
    ("apps/v1", "StatefulSet", &["strict-1.29/statefulset-apps-v1", "strict-1.36/statefulset-apps-v1"]),
    (
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        &["strict-1.29/horizontalpodautoscaler-autoscaling-v2", "strict-1.36/horizontalpodautoscaler-autoscaling-v2"],
    ),
    ("batch/v1", "CronJob", &["strict-1.29/cronjob-batch-v1", "strict-1.36/cronjob-batch-v1"]),
    ("batch/v1", "Job", &["strict-1.29/job-batch-v1", "strict-1.36/job-batch-v1"]),
    ("eksctl.io/v1alpha5", "ClusterConfig", &["../eksctl/schema"]),
    ("keda.sh/v1alpha1", "ScaledObject", &["../keda/strict/scaledobject-keda-v1alpha1"]),
    ("monitoring.coreos.com/v1", "PrometheusRule", &["../prometheus-operator/strict/prometheusrule-monitoring-v1"]),
    (
        "policy/v1",
        "PodDisruptionBudget",
        &["strict-1.29/poddisruptionbudget-policy-v1", "strict-1.36/poddisruptionbudget-policy-v1"],
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRole",
        &["strict-1.29/clusterrole-rbac-v1", "strict-1.36/clusterrole-rbac-v1"],
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        &["strict-1.29/clusterrolebinding-rbac-v1", "strict-1.36/clusterrolebinding-rbac-v1"],
    ),
    ("rbac.authorization.k8s.io/v1", "Role", &["strict-1.29/role-rbac-v1", "strict-1.36/role-rbac-v1"]),
    (
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        &["strict-1.29/rolebinding-rbac-v1", "strict-1.36/rolebinding-rbac-v1"],
    ),
];

/// What reads more than its schema says: eksctl takes these in several shapes.
const OPEN: &[&str] =
    &["taintsWrapper", "IdentityProvider", "RemoteNetworkConfig", "AZSubnetMapping", "InlineDocument"];

const HEAD: &str = "\
# The fields of the kinds that capgen reads, from the schemas of Kubernetes 1.29 and 1.36, KEDA 2.20, the Prometheus operator and eksctl.
# Written by `CAPGEN_BLESS=1 cargo test --test tidy fields`. A kind names its type; below a type stand its fields, each with its shape:
# another type, `[of a list]`, `{of a map}`, `any`, or a scalar.
";

/// The types that were found, with their fields.
type Types = BTreeMap<String, BTreeMap<String, String>>;

/// The table; `None` where the schemas are not there.
pub(crate) fn table(upstream: &Path) -> Option<String> {
    let folder = upstream.join("kubernetes");
    let mut types = Types::new();
    let mut kinds = String::new();
    for (api, kind, schemas) in KINDS {
        for schema in *schemas {
            let text = fs::read_to_string(folder.join(format!("{schema}.json"))).ok()?;
            let schema: Json = serde_json::from_str(&text).expect("a schema is JSON");
            let prefix = if *kind == "ClusterConfig" { "eksctl." } else { "" };
            let reader = Reader { definitions: &schema["definitions"], prefix };
            let root = reader.shape(&schema, kind, &mut types);
            let line = format!("kind {api} {kind} {root}\n");
            if !kinds.ends_with(&line) {
                kinds += &line;
            }
        }
    }
    let mut table = format!("{HEAD}{kinds}");
    for (name, fields) in &types {
        let _ = write!(table, "type {name}");
        let mut width = usize::MAX / 2;
        for (field, shape) in fields {
            let piece = format!(" {field}:{shape}");
            width += piece.len();
            if width > 140 {
                table += "\n ";
                width = 1 + piece.len();
            }
            table += &piece;
        }
        table.push('\n');
    }
    Some(table)
}

struct Reader<'a> {
    definitions: &'a Json,
    prefix: &'static str,
}

impl Reader<'_> {
    /// The shape of a schema; the types within it are added. `name` is what an object is called that has no name of its own.
    fn shape(&self, schema: &Json, name: &str, types: &mut Types) -> String {
        if let Some(reference) = schema["$ref"].as_str() {
            let reference = reference.trim_start_matches("#/definitions/");
            let short = ["io.k8s.apimachinery.pkg.apis.", "io.k8s.apimachinery.pkg.", "io.k8s.api."];
            let name = short.iter().find_map(|it| reference.strip_prefix(it)).unwrap_or(reference);
            return match OPEN.contains(&reference) {
                true => "any".to_owned(),
                false => self.shape(&self.definitions[reference], &format!("{}{name}", self.prefix), types),
            };
        }
        let choices = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
        if let Some(choices) = choices.filter(|_| schema["type"].is_null()) {
            let shapes: Vec<String> = choices.iter().map(|it| self.shape(it, name, types)).collect();
            let shapes: Vec<&str> = shapes.iter().map(String::as_str).filter(|it| *it != "null").collect();
            return match shapes.as_slice() {
                ["int", "text"] => "int-or-text",
                ["number", "text"] => "quantity",
                [one] => one,
                _ => "any",
            }
            .to_owned();
        }
        if schema["properties"].is_object() {
            self.object(schema, name, types);
            return name.to_owned();
        }
        match schema["type"].as_str() {
            Some("string") => "text".to_owned(),
            Some("integer") => "int".to_owned(),
            Some("number") => "number".to_owned(),
            Some("boolean") => "bool".to_owned(),
            Some("null") => "null".to_owned(),
            Some("array") => format!("[{}]", self.shape(&schema["items"], name, types)),
            Some("object") if schema["additionalProperties"].as_object().is_some_and(|it| !it.is_empty()) => {
                format!("{{{}}}", self.shape(&schema["additionalProperties"], name, types))
            }
            _ => "any".to_owned(),
        }
    }

    fn object(&self, schema: &Json, name: &str, types: &mut Types) {
        let is_root = schema["properties"]["apiVersion"].is_object();
        types.entry(name.to_owned()).or_default();
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            // The server writes these.
            let is_kept_by_others = field == "managedFields" || field == "status" && is_root;
            let shape = match is_kept_by_others {
                true => "any".to_owned(),
                false => self.shape(of, &format!("{name}.{field}"), types),
            };
            let known = types.entry(name.to_owned()).or_default().entry(field.clone()).or_insert_with(|| shape.clone());
            if *known != shape {
                *known = "any".to_owned();
            }
        }
    }
}
