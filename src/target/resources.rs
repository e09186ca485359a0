//! Requests and limits of workloads that somebody else's files describe: a Kustomize component.
//!
//! It knows `ResourceRequirements` (kubernetes v1.36, `api/core/v1/types.go`). What the spec does not state is not patched.

use serde::Serialize;

use crate::model::Model;
use crate::model::workloads;
use crate::unit::quantity::Quantity;
use crate::why::Derived;

use super::component::{self, Content};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "resources",
    summary: "requests and limits of services and workers as patches: components/resources",
    emit,
};

#[derive(Debug, Serialize)]
struct Container {
    resources: Resources,
}

#[derive(Debug, Serialize)]
struct Resources {
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Quantities>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<Quantities>,
}

#[derive(Debug, Serialize)]
struct Quantities {
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<Derived<String>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    component::emit(model, "resources", take, |workload| {
        let workloads::Resources { cpu, memory, cpu_limit, memory_limit } = &workload.resources;
        let resources = Resources { limits: quantities(cpu_limit, memory_limit), requests: quantities(cpu, memory) };
        let is_stated = resources.limits.is_some() || resources.requests.is_some();
        is_stated.then_some(Content { container: Container { resources }, checksum: None })
    })
}

/// As they were written; `None` where neither was.
fn quantities(cpu: &Option<Derived<Quantity>>, memory: &Option<Derived<Quantity>>) -> Option<Quantities> {
    let text = |it: &Derived<Quantity>| it.map(|it| it.text().to_owned());
    let (cpu, memory) = (cpu.as_ref().map(text), memory.as_ref().map(text));
    (cpu.is_some() || memory.is_some()).then_some(Quantities { cpu, memory })
}
