//! PostgreSQL: the settings of each server whose machine is known, for `include` in its `postgresql.conf`.
//!
//! It knows where the file stands; names, values and their order are the model's.

use crate::doc::conf::{self, Conf, Dialect};
use crate::doc::value::Node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::postgresql::Server;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "postgresql",
    summary: "settings of a PostgreSQL server from its machine: postgresql/<database>.conf",
    emit,
};

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.servers, take, |server| Ok([artifact(server)]))
}

fn artifact(server: &Server) -> Artifact {
    let entry = |(name, value): &(String, crate::why::Derived<String>)| {
        (name.clone(), Node { value: conf::value(&value.value), address: Some(value.address.clone()) })
    };
    let conf = Conf { dialect: Dialect::Postgresql, entries: server.settings.iter().map(entry).collect() };
    let path = format!("postgresql/{}.conf", server.name);
    Artifact { path, owner: server.address.clone(), body: Body::Conf(conf) }
}
