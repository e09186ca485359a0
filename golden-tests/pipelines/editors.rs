//! The checkers behind editors, Tombi and Taplo: with the schema they accept every spec that is right, and refuse those of
//! `golden-tests/broken/editors/`, whose first line names what is wrong.

use crate::scratch::{Said, Scratch};
use crate::{Check, examples, expect, package, pages};

pub(crate) static CHECKS: &[Check] = &[
    ("accept-every-example", accept_every_example),
    ("accept-the-starter", accept_the_starter),
    ("refuse-what-is-wrong", refuse_what_is_wrong),
    ("are-set-up-as-the-page-says", are_set_up_as_the_page_says),
];

const CHECKERS: [&str; 2] = ["tombi", "taplo"];

/// What docs/editors.md has one write, with a schema that needs no network.
const DIRECTIVE: &str = "#:schema ./capacity.schema.json\n";

fn accept_every_example() -> Result<(), String> {
    let scratch = with_schema()?;
    for name in examples()? {
        let text = crate::read(&format!("examples/{name}/capacity.toml"))?;
        for (checker, said) in judge(&scratch, &format!("{DIRECTIVE}{text}"))? {
            expect(said.status == 0, format!("{checker} refuses {name}: {said}"))?;
        }
    }
    Ok(())
}

fn accept_the_starter() -> Result<(), String> {
    let scratch = with_schema()?;
    let starter = scratch.run("capgen", &["init", "-"])?.stdout;
    for (checker, said) in judge(&scratch, &format!("{DIRECTIVE}{starter}"))? {
        expect(said.status == 0, format!("{checker} refuses the starter: {said}"))?;
    }
    Ok(())
}

fn refuse_what_is_wrong() -> Result<(), String> {
    let scratch = with_schema()?;
    let folder = package("golden-tests/broken/editors");
    let entries = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
    let mut names: Vec<String> = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    expect(!names.is_empty(), "nothing is broken")?;
    for name in names {
        let text = crate::read(&format!("golden-tests/broken/editors/{name}"))?;
        let reason = text.lines().next().and_then(|it| it.strip_prefix("# refused: ")).ok_or("no reason")?;
        for (checker, said) in judge(&scratch, &format!("{DIRECTIVE}{text}"))? {
            let refused = said.status != 0 && format!("{}{}", said.stdout, said.stderr).contains(reason);
            expect(refused, format!("{checker} does not refuse {name} because of `{reason}`: {said}"))?;
        }
        // What an editor refuses, capgen refuses too.
        let said = scratch.run("capgen", &["validate", "--file", "capacity.toml"])?;
        expect(said.status == 1, format!("capgen accepts {name}: {said}"))?;
    }
    Ok(())
}

/// The settings of the page find the schema for a file that does not name it.
fn are_set_up_as_the_page_says() -> Result<(), String> {
    let scratch = with_schema()?;
    let text = crate::read("examples/inferadb/capacity.toml")?;
    for (checker, settings) in CHECKERS.iter().zip(["tombi.toml", ".taplo.toml"]) {
        scratch.write(&format!("platform/{settings}"), &pages::block("docs/editors.md", settings)?)?;
        scratch.write("platform/capacity.toml", &text)?;
        lint(&scratch, checker)?.must(0, "")?;
        scratch.write("platform/capacity.toml", &text.replace("target_rps", "target_rsp"))?;
        let said = lint(&scratch, checker)?;
        expect(said.status != 0, format!("{checker} does not look at the schema: {said}"))?;
    }
    Ok(())
}

fn with_schema() -> Result<Scratch, String> {
    let scratch = Scratch::empty()?;
    scratch.write("platform/capacity.schema.json", &scratch.run("capgen", &["schema"])?.stdout)?;
    Ok(scratch)
}

/// What each checker says of a spec.
fn judge(scratch: &Scratch, text: &str) -> Result<Vec<(&'static str, Said)>, String> {
    scratch.write("platform/capacity.toml", text)?;
    CHECKERS.iter().map(|checker| Ok((*checker, lint(scratch, checker)?))).collect()
}

fn lint(scratch: &Scratch, checker: &str) -> Result<Said, String> {
    // Nothing is to be fetched: the schema is a file.
    let offline: &[&str] = if checker == "tombi" { &["--offline"] } else { &[] };
    scratch.run(checker, &[&["lint"], offline, &["capacity.toml"]].concat())
}
