//! What is hidden, and what is not.

use super::*;

fn check(key: &str, value: &str, expected: &str) {
    let path = Path(vec![Step::Key("databases".to_owned()), Step::Key(key.to_owned())]);
    assert_eq!(text(&path, value), expected);
    let tree = tree(&Value::Map(vec![(key.to_owned().into(), Value::Text(value.to_owned().into()).into())]).into());
    assert_eq!(tree.get(key).and_then(Node::as_str), Some(expected));
}

#[test]
fn secrets_are_hidden() {
    check("password", "hunter2", HIDDEN);
    check("DB_PASSWORD", "hunter2", HIDDEN);
    check("client-secret", "hunter2", HIDDEN);
    check("apiToken", "hunter2", HIDDEN);
}

#[test]
fn what_only_names_a_secret_is_shown() {
    check("passwordFromEnv", "REDIS_PASSWORD", "REDIS_PASSWORD");
    check("secretName", "kafka", "kafka");
    check("automountServiceAccountToken", "true", "true");
    check("host", "db.internal", "db.internal");
}

#[test]
fn urls_lose_their_user() {
    check("host", "amqp://guest:guest@rabbit:5672/vhost", "amqp://(hidden)@rabbit:5672/vhost");
    check("host", "redis://:p@ss@redis:6379 and http://ok/", "redis://(hidden)@redis:6379 and http://ok/");
    check("host", "http://host/a@b", "http://host/a@b");
}

#[test]
fn assignments_lose_their_value() {
    check("conninfo", "host=db password=a user=b", "host=db password=(hidden) user=b");
    check("conninfo", "PASSWORD='a b' user=b", "PASSWORD=(hidden)");
    check("conninfo", "a?token=x&b=password=y", "a?token=(hidden)&b=password=(hidden)");
}

#[test]
fn everything_below_a_secret_is_hidden() {
    let inner = Value::Map(vec![("a".into(), Value::List(vec![Value::Int(7).into()]).into())]);
    let node = tree(&Value::Map(vec![("credentials".into(), inner.into())]).into());
    assert!(!format!("{node:?}").contains('7'));
}
