//! What is hidden, and what is not.

use super::*;

fn check(key: &str, value: &str, expected: &str) {
    let map = Node::from(Value::Map(vec![(key.to_owned().into(), Value::Text(value.to_owned().into()).into())]));
    assert_eq!(text(value, hides(&map, key)), expected);
    assert_eq!(tree(map).get(key).and_then(Node::as_str), Some(expected));
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
        "{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"S3CRETx\"}]}",
        "env:\n- name: API_TOKEN\n  value: S3CRETx\n",
        "[\"--password\",\"S3CRETx\"]",
        "if ($arg_token != \"S3CRETx\")",
        "sk_live_S3CRETx0123456789abcdef",
        "ghp_S3CRETx0123456789abcdefghijklmnop",
        "a key glpat-S3CRETx0123456789ab",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJTM0NSRVR4In0.S3CRETx",
        "https://hooks.slack.com/services/T0000/B0000/S3CRETx000000",
        "-----BEGIN RSA PRIVATE KEY-----\nS3CRETx\n-----END RSA PRIVATE KEY-----",
    ] {
        let masked = text(shape, false);
        assert!(!masked.contains("S3CRETx") && masked.contains(HIDDEN), "{shape} is shown as {masked}");
    }
    for key in [
        "dbPasswordName",
        "clientSecretQuery",
        "pass",
        "pwd",
        "dsn",
        "proxy_set_header Authorization",
        "proxy_set_header Cookie",
        "PASSPHRASE",
        "PGPASS",
        "DB_PASS",
        "DB_PWD",
        "APP_CREDENTIALS",
        "SIGNING_SALT",
        "accessToken",
        "kubectl.kubernetes.io/last-applied-configuration",
    ] {
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
        "rbac.authorization.k8s.io/v1".to_owned(),
        "rbac.authorization.k8s.io".to_owned(),
        "asia-northeast1-a".to_owned(),
        "name: api\nvalue: 5".to_owned(),
    ] {
        assert_eq!(text(&plain, false), plain);
    }
    for key in [
        "key",
        "listName",
        "address",
        "host",
        "authenticationRef",
        "auth_file",
        "imagePullSecrets",
        "MAX_TOKENS",
        "TOKENS_PER_SECOND",
        "TOKENIZER_PATH",
        "TOKEN_TTL",
        "PASSWORD_FILE",
        "proxy_pass",
        "proxy_cookie_path /",
    ] {
        check(key, "spot", "spot");
    }
}

#[test]
fn everything_below_a_secret_is_hidden() {
    let inner = Value::Map(vec![("a".into(), Value::List(vec![Value::Int(7).into()]).into())]);
    let node = tree(Value::Map(vec![("credentials".into(), inner.into())]).into());
    assert!(!format!("{node:?}").contains('7'));
}

/// Variables have their names beside their values.
#[test]
fn the_value_of_a_secret_variable_is_hidden() {
    let text = |it: &str| Node::from(Value::Text(it.to_owned().into()));
    let variable = |name| Value::Map(vec![("name".into(), text(name)), ("value".into(), text("S3CRETx"))]).into();
    let shown = format!("{:?}", tree(Value::List(vec![variable("DB_PASSWORD"), variable("REGION")]).into()));
    assert_eq!(shown.matches("S3CRETx").count(), 1, "{shown}");
}

#[test]
fn what_a_secret_of_kubernetes_holds_is_hidden_and_that_of_a_config_map_is_not() {
    let text = |it: &str| Node::from(Value::Text(it.to_owned().into()));
    let object = |kind| {
        let data = Value::Map(vec![("bar".into(), text("S3CRETx"))]);
        tree(Value::Map(vec![("kind".into(), text(kind)), ("stringData".into(), data.into())]).into())
    };
    assert!(!format!("{:?}", object("Secret")).contains("S3CRETx"));
    assert!(format!("{:?}", object("ConfigMap")).contains("S3CRETx"));
}

#[test]
fn the_argument_after_a_secret_flag_is_hidden() {
    let text = |it: &str| Node::from(Value::Text(it.to_owned().into()));
    let list = |items: &[&str]| tree(Value::List(items.iter().map(|it| text(it)).collect()).into());
    let shown = format!("{:?}", list(&["--user", "app", "--password", "S3CRETx", "--verbose"]));
    assert!(!shown.contains("S3CRETx") && shown.contains("app") && shown.contains("--verbose"), "{shown}");
    assert!(format!("{:?}", list(&["--token-ttl", "S3CRETx"])).contains("S3CRETx"));
}
