//! What holds for any changes, in every format.

use proptest::prelude::*;

use crate::diff::{
    Action, Attribution, Because, Changes, Edit, Headline, Ignored, InputChange, ObjectChange, Path, Risk, Shift, Step,
    Verdict, WorkloadRow,
};
use crate::doc::object::Identity;
use crate::doc::value::{Node, Value, is_hidden};
use crate::report::changes::{github, json, markdown, sarif, summary, terminal};
use crate::why::Address;

use super::fixture::{Fixture, HOSTILE, input, kubernetes};

/// Texts that try to break out, empty ones, and plain ones.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z]{1,8}",
        4 => "(\\PC|[`<>|@#&*_:/.\n\r\t\u{1b}\u{9b}\u{202e}\u{7f}]){0,20}",
        2 => Just(HOSTILE.to_owned()),
        4 => "(`{1,9}|~~~|</details>|</code>|\n|<!--|-->|www\\.|https://a|@a/b|::error::x|%0A| ){0,6}",
        1 => (0_usize..1000).prop_map(|length| "`".repeat(length)),
    ]
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn verdict() -> impl Strategy<Value = Verdict> {
    const RISKS: [Risk; 6] =
        [Risk::Safe, Risk::Ignored, Risk::Restart, Risk::Disruptive, Risk::Ordering, Risk::Irreversible];
    const REASONS: [&str; 3] = ["takes effect by itself", "pods are stopped", "nobody applies it"];
    (prop::sample::select(&RISKS), prop::sample::select(&REASONS)).prop_map(|(risk, reason)| Verdict { risk, reason })
}

fn because() -> impl Strategy<Value = Because> {
    let address = prop_oneof![Just("service.api.target_rps".to_owned()), Just("cluster.region".to_owned()), text()];
    prop_oneof![
        4 => (address, maybe(), maybe()).prop_map(|(address, before, after)| {
            Because::Input(input(&address, before.as_deref(), after.as_deref()))
        }),
        1 => Just(Because::EditedByHand),
        1 => (text(), text()).prop_map(|(before, after)| Because::Version { before, after }),
    ]
}

fn path() -> impl Strategy<Value = Path> {
    let step =
        prop_oneof![text().prop_map(Step::Key), text().prop_map(Step::Member), (0_usize..9).prop_map(Step::Index)];
    prop::collection::vec(step, 0..4).prop_map(Path)
}

fn identity() -> impl Strategy<Value = Identity> {
    prop_oneof![
        // A kind of more than 63 characters is refused by every API server.
        (text(), text()).prop_map(|(kind, name)| kubernetes(&kind.chars().take(63).collect::<String>(), &name)),
        ("(HorizontalPodAutoscaler|CronJob)", text()).prop_map(|(kind, name)| kubernetes(&kind, &name)),
        text().prop_map(|name| Identity::Pgbouncer { name }),
        text().prop_map(|name| Identity::Nginx { kind: "upstream", name }),
        text().prop_map(|path| Identity::File { path }),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    (path(), maybe(), maybe(), verdict(), prop::collection::vec(because(), 0..4))
        .prop_map(|(path, before, after, risk, because)| Edit { path, before, after, address: None, risk, because })
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![text().prop_map(|it| Value::Text(it.into())), any::<i64>().prop_map(Value::Int)];
    prop::collection::vec((text(), leaf), 0..12)
        .prop_map(|entries| Value::Map(entries.into_iter().map(|(key, it)| (key.into(), it.into())).collect()).into())
}

fn object() -> impl Strategy<Value = ObjectChange> {
    let action = prop_oneof![
        Just(Action::Add),
        Just(Action::Remove),
        Just(Action::Change),
        identity().prop_map(|from| Action::Rename { from }),
    ];
    let reasons = (verdict(), prop::collection::vec(because(), 0..5));
    let trees = (tree(), tree());
    (identity(), action, text(), prop::collection::vec(edit(), 0..4), reasons, trees).prop_map(
        |(identity, action, file, edits, (risk, because), (before, after))| {
            let before = (action != Action::Add).then_some(before);
            let after = (action != Action::Remove).then_some(after);
            ObjectChange { identity, action, file, owner: None, edits, risk, because, before, after }
        },
    )
}

fn headline() -> impl Strategy<Value = Headline> {
    let shift = || (maybe(), maybe()).prop_map(|(before, after)| Shift { before, after });
    let row = (text(), shift(), shift()).prop_map(|(address, peak, binds)| WorkloadRow {
        address: Address::verbatim(&address),
        unit: "requests/s",
        peak,
        binds: binds.clone(),
        min_replicas: binds.clone(),
        max_replicas: binds,
    });
    (prop::collection::vec(row, 0..30), prop::option::of(shift())).prop_map(|(workloads, monthly_cost)| Headline {
        is_one_sided: false,
        workloads,
        events: Vec::new(),
        pools: Vec::new(),
        nodegroups: Vec::new(),
        monthly_cost,
    })
}

fn changes(most: usize) -> impl Strategy<Value = Changes> {
    let inputs = (text(), maybe(), maybe(), verdict()).prop_map(|(address, before, after, risk)| InputChange {
        input: input(&address, before.as_deref(), after.as_deref()),
        risk,
    });
    let ignored = (identity(), path(), maybe(), maybe()).prop_map(|(identity, path, before, after)| Ignored {
        identity: identity.into(),
        path,
        before,
        after,
        reason: "order means nothing",
    });
    let lists = (
        prop::collection::vec(object(), 0..most),
        prop::collection::vec(inputs, 0..5),
        prop::collection::vec(ignored, 0..5),
        prop::collection::vec(identity(), 0..5),
    );
    let attribution = prop::sample::select(&[Attribution::Inputs, Attribution::DecidedBy]);
    (lists, headline(), attribution).prop_map(|((objects, inputs, ignored, unmanaged), headline, attribution)| {
        Changes { objects, inputs, ignored, headline, unchanged: 3, unmanaged, attribution }
    })
}

/// Checks that every fence and every element is closed, and that outside fences nothing is left that means something.
fn check_balance(comment: &str) {
    let (mut fence, mut depth) = (None, 0_i32);
    for line in comment.lines().skip(1) {
        let run = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(length) => {
                // A closing fence may be indented by three blanks.
                let inside = line.trim_start_matches(' ').trim_end();
                let closes = line.len() - line.trim_start_matches(' ').len() <= 3
                    && inside.len() >= length
                    && inside.bytes().all(|it| it == b'`');
                fence = if closes { None } else { fence };
            }
            None if run >= 3 => fence = Some(run),
            None => {
                let count = |tag: &str| i32::try_from(line.matches(tag).count()).unwrap();
                for tag in ["code", "summary", "b"] {
                    assert_eq!(count(&format!("<{tag}>")), count(&format!("</{tag}>")), "{line}");
                }
                depth += count("<details>") - count("</details>");
                assert!((0..=1).contains(&depth), "{line}");
                let tags = ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<b>", "</b>"];
                let rest = tags.iter().fold(line.to_owned(), |line, tag| line.replace(tag, ""));
                assert!(!rest.contains(['<', '>', '`', '@', '~']), "{line}");
                let rest = rest.trim_start_matches('#').replace("&#", "");
                assert!(!rest.contains('#') && !rest.contains("://") && !rest.contains("www."), "{line}");
            }
        }
    }
    assert_eq!((fence, depth), (None, 0), "{comment}");
}

/// Checks what must hold of the comment on any changes.
fn check_markdown(fixture: &Fixture) -> String {
    let comment = markdown::write(&fixture.report());
    assert!(comment.len() <= 65_000, "{} bytes", comment.len());
    assert!(comment.starts_with("<!-- capgen-diff -->\n"));
    check_balance(&comment);
    assert_eq!(comment, markdown::write(&fixture.report()));
    comment
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_hidden_comes_through(changes in changes(4), shows_ignored: bool, width in prop::option::of(0_usize..90)) {
        let mut fixture = Fixture::of(changes);
        fixture.shows_ignored = shows_ignored;
        let report = fixture.report();
        let style = terminal::Style { color: false, width };
        let outputs = [
            terminal::write(&report, style),
            summary::write(&report),
            markdown::write(&report),
            json::write(&report),
            github::write(&report),
            sarif::write(&report),
        ];
        for output in outputs {
            prop_assert!(!output.contains(|it| it != '\n' && is_hidden(it)), "{output:?}");
        }
        // Colours apart, both drawings say the same.
        let colored = terminal::write(&report, terminal::Style { color: true, width });
        let stripped = anstream::adapter::strip_str(&colored).to_string();
        let lines = |text: &str| text.lines().map(str::len).sum::<usize>();
        prop_assert_eq!(lines(&stripped), lines(&terminal::write(&report, style)));
    }

    #[test]
    fn annotations_are_commands(changes in changes(8)) {
        let output = github::write(&Fixture::of(changes).report());
        for line in output.lines() {
            prop_assert!(["::error ", "::warning ", "::notice "].iter().any(|it| line.starts_with(it)), "{line}");
        }
        for level in ["::error ", "::warning ", "::notice "] {
            prop_assert!(output.lines().filter(|it| it.starts_with(level)).count() <= 10);
        }
    }

    #[test]
    fn json_follows_its_schema(changes in changes(4), findings in 0_usize..3) {
        let fixture = Fixture::of(changes).found(findings);
        let violations = json::tests::violations(&fixture.report());
        prop_assert!(violations.is_empty(), "{violations:?}");
    }

    #[test]
    fn comments_are_balanced_and_name_what_is_risky(changes in changes(24), findings in 0_usize..99) {
        let fixture = Fixture::of(changes).found(findings);
        let comment = check_markdown(&fixture);
        let risky = fixture.changes.objects.iter().filter(|it| it.risk.risk != Risk::Safe || it.action == Action::Remove);
        prop_assert!(!comment.contains("not named"), "{comment}");
        for object in risky {
            let name = match &object.identity {
                Identity::Kubernetes { name, .. }
                | Identity::Pgbouncer { name }
                | Identity::Settings { name, .. }
                | Identity::Nginx { name, .. } => name,
                Identity::File { path } => path,
            };
            // A name beyond what any target takes is cut.
            let name = markdown::escape::code(&name.chars().take(200).collect::<String>());
            let name = name.trim_start_matches("<code>").trim_end_matches("</code>");
            prop_assert!(comment.contains(name), "{name} is missing in\n{comment}");
        }
    }
}

#[test]
fn a_comment_on_a_hundred_megabytes_names_everything_it_has_room_for() {
    let mut fixture = Fixture::many(20_000);
    let long = "x`".repeat(2_500);
    let step = || Step::Key("data".to_owned());
    let edit = || Edit {
        path: Path(vec![step()]),
        before: Some(long.clone()),
        after: None,
        address: None,
        risk: Verdict { risk: Risk::Safe, reason: "takes effect by itself" },
        because: vec![Because::EditedByHand],
    };
    fixture.changes.objects.iter_mut().for_each(|it| it.edits = vec![edit()]);
    let comment = check_markdown(&fixture);
    assert!(
        comment.contains("- **disruptive**: 20000 <code>CronJob</code> removed: <code>production/job-00000</code>, ")
    );
    let named = comment.matches("<code>production/job-").count();
    assert!(named > 1_500, "{named}");
    assert!(
        comment.contains(&format!("There was no room for everything: {} risky changes are counted", 20_000 - named))
    );
    assert!(comment.contains("All of it: <code>capgen diff --against git:main</code>"));

    fixture.changes.objects.truncate(1_000);
    let comment = check_markdown(&fixture);
    let is_named = |it: &ObjectChange| comment.contains(&it.identity.to_string().replacen("CronJob ", "", 1));
    assert!(fixture.changes.objects.iter().all(is_named) && !comment.contains("not named"));
    assert!(comment.contains("<details>"), "what is left over is for diffs");
}

#[test]
fn findings_beyond_their_room_are_counted() {
    let comment = check_markdown(&Fixture::everything().found(400));
    let named = comment.matches("<code>uneven-partitions</code>").count();
    assert!((10..400).contains(&named), "{named}");
    assert!(comment.contains(&format!("- and {} more, which", 401 - named)), "{comment}");
}

#[test]
fn a_comment_counts_what_it_cannot_name() {
    let mut fixture = Fixture::many(3_000);
    for (index, object) in fixture.changes.objects.iter_mut().enumerate() {
        object.identity = kubernetes(&format!("Kind{index:04}{}", "`".repeat(50)), &"n`".repeat(200));
    }
    let comment = check_markdown(&fixture);
    let counted = comment.lines().filter(|it| it.starts_with("- **disruptive**: 1 <code>Kind")).count();
    assert!(counted > 50, "{comment}");
    assert!(comment.contains(&format!("\n- and {} more\n", 3_000 - counted)), "{comment}");
}

#[test]
fn an_object_of_a_hundred_megabytes_is_listed_leaf_by_leaf() {
    let mut fixture = Fixture::many(1);
    let object = &mut fixture.changes.objects[0];
    let leaf = |index: i64| (format!("key{index}").into(), Value::Text("x".repeat(100).into()).into());
    object.after = Some(Value::Map((0..20_000).map(leaf).collect()).into());
    object.before = Some(Value::Text("x".repeat(100_000_000).into()).into());
    object.action = Action::Change;
    let edit = |index: i64| Edit {
        path: Path(vec![Step::Key(format!("key{index}"))]),
        before: None,
        after: Some("x".repeat(100)),
        address: None,
        risk: object.risk.clone(),
        because: Vec::new(),
    };
    object.edits = (0..20_000).map(edit).collect();
    let comment = check_markdown(&fixture);
    assert!(comment.contains("@@ too large to compare line by line @@\n+key0: xxx"), "{comment}");
    assert!(comment.contains("1 diff is cut"), "{comment}");
    let text = terminal::write(&fixture.report(), terminal::Style { color: true, width: Some(80) });
    assert_eq!(text.lines().filter(|it| it.contains("key")).count(), 20_000);
}
