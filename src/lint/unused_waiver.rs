//! A waiver that has nothing left to waive.

use super::{Check, Facts, Findings, Level, Lint, find, finds_something};

pub(super) static LINT: Lint = Lint {
    name: "unused-waiver",
    level: Level::Warn,
    docs: r#"
### What it does
Runs every lint that `[lints]` allows, and looks for those that would find nothing. A spec with `[env.NAME]` tables is passed over:
what is allowed for all of them may be needed by one.
### Why is this bad?
What it waived is mended. Left in place it hides the next case, which nobody has thought about.
### Example
`single-replica = "allow"` where every workload has two pods at least.
### Instead
Take the line out.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    if facts.spec.has_environments {
        return;
    }
    for (name, entry) in facts.spec.lints.iter() {
        let is_waiver = entry.value.level() == Level::Allow && entry.value.expired(facts.today).is_none();
        let Some(lint) = find(name).filter(|it| is_waiver && it.name != LINT.name) else { continue };
        if !finds_something(lint, facts) {
            let finding = findings.finding(format!("`{name}` finds nothing that could be allowed"));
            findings.push(finding.at(entry.key, "waives nothing").help("take the line out"));
        }
    }
}
