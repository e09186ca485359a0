//! Rules of Prometheus as files have them.

use super::{Files, get, items};
use crate::doc::object::{Identity, Object};
use crate::doc::value::Node;

impl<'a> Files<'a> {
    /// The rules of PrometheusRules and of files of rules.
    pub(in crate::lint) fn rules(&self) -> impl Iterator<Item = (&'a Object, &'a Node)> + '_ {
        let of_cluster = self.of_kind("PrometheusRule").filter_map(|it| Some((it, get(&it.tree, "spec.groups")?)));
        let files = self.objects.iter().filter(|it| matches!(it.identity, Identity::File { .. }));
        let of_files = files.filter_map(|it| Some((it, it.tree.get("groups")?)));
        let groups = of_cluster.chain(of_files).flat_map(|(object, it)| items(Some(it)).map(move |it| (object, it)));
        groups.flat_map(|(object, group)| items(group.get("rules")).map(move |it| (object, it)))
    }
}
