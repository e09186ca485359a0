//! What is hidden, and what is not.

use super::*;

fn check(key: &str, value: &str, expected: &str) {
    let path = || ["databases", key].into_iter();
    assert_eq!(text(path(), value), expected);
    let tree = tree(Value::Map(vec![(key.to_owned().into(), Value::Text(value.to_owned().into()).into())]).into());
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

/// Whatever else is shown, the secret is not.
#[test]
fn no_shape_of_a_secret_is_shown() {
    for shape in [
        "amqp://guest:S3CRETx@rabbit:5672/vhost",
        "redis://:p@S3CRETx@redis:6379 and http://ok/",
        "postgres://u:S3CRETx/K?x#y@db/x",
        "user:S3CRETx@tcp(db:3306)/x",
        "host=db password=S3CRETx user=b",
        "PASSWORD='a S3CRETx b' user=b",
        "password: S3CRETx",
        "password = S3CRETx",
        "a?token=S3CRETx&b=c",
        "https://x/?api_key=S3CRETx&sig=S3CRETx",
        "{\"password\":\"S3CRETx\",\"a\":1}",
        "--password S3CRETx --verbose",
        "--db-password=S3CRETx",
        "Authorization: Bearer S3CRETx",
        "Bearer S3CRETx",
        "Endpoint=sb://x/;SharedAccessKey=S3CRETx;a=b",
        "AccountKey=S3CRETx==;",
        "Pwd=S3CRETx;",
        "-----BEGIN RSA PRIVATE KEY-----\nS3CRETx\n-----END RSA PRIVATE KEY-----",
    ] {
        let path = || ["value"].into_iter();
        let masked = text(path(), shape);
        assert!(!masked.contains("S3CRETx") && masked.contains(HIDDEN), "{shape} is shown as {masked}");
    }
    for key in ["dbPasswordName", "clientSecretQuery", "pass", "pwd", "dsn", "proxy_set_header Authorization"] {
        check(key, "S3CRETx", HIDDEN);
    }
}

#[test]
fn what_is_no_secret_is_shown() {
    for plain in [
        "http://host/a@b".replace("@b", ""),
        "registry.k8s.io/kubectl:v1.34.0@sha256:abcdef".to_owned(),
        "acme.events.00003".to_owned(),
        "kafka:9092".to_owned(),
        "{\"spec\":{\"minReplicas\":6}}".to_owned(),
        "ceil(100000 / 5000 × 1.5)".to_owned(),
        "/etc/pgbouncer/userlist.txt".to_owned(),
        "a pass through".to_owned(),
        "tokens per second".to_owned(),
    ] {
        let path = || ["value"].into_iter();
        assert_eq!(text(path(), &plain), plain);
    }
    for key in ["key", "listName", "address", "host", "authenticationRef", "auth_file", "imagePullSecrets"] {
        check(key, "spot", "spot");
    }
}

#[test]
fn everything_below_a_secret_is_hidden() {
    let inner = Value::Map(vec![("a".into(), Value::List(vec![Value::Int(7).into()]).into())]);
    let node = tree(Value::Map(vec![("credentials".into(), inner.into())]).into());
    assert!(!format!("{node:?}").contains('7'));
}
