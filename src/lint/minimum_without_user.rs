//! Connections that are kept ready only while a client is there.

use super::files::{entries, get, int, pools, title};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "minimum-without-user",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for entries of PgBouncer with a `min_pool_size`, their own or that of all, and no `user`.
### Why is this bad?
A pool belongs to an entry and a user. Without a `user` in the entry PgBouncer does not know which pools there will be: the minimum counts only for those with a client, so
the first clients after a pause, or after a start, wait for new connections anyway. (With a `user` it counts from 1.22 on without a client, too.) Pods that keep
their connections are not touched by this, so nothing is said unless somebody asks.
### Example
`app = host=db dbname=app min_pool_size=5`
### Instead
Write the user, where all clients share one: `app = host=db dbname=app user=app min_pool_size=5`; or take the minimum out.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let for_all = pools::global(object, "min_pool_size");
        for (entry, settings) in entries(object.tree.get("databases")) {
            let own = get(settings, "min_pool_size");
            let Some(node) = own.or(for_all).filter(|it| int(it).is_some_and(|it| it > 0)) else { continue };
            if get(settings, "user").is_some() {
                continue;
            }
            let least = int(node).unwrap_or_default();
            let message =
                format!("`{}`: `{entry}` keeps {least} connections only while a client is there", title(object));
            let finding = findings.finding(message).at(files.at(object, node), "without a `user` in the entry");
            let finding = finding.at_some(own.is_none().then(|| files.key(object, settings)), "this entry");
            findings.push(finding.help("add `user=…`, where all clients share one, or take the minimum out"));
        }
    }
}
