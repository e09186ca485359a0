//! A number of spot pools that the allocation strategy does not ask for.

use super::files::{get, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "spot-pools-without-effect",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for `spotInstancePools` in node groups whose `spotAllocationStrategy` is another one than `lowest-price`.
### Why is this bad?
Only `lowest-price` spreads over so many pools. With `capacity-optimized` eksctl refuses the file; where no strategy is written, AWS takes
`lowest-price`, which takes the cheapest pools, and those are taken back first.
### Example
`spotInstancePools: 3` and no `spotAllocationStrategy`.
### Instead
Take it out and write `spotAllocationStrategy: price-capacity-optimized`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, group) in files.nodegroups("nodeGroups") {
        let Some(mix) = get(group, "instancesDistribution") else { continue };
        let Some(pools) = get(mix, "spotInstancePools") else { continue };
        let name = text(group, "name").unwrap_or_default();
        let (message, label) = match text(mix, "spotAllocationStrategy") {
            Some("lowest-price") => continue,
            Some(strategy) => (format!("`{name}` counts spot pools, and `{strategy}` does not"), "does nothing"),
            None => (
                format!("`{name}` takes spot nodes from the cheapest pools, which are taken back first"),
                "of the cheapest",
            ),
        };
        let finding = findings.finding(message).at(files.at(object, pools), label);
        let strategy = get(mix, "spotAllocationStrategy");
        let finding = finding.at_some(strategy.map(|it| files.at(object, it)), "the strategy");
        findings.push(finding.help("take it out and write `spotAllocationStrategy: price-capacity-optimized`"));
    }
}
