//! Services of Docker Compose as files have them.

use super::{Files, entries, get, int, items, scalar};
use crate::doc::object::{Identity, Object};
use crate::doc::value::Node;
use crate::unit::quantity::{Quantity, compose_bytes};

/// One service of a compose file.
#[derive(Debug, Clone, Copy)]
pub(in crate::lint) struct Service<'a> {
    pub(in crate::lint) object: &'a Object,
    pub(in crate::lint) name: &'a str,
    pub(in crate::lint) node: &'a Node,
}

impl<'a> Files<'a> {
    /// The services of every compose file.
    pub(in crate::lint) fn compose_services(&self) -> impl Iterator<Item = Service<'a>> + '_ {
        let is_file = |it: &&'a Object| matches!(it.identity, Identity::File { .. });
        let files = self.objects.iter().filter(is_file).filter(|it| it.tree.get("apiVersion").is_none());
        files.flat_map(|object| {
            let services =
                entries(object.tree.get("services")).filter(|(_, node)| entries(Some(node)).next().is_some());
            services.map(move |(name, node)| Service { object, name, node })
        })
    }
}

impl<'a> Service<'a> {
    /// What messages call it.
    pub(in crate::lint) fn title(&self) -> String {
        format!("compose service {}", self.name)
    }

    /// How many containers it asks for, and where.
    pub(in crate::lint) fn replicas(&self) -> Option<(&'a Node, i64)> {
        let node = get(self.node, "deploy.replicas").or_else(|| get(self.node, "scale"))?;
        Some((node, int(node)?))
    }

    /// `limits` or `reservations` of `cpus` (in thousandths) or `memory` (in bytes).
    pub(in crate::lint) fn amount(&self, of: &str, resource: &str) -> Option<(&'a Node, i64)> {
        let node = get(self.node, &format!("deploy.resources.{of}.{resource}"))?;
        let text = scalar(node)?;
        let amount = match resource {
            "cpus" => Quantity::parse(&text).ok()?.milli_ceil(),
            _ => compose_bytes(&text)?,
        };
        Some((node, amount))
    }

    /// The texts of its environment, a map or a list, and of its command.
    pub(in crate::lint) fn words(&self) -> impl Iterator<Item = &'a Node> + use<'a> {
        let node = self.node;
        let values = entries(get(node, "environment")).map(|(_, it)| it);
        let lists = ["environment", "command", "entrypoint"].into_iter().flat_map(move |it| items(get(node, it)));
        let texts = ["command", "entrypoint"].into_iter().filter_map(move |it| get(node, it));
        values.chain(lists).chain(texts).filter(|it| it.as_str().is_some())
    }
}
