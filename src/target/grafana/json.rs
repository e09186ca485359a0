//! The classic JSON of a dashboard (grafana v13, `@grafana/schema`), as far as capgen writes it, in Grafana's order. Every version since
//! 8 imports and provisions it; one that is older than `schemaVersion` reads what it knows.

use serde::{Serialize, Serializer};

use crate::model::dashboard::Dashboard as Written;
use crate::why::Derived;

/// The version of the format that Grafana 12.3 and 13 write.
const SCHEMA_VERSION: i64 = 42;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dashboard<'a> {
    id: Option<i64>,
    uid: &'a Derived<String>,
    title: &'a Derived<String>,
    tags: Vec<Derived<&'a str>>,
    timezone: &'static str,
    editable: bool,
    graph_tooltip: i64,
    time: Time,
    refresh: &'a Derived<String>,
    schema_version: i64,
    panels: Vec<Entry>,
    templating: List<Variable>,
    annotations: List<()>,
}

#[derive(Debug, Serialize)]
struct Time {
    from: Derived<String>,
    to: &'static str,
}

#[derive(Debug, Serialize)]
struct List<T> {
    list: Vec<T>,
}

#[derive(Debug, Serialize)]
struct Variable {
    r#type: &'static str,
    name: &'static str,
    label: &'static str,
    query: &'static str,
}

/// A row or a panel below it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Entry {
    Row(Row),
    Panel(Box<Panel>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    r#type: &'static str,
    collapsed: bool,
    title: String,
    grid_pos: Place,
    id: usize,
    panels: [(); 0],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Panel {
    r#type: &'static str,
    pub(super) id: usize,
    targets: Vec<Query>,
    title: &'static str,
    datasource: Source,
    pub(super) grid_pos: Place,
    options: Options,
    field_config: FieldConfig,
}

/// In columns and lines of Grafana's grid.
#[derive(Debug, Default, Serialize)]
pub(super) struct Place {
    pub(super) h: usize,
    pub(super) w: usize,
    pub(super) x: usize,
    pub(super) y: usize,
}

#[derive(Debug, Serialize)]
struct Source {
    r#type: &'static str,
    uid: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Query {
    expr: Derived<String>,
    legend_format: String,
    ref_id: String,
    datasource: Source,
}

#[derive(Debug, Serialize)]
struct Options {
    legend: Legend,
    tooltip: Tooltip,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Legend {
    display_mode: &'static str,
    placement: &'static str,
    show_legend: bool,
    calcs: [(); 0],
}

#[derive(Debug, Serialize)]
struct Tooltip {
    mode: &'static str,
    sort: &'static str,
}

#[derive(Debug, Serialize)]
struct FieldConfig {
    defaults: Field,
    overrides: [(); 0],
}

#[derive(Debug, Serialize)]
struct Field {
    unit: &'static str,
    min: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    thresholds: Option<Thresholds>,
    color: Mode,
    custom: Custom,
}

#[derive(Debug, Serialize)]
struct Thresholds {
    mode: &'static str,
    steps: Vec<Step>,
}

/// From this value on a line of this colour; the first has none.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) value: Option<Number>,
    pub(super) color: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Custom {
    thresholds_style: Mode,
    #[serde(skip_serializing_if = "Option::is_none")]
    stacking: Option<Mode>,
    fill_opacity: i64,
}

#[derive(Debug, Serialize)]
struct Mode {
    mode: &'static str,
}

/// A number of the spec, or one that needs no reason.
#[derive(Debug)]
pub(super) enum Number {
    Whole(i64),
    Of(Derived<String>),
}

impl Number {
    pub(super) fn of<T: ToString>(number: &Derived<T>) -> Self {
        Self::Of(number.map(ToString::to_string))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = match self {
            Self::Whole(number) => return number.serialize(serializer),
            Self::Of(number) => number,
        };
        // Thresholds are plain decimals: whole ones stay whole.
        match (number.value.parse::<i64>(), number.value.parse::<f64>()) {
            (Ok(whole), _) => number.map(|_| whole).serialize(serializer),
            (_, Ok(decimal)) => number.map(|_| decimal).serialize(serializer),
            _ => number.serialize(serializer),
        }
    }
}

impl<'a> Dashboard<'a> {
    pub(super) fn new(written: &'a Written, panels: Vec<Entry>) -> Self {
        let tag = |tag: &'a String| Derived { value: tag.as_str(), address: written.tags.address.clone() };
        let source = Variable { r#type: "datasource", name: "datasource", label: "Data source", query: "prometheus" };
        Self {
            id: None,
            uid: &written.uid,
            title: &written.title,
            tags: written.tags.value.iter().map(tag).collect(),
            timezone: "browser",
            editable: true,
            graph_tooltip: 1,
            time: Time { from: written.range.map(|it| format!("now-{it}")), to: "now" },
            refresh: &written.refresh,
            schema_version: SCHEMA_VERSION,
            panels,
            templating: List { list: vec![source] },
            annotations: List { list: Vec::new() },
        }
    }
}

impl Row {
    pub(super) fn new(id: usize, title: String, grid_pos: Place) -> Self {
        Self { r#type: "row", collapsed: false, title, grid_pos, id, panels: [] }
    }
}

impl Panel {
    /// Lines over time. The layout gives it its number and its place.
    pub(super) fn new(title: &'static str, unit: &'static str, targets: Vec<Query>, steps: Vec<Step>) -> Self {
        let thresholds = (!steps.is_empty()).then_some(Thresholds { mode: "absolute", steps });
        let style = Mode { mode: if thresholds.is_some() { "line" } else { "off" } };
        let custom = Custom { thresholds_style: style, stacking: None, fill_opacity: 10 };
        let defaults = Field { unit, min: 0, thresholds, color: Mode { mode: "palette-classic" }, custom };
        Self {
            r#type: "timeseries",
            id: 0,
            targets,
            title,
            datasource: Source::prometheus(),
            grid_pos: Place::default(),
            options: Options {
                legend: Legend { display_mode: "list", placement: "bottom", show_legend: true, calcs: [] },
                tooltip: Tooltip { mode: "multi", sort: "desc" },
            },
            field_config: FieldConfig { defaults, overrides: [] },
        }
    }

    /// Lines on top of each other: their sum is what counts.
    pub(super) fn stack(&mut self) {
        self.field_config.defaults.custom.stacking = Some(Mode { mode: "normal" });
    }
}

impl Source {
    fn prometheus() -> Self {
        Self { r#type: "prometheus", uid: "${datasource}" }
    }
}

impl Query {
    /// Named as Grafana names them: A to Z, then by number.
    pub(super) fn new(index: usize, legend_format: String, expr: Derived<String>) -> Self {
        let letter = u8::try_from(index).ok().filter(|it| *it < 26).map(|it| char::from(b'A' + it));
        let ref_id = letter.map_or_else(|| format!("Q{}", index + 1), String::from);
        Self { expr, legend_format, ref_id, datasource: Source::prometheus() }
    }
}

impl Step {
    /// Where the scale begins.
    pub(super) fn base(color: &'static str) -> Self {
        Self { value: None, color }
    }
}
