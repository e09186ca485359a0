//! The runbook: one page for who is on call, from a template, because Markdown has no serializer.
//!
//! It knows in which order the page shows the model; sentences and commands are the template's. What the template sees stands
//! in `context`, and `docs/templates.md` promises it to people who replace the page.

mod context;

use crate::doc::template::{Language, Template};
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;

use super::{Fault, Take, Target};
use context::Context;

pub(super) static TARGET: Target = Target {
    name: "runbook",
    summary: "the page for who is on call: RUNBOOK.md, where the spec has `[runbook]`",
    emit,
};

pub(super) static TEMPLATE: Template = Template {
    name: "runbook/RUNBOOK.md.j2",
    source: include_str!("../../templates/runbook/RUNBOOK.md.j2"),
    comment: "<!--",
    language: Language::Markdown,
    // Some thousand for each of ten thousand workloads, four times over.
    fuel: 100_000_000,
};

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(runbook) = &model.runbook else { return Ok(()) };
    let context = ser::to_node(&Context::new(runbook, model))?;
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    let text = TEMPLATE.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: runbook.address.clone(), error },
        None => Fault::Internal(format!("`{}`: {error}", TEMPLATE.name)),
    })?;
    let artifact = Artifact { path: "RUNBOOK.md".to_owned(), owner: runbook.address.clone(), body: Body::Text(text) };
    take(artifact);
    Ok(())
}
