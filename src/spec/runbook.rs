//! `[runbook]`: the page that somebody on call opens.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Line, LinkTarget, Text};
use crate::diag::source::Spanned;

/// The page for who is on call: `RUNBOOK.md`. An empty table is enough.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// Its heading. Default: `Scaling runbook`, with the platform's name.
    pub title: Option<Spanned<Text<Line>>>,
    /// Who answers for the platform: a team, and how to reach it.
    pub owner: Option<Spanned<Text<Line>>>,
    /// Other pages: dashboards, other runbooks, contacts.
    pub links: Option<Vec<Link>>,
    /// What only people know, beside the steps that it belongs to.
    pub notes: Option<Notes>,
}

/// Another page.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What stands there.
    pub title: Spanned<Text<Line>>,
    /// `https://…`, `mailto:…`, or a path relative to the page.
    pub url: Spanned<Text<LinkTarget>>,
}

/// Sentences of plain text, one list for each part of the page.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// When to scale, and what to look at before.
    pub before: Option<Vec<Spanned<Text<Line>>>>,
    /// While scaling up.
    pub scale_up: Option<Vec<Spanned<Text<Line>>>>,
    /// How to see that it worked.
    pub verify: Option<Vec<Spanned<Text<Line>>>>,
    /// On the way back.
    pub roll_back: Option<Vec<Spanned<Text<Line>>>>,
    /// While scaling down.
    pub scale_down: Option<Vec<Spanned<Text<Line>>>>,
    /// What went wrong before, and what helped.
    pub troubleshooting: Option<Vec<Spanned<Text<Line>>>>,
    /// What keeps it from happening.
    pub prevention: Option<Vec<Spanned<Text<Line>>>>,
}
