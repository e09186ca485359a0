//! Nodes of Karpenter whose machine image changes by itself.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "floating-ami",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for `@latest` in the `ami` of `[cluster.karpenter]`.
### Why is this bad?
When a new image appears, every node has drifted, and Karpenter replaces all of them, within the budgets, on a day that nobody chose. An
image that does not work is then everywhere before anybody saw it.
### Example
`ami = "al2023@latest"`
### Instead
Name a version, `al2023@v20260720`, and raise it in a change of its own, first in a cluster where it may fail.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let Some(class) = facts.model.cluster.as_ref().and_then(|cluster| cluster.karpenter.as_ref()) else { return };
    let Some(place) = facts.model.causes.written_at(&class.ami.address) else { return };
    if let Some(family) = class.ami.value.strip_suffix("@latest") {
        let message =
            format!("`{}` is `{}`: nodes are replaced whenever an image appears", class.ami.address, class.ami.value);
        let help = format!("name a version, such as `ami = \"{family}@v20260720\"`");
        findings.push(findings.finding(message).at(place, "no version").help(help));
    }
}
