//! Names that AWS and Karpenter's AWS provider give rules.

/// An alias of Karpenter for a machine image: a family and a version, `al2023@v20260720` or `bottlerocket@latest`.
///
/// Rules of the EC2NodeClass (aws/karpenter-provider-aws `pkg/apis/crds/karpenter.k8s.aws_ec2nodeclasses.yaml`); `al2` and Windows
/// are left out: the one is gone from Kubernetes 1.33 on, and capgen's catalogue knows Linux.
///
/// # Errors
/// What is wrong, as a phrase.
pub fn ami_alias(text: &str) -> Result<(), String> {
    let Some((family, version)) = text.split_once('@') else {
        return Err(format!("`{}` has no version behind an `@`", text.escape_debug()));
    };
    if !matches!(family, "al2023" | "bottlerocket") {
        return Err(format!("`{}` is no family of images that Karpenter knows for Linux", family.escape_debug()));
    }
    let is_version = |it: u8| it.is_ascii_alphanumeric() || b".-".contains(&it);
    match !version.is_empty() && version.len() <= 64 && version.bytes().all(is_version) {
        true => Ok(()),
        false => Err(format!("`{}` is no version of an image", version.escape_debug())),
    }
}

/// The name of an IAM role (IAM API, `CreateRole`): 1 to 64 letters, digits and `_+=,.@-`.
///
/// # Errors
/// What is wrong, as a phrase.
pub fn role_name(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > 64 {
        return Err(format!("the name of a role has 1 to 64 characters, this one {}", text.chars().count()));
    }
    match text.chars().find(|it| !(it.is_ascii_alphanumeric() || "_+=,.@-".contains(*it))) {
        Some(wrong) => Err(format!("`{}` has the character `{}`", text.escape_debug(), wrong.escape_debug())),
        None => Ok(()),
    }
}
