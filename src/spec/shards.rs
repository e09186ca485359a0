//! `[database.NAME.shards]`: one table's rows, spread over several databases or tables.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Factor, Line, Port, Rate, Text, Whole};
use crate::diag::source::Spanned;
use crate::unit::quantity::Quantity;

/// Shards of a table, and the SQL that routes its rows to them: `postgresql/<database>-shards.sql`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shards {
    /// The table whose rows are spread.
    pub table: Spanned<Text<Line>>,
    /// Its column that decides where a row goes.
    pub key: Spanned<Text<Line>>,
    /// Schema of the table, and of what is made. Default: "public".
    #[schemars(extend("default" = "public"))]
    pub schema: Option<Spanned<Text<Line>>>,
    /// Hosts of the shards, with n from 1 to `count`: `"shard{n}.example.com"`. Or `tables`.
    pub host: Option<Spanned<Text<Line>>>,
    /// Port of the shards. Default: that of the database.
    pub port: Option<Spanned<Port>>,
    /// Names of their databases. Default: `<database>_shard{n}`.
    pub dbname: Option<Spanned<Text<Line>>>,
    /// Column of the table that keeps the number of the shard. Default: "shard_id".
    #[schemars(extend("default" = "shard_id"))]
    pub column: Option<Spanned<Text<Line>>>,
    /// Table that says where each shard is. Default: "shard_config".
    #[schemars(extend("default" = "shard_config"))]
    pub config_table: Option<Spanned<Text<Line>>>,
    /// Or: tables of this same database, made like `table`: `"tasks_shard_{n}"`.
    pub tables: Option<Spanned<Text<Line>>>,
    /// Rows of the table, in all.
    pub rows: Option<Spanned<Rate>>,
    /// Rows that one shard carries.
    pub rows_per_shard: Option<Spanned<Factor>>,
    /// Size of the table with its indexes, in all.
    pub size: Option<Spanned<Quantity>>,
    /// Size that one shard carries.
    pub size_per_shard: Option<Spanned<Quantity>>,
    /// Factor on rows and size. Default: 1.5.
    #[schemars(extend("default" = 1.5))]
    pub safety_margin: Option<Spanned<Factor>>,
    /// Pin: shards.
    pub count: Option<Spanned<Whole<1, 1000>>>,
}
