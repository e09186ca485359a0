//! The user's own templates, which `[output] templates` names.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diag::source::{FileId, SourceKind, Sources};
use crate::diag::{Diagnostic, Sink, suggest};
use crate::spec::{Files, Spec};
use crate::target::TEMPLATES;

/// Reads those templates of the named folder that replace a built-in one.
pub(super) fn load(
    spec: &Spec,
    spec_folder: &Path,
    files: &dyn Files,
    sources: &mut Sources,
    sink: &mut Sink,
) -> BTreeMap<String, FileId> {
    let mut found = BTreeMap::new();
    let Some(folder) = &spec.output.templates else { return found };
    for template in TEMPLATES {
        let path = spec_folder.join(folder.value.as_str()).join(template.name);
        let name = path.to_string_lossy().into_owned();
        if !files.has(&name) {
            continue;
        }
        match files.read(&name) {
            Ok(text) => {
                found.insert(template.name.to_owned(), sources.add(SourceKind::File, name, text));
            }
            Err(fault) => {
                sink.error(Diagnostic::error(format!("reading `{name}`: {fault}")).at(folder.span, "named here"));
            }
        }
    }
    if found.is_empty() && sink.ok().is_ok() {
        let message = format!("the folder `{}` has no template that capgen uses", folder.value);
        let help = format!("put one there under its name: {}", suggest::list(TEMPLATES.iter().map(|it| it.name)));
        sink.error(Diagnostic::error(message).at(folder.span, "").help(help));
    }
    found
}
