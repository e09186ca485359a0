//! The single values of the language: numbers with a range, and texts that obey a rule.
//!
//! Every text of a spec is hostile until it passed one of these rules; no type of the spec holds a bare `String`.

mod names;
pub(super) mod parsed;
mod whole;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::de::{NUMBER, bare};
use super::packed::PackedMap;
use crate::diag::source::{Span, Spanned};
use crate::unit::exact::Exact;
use crate::unit::{aws, kubernetes, prometheus, url};

pub use whole::Whole;

/// Replicas, nodes, connections: more than a hundred million of anything is a slip of the keyboard.
pub const MANY: i64 = 100_000_000;

/// A count that may be zero.
pub type Count = Whole<0, MANY>;
/// A count of at least one.
pub type Positive = Whole<1, MANY>;
/// A percentage of a request; above 100 is legal in Kubernetes.
pub type Percent = Whole<1, 1000>;
/// A TCP port.
pub type Port = Whole<1, 65535>;

/// A decimal number, exact, at least zero, and above zero where `POSITIVE`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decimal<const POSITIVE: bool>(pub Exact);

/// Demand: per second, or open at once. It may be zero.
pub type Rate = Decimal<false>;
/// What something carries, or a factor: never zero.
pub type Factor = Decimal<true>;

impl<'de, const POSITIVE: bool> Deserialize<'de> for Decimal<POSITIVE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<const POSITIVE: bool>;
        impl<const POSITIVE: bool> Visitor<'_> for Text<POSITIVE> {
            type Value = Decimal<POSITIVE>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let what = if POSITIVE { "a number above 0" } else { "a number, 0 or more" };
                write!(f, "{what}\nwrite one such as `5_000` or `66.6`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let number = Exact::parse(text).map_err(|fault| {
                    E::custom(format_args!(
                        "{fault}\nwrite one such as `5_000`, with 12 digits before the point and 9 behind it at most"
                    ))
                })?;
                match number.is_positive() || (!POSITIVE && number.is_zero()) {
                    true => Ok(Decimal(number)),
                    false => Err(E::invalid_value(de::Unexpected::Other(&format!("`{text}`")), &self)),
                }
            }
        }
        deserializer.deserialize_newtype_struct(NUMBER, Text)
    }
}

impl<const POSITIVE: bool> JsonSchema for Decimal<POSITIVE> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        if POSITIVE { "Factor".into() } else { "Rate".into() }
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        match POSITIVE {
            true => json_schema!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1e12 }),
            false => json_schema!({ "type": "number", "minimum": 0, "maximum": 1e12 }),
        }
    }
}

impl<const POSITIVE: bool> fmt::Display for Decimal<POSITIVE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a text must look like.
pub trait Rule: Sized {
    /// What is expected, for messages and the schema: "a DNS label such as `api`".
    const EXPECTED: &'static str;
    /// A regular expression for editors; empty where the rule is no regular language.
    const PATTERN: &'static str;
    /// `Err` says what is wrong.
    fn check(text: &str) -> Result<(), String>;
}

/// A text that passed its rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<R> {
    text: String,
    rule: PhantomData<R>,
}

impl<R: Rule> Text<R> {
    /// A text that obeys the rule, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        R::check(text).map(|()| Self { text: text.to_owned(), rule: PhantomData })
    }
}

impl<R> Text<R> {
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R> fmt::Display for Text<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// Reads a text through a function that parses or refuses it.
struct Parse<T> {
    expected: &'static str,
    parse: fn(&str) -> Result<T, String>,
}

impl<T> Visitor<'_> for Parse<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected.split_once(" such as ") {
            Some((what, example)) => write!(f, "{what}\nwrite one such as {example}"),
            None => f.write_str(self.expected),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_bytes(number.to_string().as_bytes())
    }

    fn visit_bytes<E: de::Error>(self, digits: &[u8]) -> Result<T, E> {
        let text = String::from_utf8_lossy(digits);
        // Where a unit is missing, seconds are what people count in.
        let with_unit = format!("{text}s");
        let text = match ((self.parse)(&text).is_ok(), self.expected.starts_with("a duration")) {
            (true, _) => text,
            (false, true) if (self.parse)(&with_unit).is_ok() => {
                let fault = "expected a duration, found the number";
                return Err(E::custom(format_args!("{fault} `{text}`\nwrite `\"{with_unit}\"` for seconds")));
            }
            _ => return Err(E::invalid_type(de::Unexpected::Bytes(digits), &self)),
        };
        let (what, found) = (self.expected.split(" such as ").next().unwrap_or_default(), bare(&text));
        Err(E::custom(format_args!("expected {what}, found {found}\nwrite it in quotes: `\"{text}\"`")))
    }
}

impl<'de, R: Rule> Deserialize<'de> for Text<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| Self::parse(text).map_err(|fault| parsed::with_help(fault, R::EXPECTED));
        deserializer.deserialize_any(Parse { expected: R::EXPECTED, parse })
    }
}

impl<R: Rule> JsonSchema for Text<R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        R::EXPECTED.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        match R::PATTERN {
            "" => json_schema!({ "type": "string" }),
            pattern => json_schema!({ "type": "string", "pattern": pattern }),
        }
    }
}

/// Declares a rule: its name, what is expected, the editors' pattern, the check.
macro_rules! rules {
    ($($(#[$docs:meta])* $name:ident: $expected:literal, $pattern:literal, $check:expr;)*) => {
        $($(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {}

        impl Rule for $name {
            const EXPECTED: &'static str = $expected;
            const PATTERN: &'static str = $pattern;
            fn check(text: &str) -> Result<(), String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text)
            }
        })*
    };
}

rules! {
    /// A Kubernetes DNS label (RFC 1123).
    DnsLabel: "a DNS label such as `api-1`", "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", kubernetes::dns_label;
    /// A Kubernetes DNS subdomain (RFC 1123).
    DnsSubdomain: "a DNS name such as `api-hpa`", "^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", kubernetes::dns_subdomain;
    /// The value of a Kubernetes label.
    LabelValue: "a label value such as `wakala-api`", "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$", kubernetes::label_value;
    /// The key of a Kubernetes label.
    LabelKey: "a label key such as `app.kubernetes.io/name`", "", kubernetes::qualified_name;
    /// The name of a metric or of a kind: one segment of a URL path.
    PathSegment: "a name without `/` and `%` such as `http_requests_per_second`", "", path_segment;
    /// A kind of Kubernetes objects: it becomes an argument of `kubectl`.
    KindName: "a kind such as `Deployment`", "^[A-Z][A-Za-z0-9]{0,62}$", kind_name;
    /// An API version with its group: RBAC takes the group as it is.
    GroupVersion: "an API version with its group such as `apps/v1`", "^[a-z0-9.-]+/v[0-9]+((alpha|beta)[0-9]+)?$", group_version;
    /// A container image.
    Image: "an image such as `registry.k8s.io/kubectl:v1.34.0`", "", kubernetes::image_reference;
    /// A host name or address.
    Host: "a host such as `primary-db` or `10.0.0.7`", "", kubernetes::host;
    /// An environment variable.
    VariableName: "the name of an environment variable such as `KAFKA_BROKER`", "^[A-Za-z_][A-Za-z0-9_]*$", kubernetes::environment_variable_name;
    /// A key of our own tables that becomes a file name.
    TableName: "a name of lowercase letters, digits and `-` such as `api-1`", "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", kubernetes::dns_label;
    /// The name of a PgBouncer `[databases]` entry, of an nginx upstream, of an EKS node group.
    EntryName: "a name of letters, digits, `_`, `-` and `.` such as `labeling_ro`", "^[A-Za-z0-9_.-]+$", entry_name;
    /// The name of an EKS cluster.
    ClusterName: "a name of letters, digits and `-` such as `wakala-production`", "^[A-Za-z0-9][-A-Za-z0-9]{0,99}$", names::cluster_name;
    /// The name of a cluster or a service of ECS.
    EcsName: "a name of letters, digits, `_` and `-` such as `web-1`", "^[A-Za-z0-9_-]{1,255}$", names::ecs_name;
    /// The name of a scaling policy.
    PolicyName: "a name of printable characters such as `web-cpu`", "^[!-~]{1,255}$", names::policy_name;
    /// A load balancer and its target group, as `ALBRequestCountPerTarget` names them.
    AlbResource: "the ends of both ARNs such as `app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff`", "^app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+$", names::alb_resource;
    /// A machine image as Karpenter names it.
    AmiAlias: "an image and its version such as `al2023@v20260720`", "^(al2023|bottlerocket)@[A-Za-z0-9.-]{1,64}$", aws::ami_alias;
    /// The name of an IAM role.
    RoleName: "the name of an IAM role such as `KarpenterNodeRole-production`", "^[A-Za-z0-9_+=,.@-]{1,64}$", aws::role_name;
    /// The name of an EKS node group.
    NodeGroupName: "a name of letters, digits and `-` such as `general`", "^[A-Za-z0-9][-A-Za-z0-9]{0,62}$", names::node_group_name;
    /// The name of a Kafka topic (`org.apache.kafka.common.internals.Topic`); it becomes an argument of a command.
    TopicName: "the name of a topic of letters, digits, `_`, `-` and `.` such as `orders.created`", "^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,248}$", topic_name;
    /// One line of plain text without control characters.
    Line: "one line of text without control characters such as \"one line\"", "", line;
    /// One word of printable ASCII without blanks and quotes.
    Word: "one word without blanks and quotes such as `one-word`", "", word;
    /// A path in the spec's own folder or an absolute one of another machine; no control characters or quotes.
    FilePath: "a path without blanks and quotes such as `generated`", "", file_path;
    /// A text around a number, which stands for `{}`.
    Format: "a text with `{}` where the number goes such as `--max-old-space-size={}`", "\\{\\}", format;
    /// A day of the calendar.
    Day: "a date in quotes such as \"2027-01-31\"", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", day;
    /// A Kubernetes version, major and minor.
    KubernetesVersion: "a version such as \"1.34\"", "^1\\.[0-9]{1,2}$", kubernetes_version;
    /// The name of a Prometheus metric.
    MetricName: "the name of a metric such as `http_requests_total`", "^[a-zA-Z_:][a-zA-Z0-9_:]*$", prometheus::metric_name;
    /// The name of a Prometheus label.
    LabelName: "the name of a label such as `team`", "^[a-zA-Z_][a-zA-Z0-9_]*$", prometheus::label_name;
    /// A pattern for status codes: a part of RE2.
    Pattern: "a pattern such as `5..` or `5..|429`", "^[A-Za-z0-9_.|-]+$", prometheus::pattern;
    /// The identifier of a Grafana dashboard.
    DashboardUid: "letters, digits, `-` and `_`, 40 at most, such as `shop-capacity`", "^[A-Za-z0-9_-]{1,40}$", url::dashboard_uid;
    /// The name of an HTTP header.
    HeaderName: "the name of a header such as `Accept`", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", url::header_name;
    /// The value of an HTTP header.
    HeaderValue: "a line of ASCII such as `application/json`", "^[ -~]+$", url::header_value;
    /// An HTTP method.
    HttpMethod: "a method such as `GET`", "^[A-Z]{3,10}$", url::method;
    /// A path below an address, with its query.
    RequestPath: "a path such as `/api/v1/tasks?limit=10`", "^/[!-~]*$", url::path;
    /// Where a service answers.
    BaseUrl: "an address such as `https://shop.example.com`", "^https?://", url::http;
    /// The address of a page.
    Url: "an address such as `https://example.com/runbook`", "^https?://", url::http;
    /// Where a link of a page leads to.
    LinkTarget: "an address such as `https://example.com/dashboard`, `mailto:team@example.com` or `./incident-response.md`", "", link_target;
    /// A version of PgBouncer or nginx, major and minor.
    MinorVersion: "a version such as \"1.25\"", "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", minor_version;
    /// A version of PostgreSQL, whose first number alone decides what it knows.
    PostgresqlVersion: "a version such as \"17\"", "^[0-9]+(\\.[0-9]+)?$", postgresql_version;
}

fn kind_name(text: &str) -> Result<(), String> {
    let is_plain = text.starts_with(|it: char| it.is_ascii_uppercase()) && text.len() <= 63;
    match is_plain && text.bytes().all(|it| it.is_ascii_alphanumeric()) {
        true => Ok(()),
        false => Err(format!("`{}` is not a kind: letters and digits, a capital first", text.escape_debug())),
    }
}

fn group_version(text: &str) -> Result<(), String> {
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = |it: &str| {
        let it = it.strip_prefix('v').unwrap_or_default();
        let (major, minor) = it.split_once("alpha").or_else(|| it.split_once("beta")).unwrap_or((it, "1"));
        is_number(major) && is_number(minor)
    };
    match text.split_once('/') {
        Some((group, version)) if kubernetes::dns_subdomain(group).is_ok() && is_version(version) => Ok(()),
        _ => Err(format!("`{}` is not an API version with a group", text.escape_debug())),
    }
}

fn entry_name(text: &str) -> Result<(), String> {
    let fault = |fault: String| Err(format!("`{}` is not a name: {fault}", text.escape_debug()));
    if text.is_empty() || text.len() > 63 {
        return fault(format!("it has {} characters, 1 to 63 fit", text.chars().count()));
    }
    match text.chars().find(|it| !(it.is_ascii_alphanumeric() || "_.-".contains(*it))) {
        Some(wrong) => fault(format!("`{}` is not allowed", wrong.escape_debug())),
        None if text.starts_with(['.', '-']) => fault("it starts with `.` or `-`".to_owned()),
        None => Ok(()),
    }
}

fn topic_name(text: &str) -> Result<(), String> {
    let fault = |fault: String| Err(format!("`{}` is not the name of a topic: {fault}", text.escape_debug()));
    if text.is_empty() || text.len() > 249 {
        return fault(format!("it has {} characters, 1 to 249 fit", text.chars().count()));
    }
    match text.chars().find(|it| !(it.is_ascii_alphanumeric() || "_.-".contains(*it))) {
        Some(wrong) => fault(format!("`{}` is not allowed", wrong.escape_debug())),
        None if text == "." || text == ".." => fault("Kafka keeps it for itself".to_owned()),
        None if text.starts_with('-') => fault("it starts with `-`, which programs take for a flag".to_owned()),
        None => Ok(()),
    }
}

fn line(text: &str) -> Result<(), String> {
    match text.chars().find(|it| it.is_control() || is_invisible(*it)) {
        Some(wrong) => Err(not_allowed(text, wrong)),
        None if text.trim().is_empty() => Err("the text is empty".to_owned()),
        None => Ok(()),
    }
}

fn format(text: &str) -> Result<(), String> {
    line(text)?;
    match text.contains("{}") {
        true => Ok(()),
        false => Err(format!("`{}` has no place for the number", text.escape_debug())),
    }
}

fn word(text: &str) -> Result<(), String> {
    match text.chars().find(|it| !it.is_ascii_graphic() || "'\"`\\{}$;#".contains(*it)) {
        Some(wrong) => Err(not_allowed(text, wrong)),
        None if text.is_empty() => Err("the text is empty".to_owned()),
        None => Ok(()),
    }
}

fn file_path(text: &str) -> Result<(), String> {
    word(text)?;
    match text.starts_with('-') {
        true => Err(format!("`{text}` starts with `-`, which programs take for a flag")),
        false => Ok(()),
    }
}

/// A page shows it to people, who trust it: no scheme that runs something, and no password.
fn link_target(text: &str) -> Result<(), String> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-._~:/?#[]@!$&()*+,;=%".contains(it);
    if let Some(wrong) = text.chars().find(|it| !is_plain(*it)) {
        return Err(not_allowed(text, wrong));
    }
    let before_path = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match before_path.split_once(':') {
        Some((scheme, _)) => (scheme, &text[scheme.len() + 1..]),
        None => ("", text),
    };
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next());
    match (scheme, authority) {
        (_, Some(authority)) if authority.contains('@') => {
            Err("an address with a user or a password would write the secret into a file".to_owned())
        }
        ("https" | "http", Some(host)) if !host.is_empty() => Ok(()),
        ("mailto", None) if rest.contains('@') => Ok(()),
        ("", None) if !text.is_empty() => Ok(()),
        _ => Err(format!("`{}` is no address that a page may lead to", text.escape_debug())),
    }
}

fn path_segment(text: &str) -> Result<(), String> {
    kubernetes::path_segment(text)?;
    line(text)
}

fn day(text: &str) -> Result<(), String> {
    if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        return Ok(());
    }
    let fault = format!("`{}` is no date", text.escape_debug());
    let mut parts = text.split('-').map(|it| it.parse::<i16>().ok().filter(|it| *it > 0));
    let (Some(Some(year @ 1000..=9999)), Some(Some(month @ 1..=12)), Some(Some(day @ 1..=31)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(fault);
    };
    let first = format!("{year}-{month:02}-01").parse::<jiff::civil::Date>();
    let days = first.map_or(31, |it| i16::from(it.days_in_month()));
    match day > days {
        true => Err(format!("{fault}: this month has {days} days, write \"{year}-{month:02}-{days}\" or another day")),
        false => Err(format!("{fault}: month and day have two digits, write \"{year}-{month:02}-{day:02}\"")),
    }
}

fn not_allowed(text: &str, wrong: char) -> String {
    format!("`{}` has the character `{}`, which is not allowed here", text.escape_debug(), wrong.escape_debug())
}

/// Characters that a reviewer cannot see but a program can: bidirectional controls, zero-width ones, byte order marks.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Major and minor alone: the API does not change in a patch.
fn kubernetes_version(text: &str) -> Result<(), String> {
    let minor = text.strip_prefix("1.").unwrap_or_default();
    match matches!(minor.len(), 1 | 2) && minor.bytes().all(|it| it.is_ascii_digit()) {
        true => Ok(()),
        false => Err(format!("`{}` is not the minor version of a cluster", text.escape_debug())),
    }
}

fn minor_version(text: &str) -> Result<(), String> {
    match version(text) {
        Some(_) => Ok(()),
        None => Err(format!("`{}` is no version", text.escape_debug())),
    }
}

fn postgresql_version(text: &str) -> Result<(), String> {
    match major(text) {
        Some(_) => Ok(()),
        None => Err(format!("`{}` is no version", text.escape_debug())),
    }
}

/// The major number of a version text that may have a minor one.
pub fn major(text: &str) -> Option<u32> {
    match text.contains('.') {
        true => version(text).map(|(major, _)| major),
        false => version(&format!("{text}.0")).map(|(major, _)| major),
    }
}

/// Major and minor of a version text.
pub fn version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let (minor, patch) = rest.split_once('.').unwrap_or((rest, "0"));
    let number = |part: &str| match part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit()) {
        true => part.parse().ok(),
        false => None,
    };
    number(patch)?;
    Some((number(major)?, number(minor)?))
}

/// A named table, `[service.NAME]`, or a map with keys of a kind; sorted, each key with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<K, T>(pub(super) PackedMap<String, Entry<T>>, PhantomData<K>);

/// One entry of a [`Named`].
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// Where the name stands.
    pub key: Span,
    pub value: T,
}

impl<K, T> Default for Named<K, T> {
    fn default() -> Self {
        Self(PackedMap::default(), PhantomData)
    }
}

impl<K, T> FromIterator<(String, Entry<T>)> for Named<K, T> {
    fn from_iter<I: IntoIterator<Item = (String, Entry<T>)>>(entries: I) -> Self {
        Self(entries.into_iter().collect(), PhantomData)
    }
}

impl<K, T> Named<K, T> {
    pub fn get(&self, name: &str) -> Option<&Entry<T>> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry<T>)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every entry, sorted by name.
    pub fn as_slice(&self) -> &[(String, Entry<T>)] {
        self.0.as_slice()
    }
}

impl<'de, K: Rule, T: Deserialize<'de>> Deserialize<'de> for Named<K, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<K, T>(PhantomData<(K, T)>);
        impl<'de, K: Rule, T: Deserialize<'de>> Visitor<'de> for Entries<K, T> {
            type Value = Named<K, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table\nwrite `{ name = … }`")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(key) = map.next_key::<Spanned<Text<K>>>()? {
                    let value = map.next_value()?;
                    entries.push((key.value.text, Entry { key: key.span, value }));
                }
                Ok(entries.into_iter().collect())
            }
        }
        deserializer.deserialize_any(Entries(PhantomData))
    }
}

impl<K, T: JsonSchema> JsonSchema for Named<K, T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Table_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": entry })
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
