//! Who may do what, as files have it: accounts, the roles bound to them, and what a call of kubectl needs.

use std::fmt;

use super::kubectl::Call;
use super::{Files, get, items, kind, name, namespace, text};
use crate::doc::object::Object;
use crate::doc::value::Node;

/// A right that somebody needs: verbs on one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lint) struct Need {
    pub(in crate::lint) verbs: Vec<&'static str>,
    group: &'static str,
    /// `deployments` or `deployments/scale`.
    resource: String,
    /// `None` where the name is a variable's.
    object: Option<String>,
}

impl Need {
    /// Both, where they speak of the same resource; else the first.
    pub(in crate::lint) fn with(mut self, other: Self) -> Self {
        if self.resource == other.resource {
            self.verbs.extend(other.verbs);
        }
        self
    }

    /// `horizontalpodautoscalers` of `web`.
    pub(in crate::lint) fn what(&self) -> String {
        match &self.object {
            Some(object) => format!("`{}` of `{object}`", self.resource),
            None => format!("`{}`", self.resource),
        }
    }
}

impl fmt::Display for Need {
    /// As a rule of a Role.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verbs, group, resource, .. } = self;
        write!(f, "{{ apiGroups: [{group}], resources: [{resource}], ")?;
        if let Some(object) = &self.object {
            write!(f, "resourceNames: [{object}], ")?;
        }
        write!(f, "verbs: [{}] }}", verbs.join(", "))
    }
}

impl Call<'_> {
    /// What it needs; nothing where it is not known.
    pub(in crate::lint) fn needs(&self) -> Vec<Need> {
        let Some((kind, name)) = self.what() else { return Vec::new() };
        let (group, resource) = match kind {
            "Deployment" => ("apps", "deployments"),
            "StatefulSet" => ("apps", "statefulsets"),
            "ReplicaSet" => ("apps", "replicasets"),
            "HorizontalPodAutoscaler" => ("autoscaling", "horizontalpodautoscalers"),
            "ScaledObject" => ("keda.sh", "scaledobjects"),
            _ => return Vec::new(),
        };
        let object = (!name.contains(['$', '`'])).then(|| name.to_owned());
        let need = |verb, resource: &str| Need {
            verbs: vec![verb],
            group,
            resource: resource.to_owned(),
            object: object.clone(),
        };
        let scale = format!("{resource}/scale");
        match self.verb() {
            Some("get") => vec![need("get", resource)],
            Some("patch") if self.flag(&["--subresource"]).is_some() => Vec::new(),
            Some("patch" | "annotate" | "label") => vec![need("get", resource), need("patch", resource)],
            Some("scale") if self.flag(&["--current-replicas"]).is_some() => {
                vec![need("get", resource), need("get", &scale), need("update", &scale)]
            }
            Some("scale") => vec![need("get", resource), need("patch", &scale)],
            _ => Vec::new(),
        }
    }

    /// The namespace of what it is about, where one is written; `None` may be any.
    pub(in crate::lint) fn namespace(&self) -> Option<&str> {
        match self.flag(&["-n", "--namespace"]) {
            Some(written) if written.contains(['$', '`']) => None,
            Some(written) => Some(written),
            None => namespace(self.job),
        }
    }
}

/// The account of a pod, where all that it may do stands in the files.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Account<'a> {
    pub(in crate::lint) name: &'a str,
    /// Where the pod names it.
    pub(in crate::lint) node: &'a Node,
    /// One of its roles, with the rules.
    pub(in crate::lint) role: Option<(&'a Object, &'a Node)>,
    grants: Vec<Grant<'a>>,
}

/// The rules of one role, in one namespace or (`None`) in any.
#[derive(Debug, Clone)]
struct Grant<'a> {
    namespace: Option<&'a str>,
    rules: &'a Node,
}

impl Account<'_> {
    /// Whether some role allows it, in a namespace that is written, or else in any.
    pub(in crate::lint) fn may(&self, need: &Need, namespace: Option<&str>) -> bool {
        let is_there = |it: &&Grant<'_>| it.namespace.zip(namespace).is_none_or(|(one, other)| one == other);
        let rules: Vec<&Node> = self.grants.iter().filter(is_there).flat_map(|it| items(Some(it.rules))).collect();
        need.verbs.iter().all(|verb| rules.iter().any(|rule| allows(rule, verb, need)))
    }
}

/// `ResourceMatches`, `VerbMatches` and the others of Kubernetes' `pkg/apis/rbac/v1/evaluation_helpers.go`.
fn allows(rule: &Node, verb: &str, need: &Need) -> bool {
    let has = |list: &str, wanted: &[&str]| {
        items(rule.get(list)).any(|it| it.as_str().is_some_and(|it| it == "*" || wanted.contains(&it)))
    };
    let of_any = need.resource.split_once('/').map(|(_, sub)| format!("*/{sub}")).unwrap_or_default();
    let is_named = match (items(rule.get("resourceNames")).next(), &need.object) {
        (None, _) | (_, None) => true,
        (Some(_), Some(object)) => items(rule.get("resourceNames")).any(|it| it.as_str() == Some(object)),
    };
    is_named && has("verbs", &[verb]) && has("apiGroups", &[need.group]) && has("resources", &[&need.resource, &of_any])
}

impl<'a> Files<'a> {
    /// The account that a job names. `None` where a part of what it may do may stand elsewhere: no ServiceAccount, no binding, a
    /// role that is not there, is put together by labels, or is laid over by Kustomize.
    pub(in crate::lint) fn account_of(&self, job: &'a Object, pod: &'a Node) -> Option<Account<'a>> {
        let node = get(pod, "serviceAccountName").or_else(|| get(pod, "serviceAccount"))?;
        let account = node.as_str()?;
        let is_here = |it: &&Object| self.are_together(it, job);
        self.of_kind("ServiceAccount").find(|it| name(it) == account && is_here(it))?;
        let bindings = self.of_kind("RoleBinding").chain(self.of_kind("ClusterRoleBinding"));
        let bindings = bindings.filter(|it| self.are_near(it, job) && binds(it, account, namespace(job)));
        let (mut grants, mut role) = (Vec::new(), None);
        for binding in bindings {
            let roles = self.roles_of(binding);
            if roles.is_empty() || self.is_patch(binding) {
                return None;
            }
            for object in roles {
                if get(&object.tree, "aggregationRule").is_some() || self.is_patch(object) {
                    return None;
                }
                let rules = get(&object.tree, "rules")?;
                role = role.or(Some((object, rules)));
                let namespace = namespace(binding).filter(|_| kind(binding) == "RoleBinding");
                grants.push(Grant { namespace, rules });
            }
        }
        (!grants.is_empty()).then_some(Account { name: account, node, role, grants })
    }

    /// The roles of a binding's name; there may be variants.
    fn roles_of(&self, binding: &'a Object) -> Vec<&'a Object> {
        let of = |path: &str| text(&binding.tree, path).unwrap_or_default();
        let (wanted, called) = (of("roleRef.kind"), of("roleRef.name"));
        let is_it = |it: &&Object| match wanted {
            "Role" => name(it) == called && self.are_together(it, binding),
            _ => name(it) == called && self.are_near(it, binding),
        };
        self.of_kind(wanted).filter(is_it).collect()
    }
}

/// Whether a binding speaks of an account, by its name or as one of all accounts.
fn binds(binding: &Object, account: &str, of: Option<&str>) -> bool {
    items(binding.tree.get("subjects")).any(|subject| {
        let called = text(subject, "name").unwrap_or_default();
        match text(subject, "kind") {
            Some("ServiceAccount") => {
                let namespace = text(subject, "namespace");
                called == account && namespace.zip(of).is_none_or(|(one, other)| one == other)
            }
            Some("Group") => called.starts_with("system:serviceaccounts") || called == "system:authenticated",
            Some("User") => called.starts_with("system:serviceaccount:") && called.ends_with(&format!(":{account}")),
            _ => false,
        }
    })
}
