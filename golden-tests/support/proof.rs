//! Proofs that the harness itself can say no. Without them a green suite would mean little.

use super::command::{self, Program, Run, Step};
use super::run::Outcome;
use super::tree::{Entry, Tree};
use super::{caret, compare};

/// A proof by its name.
type Proof = (&'static str, fn() -> Result<(), String>);

/// All of them, by name.
pub(crate) static PROOFS: &[Proof] = &[
    ("carets-claim-the-exact-place", carets_claim_the_exact_place),
    ("carets-must-claim-everything", carets_must_claim_everything),
    ("carets-reach-the-first-column", carets_reach_the_first_column),
    ("carets-refuse-an-unknown-word", carets_refuse_an_unknown_word),
    ("commands-are-split-at-blanks", commands_are_split_at_blanks),
    ("commands-refuse-what-is-no-verb", commands_refuse_what_is_no_verb),
    ("comparison-sees-both-directions", comparison_sees_both_directions),
];

/// What capgen prints for line 2 of [`spec`].
const PRINTED: &str = "\
warning[single-replica]: `service.api` has one replica
 --> capacity.toml:2:7
  |
2 | min = 1
  |       ^ no disruption is possible
  |
  = help: write `min = 2`

error: 1 error
";

fn spec(comment: &str) -> Tree {
    let text = format!("[service.api.autoscale]\nmin = 1\n{comment}\nmax = 4\n");
    Tree::from([("capacity.toml".to_owned(), Entry::file(text))])
}

fn expect(is_right: bool, what: impl std::fmt::Debug) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(format!("{what:?}")) }
}

fn carets_claim_the_exact_place() -> Result<(), String> {
    for right in ["#     ^ warning: single-replica", "#     ^ warning: one replica", "#     ^ warning"] {
        let problems = caret::check(&spec(right), PRINTED, true);
        expect(problems.is_empty(), (right, problems))?;
    }
    let wrong = [
        "#    ^ warning: single-replica",
        "#      ^ warning: single-replica",
        "#     ^^ warning: single-replica",
        "#     ^ error: single-replica",
        "#     ^ warning: two replicas",
        "# a comment\n#     ^ warning: single-replica",
    ];
    for wrong in wrong {
        let problems = caret::check(&spec(wrong), PRINTED, false);
        expect(problems.len() == 1, (wrong, problems))?;
    }
    Ok(())
}

fn carets_must_claim_everything() -> Result<(), String> {
    let problems = caret::check(&spec("# nothing"), PRINTED, true);
    expect(problems.len() == 1 && problems[0].contains("\n#     ^ warning: single-replica"), problems)?;
    expect(caret::check(&spec("# nothing"), PRINTED, false).is_empty(), "a case that need not claim")?;
    let twice = format!("{PRINTED}\n{}", PRINTED.replace("one replica", "one more"));
    let problems = caret::check(&spec("#     ^ warning: single-replica"), &twice, true);
    expect(problems.len() == 1, problems)
}

fn carets_reach_the_first_column() -> Result<(), String> {
    let printed = "error: unknown key `min`\n --> capacity.toml:2:1\n  |\n2 | min = 1\n  | ^^^\n";
    for right in ["#<^ error: unknown key", "#< error"] {
        let problems = caret::check(&spec(right), printed, true);
        expect(problems.is_empty(), (right, problems))?;
    }
    for wrong in ["#<^^ error", "#^^ error", " #<^ error"] {
        let problems = caret::check(&spec(wrong), printed, false);
        expect(problems.len() == 1, (wrong, problems))?;
    }
    Ok(())
}

fn carets_refuse_an_unknown_word() -> Result<(), String> {
    let problems = caret::check(&spec("#     ^ warnings: single-replica"), PRINTED, false);
    expect(problems.len() == 1 && problems[0].contains("warnings"), problems)
}

fn commands_are_split_at_blanks() -> Result<(), String> {
    let text = "# a comment\nNO_COLOR=1 PWD=sub capgen build --set 'a.b = \"c d\"' > out.txt\nedit a.toml '>' ''\n";
    let run = Step::Run(Run {
        program: Program::Capgen,
        variables: vec![("NO_COLOR".to_owned(), "1".to_owned())],
        folder: "sub".to_owned(),
        arguments: ["build", "--set", "a.b = \"c d\""].map(str::to_owned).to_vec(),
        input: None,
        output: Some("out.txt".to_owned()),
    });
    let edit = Step::Edit { file: "a.toml".to_owned(), old: ">".to_owned(), new: String::new() };
    let steps = command::parse(text)?;
    expect(steps == [run, edit], steps)
}

fn commands_refuse_what_is_no_verb() -> Result<(), String> {
    let wrong =
        ["", "rm x", "capgen build | head", "capgen build 'open", "edit a b", "A=1", "capgen diff >", "# capgen"];
    for wrong in wrong {
        expect(command::parse(wrong).is_err(), wrong)?;
    }
    Ok(())
}

fn comparison_sees_both_directions() -> Result<(), String> {
    let outcome = Outcome {
        stdout: "a\n".to_owned(),
        stderr: String::new(),
        statuses: vec![0, 2],
        created: Tree::from([("generated/x".to_owned(), Entry::file("1\n"))]),
        removed: ["old".to_owned()].into(),
        after: Tree::new(),
        problems: Vec::new(),
    };
    let actual = compare::expectation(&outcome);
    let paths: Vec<&str> = actual.keys().map(String::as_str).collect();
    expect(paths == ["out/generated/x", "removed", "status", "stdout"], paths)?;
    expect(compare::differences(&actual, &actual).is_empty(), "equal trees differ")?;
    for path in actual.keys() {
        let mut without = actual.clone();
        without.remove(path);
        expect(compare::differences(&without, &actual).contains(path), path)?;
        expect(compare::differences(&actual, &without).contains(path), path)?;
    }
    Ok(())
}
