//! The rules of names that Amazon's services have.

/// `[A-Za-z0-9_-]{1,255}`: ECS `CreateCluster`, `CreateService`.
pub(super) fn ecs_name(text: &str) -> Result<(), String> {
    let fault = |fault: String| Err(format!("`{}` is not a name in ECS: {fault}", text.escape_debug()));
    if text.is_empty() || text.len() > 255 {
        return fault(format!("it has {} characters, 1 to 255 fit", text.chars().count()));
    }
    match text.chars().find(|it| !(it.is_ascii_alphanumeric() || "_-".contains(*it))) {
        Some(wrong) => fault(format!("`{}` is not allowed", wrong.escape_debug())),
        None => Ok(()),
    }
}

/// Application Auto Scaling: `\p{Print}+`, at most 256 characters; here without blanks, quotes and what a shell or a
/// template reads.
pub(super) fn policy_name(text: &str) -> Result<(), String> {
    match text.len() {
        1..=255 => super::word(text),
        length => Err(format!("the name of a policy has 1 to 255 characters, not {length}")),
    }
}

/// `app/<name>/<id>/targetgroup/<name>/<id>`: `PredefinedMetricSpecification.ResourceLabel`.
pub(super) fn alb_resource(text: &str) -> Result<(), String> {
    let is_id = |it: &str| !it.is_empty() && it.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_name =
        |it: &str| (1..=32).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match text.split('/').collect::<Vec<_>>().as_slice() {
        ["app", balancer, id, "targetgroup", group, group_id]
            if is_name(balancer) && is_id(id) && is_name(group) && is_id(group_id) =>
        {
            Ok(())
        }
        _ => Err(format!("`{}` names no load balancer with a target group", text.escape_debug())),
    }
}

pub(super) fn node_group_name(text: &str) -> Result<(), String> {
    super::entry_name(text)?;
    match text.contains(['_', '.']) {
        true => Err(format!("`{text}` is not the name of a node group: `_` and `.` are not allowed")),
        false => Ok(()),
    }
}

/// `[0-9A-Za-z][A-Za-z0-9-]*`, at most 100 characters: EKS `CreateCluster`, without the `_` that CloudFormation's stack
/// names refuse.
pub(super) fn cluster_name(text: &str) -> Result<(), String> {
    let fault = |fault: String| Err(format!("`{}` is not the name of a cluster: {fault}", text.escape_debug()));
    if text.is_empty() || text.len() > 100 {
        return fault(format!("it has {} characters, 1 to 100 fit", text.chars().count()));
    }
    match text.chars().find(|it| !(it.is_ascii_alphanumeric() || *it == '-')) {
        Some(wrong) => fault(format!("`{}` is not allowed", wrong.escape_debug())),
        None if text.starts_with('-') => fault("it starts with `-`".to_owned()),
        None => Ok(()),
    }
}
