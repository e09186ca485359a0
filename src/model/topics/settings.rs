//! The settings of a topic: which there are, and what their values look like.
//!
//! The names are those of `org.apache.kafka.common.config.TopicConfig` and of the broker's own topic settings, Kafka 4.1. An
//! unknown one makes Kafka refuse the topic, so none gets that far.

use std::fmt;

use crate::diag::{Diagnostic, suggest};
use crate::model::reasons::Reasons;
use crate::spec::pool::Setting;
use crate::spec::topic::Topic as Written;
use crate::why::{Address, Derived};

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(i64),
    Switch(bool),
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Switch(switch) => switch.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Every setting that a topic takes, sorted.
const KEYS: [(&str, Kind); 33] = [
    ("cleanup.policy", Kind::Text),
    ("compression.gzip.level", Kind::Number),
    ("compression.lz4.level", Kind::Number),
    ("compression.type", Kind::Text),
    ("compression.zstd.level", Kind::Number),
    ("delete.retention.ms", Kind::Number),
    ("file.delete.delay.ms", Kind::Number),
    ("flush.messages", Kind::Number),
    ("flush.ms", Kind::Number),
    ("follower.replication.throttled.replicas", Kind::Text),
    ("index.interval.bytes", Kind::Number),
    ("leader.replication.throttled.replicas", Kind::Text),
    ("local.retention.bytes", Kind::Number),
    ("local.retention.ms", Kind::Number),
    ("max.compaction.lag.ms", Kind::Number),
    ("max.message.bytes", Kind::Number),
    ("message.timestamp.after.max.ms", Kind::Number),
    ("message.timestamp.before.max.ms", Kind::Number),
    ("message.timestamp.type", Kind::Text),
    ("min.cleanable.dirty.ratio", Kind::Text),
    ("min.compaction.lag.ms", Kind::Number),
    ("min.insync.replicas", Kind::Number),
    ("preallocate", Kind::Switch),
    ("remote.log.copy.disable", Kind::Switch),
    ("remote.log.delete.on.disable", Kind::Switch),
    ("remote.storage.enable", Kind::Switch),
    ("retention.bytes", Kind::Number),
    ("retention.ms", Kind::Number),
    ("segment.bytes", Kind::Number),
    ("segment.index.bytes", Kind::Number),
    ("segment.jitter.ms", Kind::Number),
    ("segment.ms", Kind::Number),
    ("unclean.leader.election.enable", Kind::Switch),
];

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Switch,
    Text,
}

impl Kind {
    /// The value, where it is of this kind; a text of digits is a number.
    fn read(self, written: &Setting) -> Result<Value, &'static str> {
        match (self, written) {
            (Self::Number, Setting::Number(number)) => Ok(Value::Number(*number)),
            (Self::Switch, Setting::Switch(switch)) => Ok(Value::Switch(*switch)),
            (Self::Text, Setting::Text(text)) => Ok(Value::Text(text.as_str().to_owned())),
            (Self::Number, Setting::Text(text)) => match text.as_str().parse() {
                Ok(number) => Ok(Value::Number(number)),
                Err(_) => Err("write a whole number, such as `604800000` for seven days in milliseconds"),
            },
            (Self::Number, Setting::Switch(_)) => Err("write a whole number"),
            (Self::Switch, _) => Err("write `true` or `false`"),
            (Self::Text, _) => Err("write a text in quotes"),
        }
    }
}

/// The settings of a topic, sorted.
pub(super) fn resolve(
    written: &Written,
    address: &Address,
    replicas: &Derived<i64>,
    reasons: &mut Reasons,
) -> Vec<(String, Derived<Value>)> {
    let at = address.child("config");
    let mut config = Vec::new();
    for (key, entry) in written.config.iter().flat_map(|config| config.iter()) {
        let span = entry.value.span;
        let Some((_, kind)) = KEYS.iter().find(|(it, _)| *it == key) else {
            let message = format!("a topic has no setting `{key}`");
            let help = suggest::help(key, KEYS.iter().map(|(it, _)| *it));
            reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
            continue;
        };
        let value = match kind.read(&entry.value.value) {
            Ok(value) => value,
            Err(help) => {
                let message = format!("`{}` cannot be `{}`", at.child(key), text(&entry.value.value));
                reasons.sink.error(Diagnostic::error(message).at(span, "").help(help));
                continue;
            }
        };
        let value = reasons.taken(at.child(key), value, span);
        if let (Value::Number(least), "min.insync.replicas") = (&value.value, key)
            && *least > replicas.value
        {
            let message = format!(
                "`{}` asks for {least} copies in sync, and `{}` is {}: with `acks=all` nothing can be written",
                at.child(key),
                replicas.address,
                replicas.value,
            );
            let there = written.replicas.map(|it| it.span);
            let diagnostic = Diagnostic::error(message).at(span, "more than there are").at_some(there, "the copies");
            let help = format!("\"min.insync.replicas\" = {}", (replicas.value - 1).max(1));
            reasons.sink.error(diagnostic.help(help));
        }
        config.push((key.to_owned(), value));
    }
    config
}

fn text(setting: &Setting) -> String {
    match setting {
        Setting::Number(number) => number.to_string(),
        Setting::Switch(switch) => switch.to_string(),
        Setting::Text(text) => text.as_str().to_owned(),
    }
}
