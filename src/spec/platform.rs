//! `[platform]` and `[output]`: what holds for every file, and where files go.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{DnsLabel, FilePath, Image, KubernetesVersion, LabelKey, LabelValue, Named, Text, Word};
use crate::diag::source::Spanned;

/// The platform as a whole.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Name of the platform, for reports.
    pub name: Option<Spanned<Text<LabelValue>>>,
    /// Namespace of every namespaced object. Default: "default".
    #[schemars(extend("default" = "default"))]
    pub namespace: Option<Spanned<Text<DnsLabel>>>,
    /// Labels of every Kubernetes object.
    pub labels: Option<Named<LabelKey, Spanned<Text<LabelValue>>>>,
    /// Version of the cluster: it decides which fields may be written. Default: "1.34".
    #[schemars(extend("default" = "1.34"))]
    pub kubernetes_version: Option<Spanned<Text<KubernetesVersion>>>,
    /// Image of the CronJobs; only `kubectl` with arguments runs in it, it needs no shell.
    /// Default: `registry.k8s.io/kubectl` in the cluster's minor version.
    pub kubectl_image: Option<Spanned<Text<Image>>>,
}

/// Where files go, and which.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The output folder, relative to the spec. Default: "generated".
    #[schemars(extend("default" = "generated"))]
    pub dir: Option<Spanned<Text<FilePath>>>,
    /// Targets to write. Default: every target the spec has data for.
    pub targets: Option<Spanned<Vec<Spanned<Text<Word>>>>>,
    /// A folder of templates that replace the built-in ones, relative to the spec.
    pub templates: Option<Spanned<Text<FilePath>>>,
}
