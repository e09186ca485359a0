//! The pools of a PgBouncer as its ini has them: of each entry what one user may take.

use super::{entries, get, int};
use crate::doc::object::Object;
use crate::doc::value::Node;

/// PgBouncer's defaults of `default_pool_size` and `max_client_conn`.
const POOL: i64 = 20;
const CLIENTS: i64 = 100;

/// One entry of `[databases]`.
#[derive(Debug, Clone, Copy)]
pub(in crate::lint) struct Entry<'a> {
    pub(in crate::lint) name: &'a str,
    pub(in crate::lint) node: &'a Node,
    /// What says how large a pool is, here or for all entries, where it is written.
    pub(in crate::lint) place: Option<&'a Node>,
    /// Connections of one user: the pool and its reserve, within the limit of the entry.
    pub(in crate::lint) of_user: i64,
    /// Connections of all users; `None` where nothing limits them.
    pub(in crate::lint) of_all: Option<i64>,
}

/// The entries of an ini. `None` where a number cannot be read, a pool has no limit, or users have pools of their own size.
pub(in crate::lint) fn pools(ini: &Object) -> Option<Vec<Entry<'_>>> {
    let users = entries(ini.tree.get("users")).flat_map(|(_, it)| entries(Some(it)));
    if users.into_iter().any(|(key, _)| matches!(key, "pool_size" | "reserve_pool_size")) {
        return None;
    }
    entries(ini.tree.get("databases")).map(|(name, node)| entry(ini, name, node)).collect()
}

fn entry<'a>(ini: &'a Object, name: &'a str, node: &'a Node) -> Option<Entry<'a>> {
    let place = get(node, "pool_size").or_else(|| global(ini, "default_pool_size"));
    let reserve = get(node, "reserve_pool").or_else(|| get(node, "reserve_pool_size"));
    let most = get(node, "max_db_connections").or_else(|| global(ini, "max_db_connections"));
    let number = |node: Option<&Node>, default| node.map_or(Some(default), int);
    let pool = number(place, POOL).filter(|it| *it > 0)?;
    let spare = number(reserve.or_else(|| global(ini, "reserve_pool_size")), 0)?.max(0);
    let most = number(most, 0)?;
    let wanted = pool.saturating_add(spare);
    let of_user = if most > 0 { wanted.min(most) } else { wanted };
    let is_one_user = get(node, "user").is_some();
    let of_all = if is_one_user { Some(of_user) } else { Some(most).filter(|it| *it > 0) };
    Some(Entry { name, node, place, of_user, of_all })
}

/// How many clients an ini lets in, and where that is written.
pub(in crate::lint) fn clients(ini: &Object) -> Option<(Option<&Node>, i64)> {
    let written = global(ini, "max_client_conn");
    Some((written, written.map_or(Some(CLIENTS), int)?))
}

/// A key of the section `[pgbouncer]`.
pub(in crate::lint) fn global<'a>(ini: &'a Object, key: &str) -> Option<&'a Node> {
    get(ini.tree.get("pgbouncer")?, key)
}
