//! kubectl: the written folders as Kustomize bases, and capgen as its plugin.

use std::path::PathBuf;

use serde::Deserialize as _;
use serde_json::Value as Json;

use crate::scratch::Scratch;
use crate::{Check, examples, expect, package, program};

pub(crate) static CHECKS: &[Check] = &[
    ("kustomize-takes-every-example", kustomize_takes_every_example),
    ("kustomize-refuses-a-folder-without-a-file", kustomize_refuses_a_folder_without_a_file),
    ("a-folder-is-a-base", a_folder_is_a_base),
    ("components-patch-a-deployment", components_patch_a_deployment),
    ("components-leave-other-objects-alone", components_leave_other_objects_alone),
    ("affinity-patches-a-service", affinity_patches_a_service),
    ("affinity-leaves-other-services-alone", affinity_leaves_other_services_alone),
    ("an-emergency-raises-the-autoscalers-alone", an_emergency_raises_the_autoscalers_alone),
    ("capgen-is-a-plugin", capgen_is_a_plugin),
];

/// What is not there.
pub(crate) fn missing() -> Option<String> {
    find().is_none().then(|| "kubectl is not there (golden-tests/cluster/apiserver/build)".to_owned())
}

/// The one that was built here comes first, for others may be of any version.
fn find() -> Option<PathBuf> {
    let built = package("target/ci/bin/kubectl");
    if built.is_file() { Some(built) } else { program::find("kubectl") }
}

fn scratch() -> Result<Scratch, String> {
    let scratch = Scratch::platform()?;
    scratch.link(&find().ok_or("kubectl is not there")?, "bin/kubectl")?;
    scratch.link(&PathBuf::from(env!("CARGO_BIN_EXE_capgen")), "bin/kubectl-capgen")?;
    Ok(scratch)
}

/// Every document that is listed comes out, and nothing else.
fn kustomize_takes_every_example() -> Result<(), String> {
    let scratch = scratch()?;
    for name in examples()? {
        let folder = package("examples").join(&name).join("generated");
        let said = scratch.run("kubectl", &["kustomize", &folder.display().to_string()])?;
        said.must(0, "")?;
        let text = crate::read(&format!("examples/{name}/generated/kustomization.yaml"))?;
        let kustomization: Json = serde_yaml::from_str(&text).map_err(|error| error.to_string())?;
        let files = kustomization["resources"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let mut listed = Vec::new();
        for file in files {
            listed.extend(objects(&crate::read(&format!("examples/{name}/generated/{file}"))?)?);
        }
        let mut printed = objects(&said.stdout)?;
        listed.sort();
        printed.sort();
        expect(listed == printed && !listed.is_empty(), format!("{name}: {listed:?} is listed, not {printed:?}"))?;
    }
    Ok(())
}

fn kustomize_refuses_a_folder_without_a_file() -> Result<(), String> {
    let scratch = scratch()?;
    scratch.run("rm", &["generated/k8s/inferadb/hpa.yaml"])?.must(0, "")?;
    scratch.run("kubectl", &["kustomize", "generated"])?.must(1, "hpa.yaml")
}

/// As docs/pipelines.md has it.
fn a_folder_is_a_base() -> Result<(), String> {
    let scratch = scratch()?;
    let overlay = crate::pages::block("docs/pipelines.md", "kustomization.yaml")?;
    scratch.write("platform/overlay/kustomization.yaml", &overlay)?;
    scratch.run("kubectl", &["kustomize", "overlay"])?.must(0, "kind: HorizontalPodAutoscaler")
}

/// The component of an emergency changes floors and ceilings to those of the spec, and nothing else.
fn an_emergency_raises_the_autoscalers_alone() -> Result<(), String> {
    let scratch = scratch()?;
    let overlay = "resources: [../generated]\ncomponents: [../generated/components/emergency]\n";
    scratch.write("platform/overlay/kustomization.yaml", overlay)?;
    let documents = |folder: &str| -> Result<Vec<Json>, String> {
        let said = scratch.run("kubectl", &["kustomize", folder])?;
        said.must(0, "kind: HorizontalPodAutoscaler")?;
        let documents = serde_yaml::Deserializer::from_str(&said.stdout).map(Json::deserialize);
        documents.collect::<Result<_, _>>().map_err(|error| error.to_string())
    };
    let mut expected = documents("generated")?;
    for it in expected.iter_mut().filter(|it| it["kind"] == "HorizontalPodAutoscaler") {
        it["spec"]["minReplicas"] = 30.into();
        it["spec"]["maxReplicas"] = 50.into();
    }
    let found = documents("overlay")?;
    expect(found == expected, format!("{found:#?}"))
}

/// A Deployment with everything that a patch must not touch; one variable is taken over.
const DEPLOYMENT: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: inferadb }
spec:
  replicas: 5
  selector: { matchLabels: { app: inferadb } }
  template:
    metadata: { labels: { app: inferadb }, annotations: { team: storage } }
    spec:
      containers:
        - name: inferadb
          image: inferadb:1.2.3
          env:
            - { name: INFERADB__SERVER__WORKER_THREADS, value: "1" }
            - { name: OWN, value: stays }
          envFrom: [{ secretRef: { name: inferadb } }]
          livenessProbe: { httpGet: { path: /livez, port: 8080 } }
          resources: { limits: { cpu: 500m, ephemeral-storage: 1Gi } }
        - name: sidecar
          image: sidecar:1
          resources: { limits: { cpu: 100m } }
"#;

/// The Deployment as the overlay of docs/targets.md gives it; `name` is that of the base's.
fn overlaid(name: &str) -> Result<Json, String> {
    let scratch = scratch()?;
    let overlay = crate::pages::block("docs/targets.md", "overlay/kustomization.yaml")?;
    scratch.write("platform/overlay/kustomization.yaml", &overlay)?;
    scratch.write("platform/base/kustomization.yaml", "resources: [deployment.yaml]\n")?;
    scratch.write(
        "platform/base/deployment.yaml",
        &DEPLOYMENT.replace("name: inferadb }\nspec", &format!("name: {name} }}\nspec")),
    )?;
    let said = scratch.run("kubectl", &["kustomize", "overlay"])?;
    said.must(0, "kind: HorizontalPodAutoscaler")?;
    let documents = serde_yaml::Deserializer::from_str(&said.stdout).map(Json::deserialize);
    let documents: Vec<Json> = documents.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let deployments: Vec<&Json> = documents.iter().filter(|it| it["kind"] == "Deployment").collect();
    expect(deployments.len() == 1, format!("{documents:?}"))?;
    Ok(deployments[0].clone())
}

/// What the spec decides is laid on, and nothing else changes.
fn components_patch_a_deployment() -> Result<(), String> {
    let mut expected: Json = serde_yaml::from_str(DEPLOYMENT).map_err(|error| error.to_string())?;
    let found = overlaid("inferadb")?;
    let checksum = &found["spec"]["template"]["metadata"]["annotations"]["checksum/env"];
    expect(checksum.as_str().is_some_and(|it| it.len() == 64), format!("{found:#}"))?;
    let variable = |name: &str| serde_json::json!({ "name": name, "valueFrom": { "configMapKeyRef": { "name": "inferadb-env", "key": name } } });
    let template = &mut expected["spec"]["template"];
    template["metadata"]["annotations"]["checksum/env"] = checksum.clone();
    let container = &mut template["spec"]["containers"][0];
    container["env"] = serde_json::json!([
        variable("INFERADB__CACHE__MAX_CAPACITY"),
        variable("INFERADB__SERVER__WORKER_THREADS"),
        { "name": "OWN", "value": "stays" },
    ]);
    container["resources"] = serde_json::json!({
        "limits": { "cpu": "4", "memory": "8Gi", "ephemeral-storage": "1Gi" },
        "requests": { "cpu": "2", "memory": "4Gi" },
    });
    expect(found == expected, format!("{found:#}\nis not\n{expected:#}"))
}

fn components_leave_other_objects_alone() -> Result<(), String> {
    let text = DEPLOYMENT.replace("name: inferadb }\nspec", "name: inferadb-canary }\nspec");
    let expected: Json = serde_yaml::from_str(&text).map_err(|error| error.to_string())?;
    let found = overlaid("inferadb-canary")?;
    expect(found == expected, format!("{found:#}"))
}

/// A Service as somebody wrote it.
const SERVICE: &str = r#"
apiVersion: v1
kind: Service
metadata: { name: wakala-websocket, namespace: production }
spec:
  selector: { app: wakala-websocket }
  ports: [{ name: ws, port: 80, targetPort: 8080 }]
"#;

/// The Service under the component of Wakala's example; `name` is that of the Service.
fn with_affinity(name: &str) -> Result<(Json, Json), String> {
    let scratch = scratch()?;
    let written = SERVICE.replace("name: wakala-websocket,", &format!("name: {name},"));
    for file in ["kustomization.yaml", "websocket.patch.yaml"] {
        let text = crate::read(&format!("examples/wakala/generated/components/affinity/{file}"))?;
        scratch.write(&format!("platform/affinity/{file}"), &text)?;
    }
    scratch.write("platform/overlay/service.yaml", &written)?;
    let overlay = "resources: [service.yaml]\ncomponents: [../affinity]\n";
    scratch.write("platform/overlay/kustomization.yaml", overlay)?;
    let said = scratch.run("kubectl", &["kustomize", "overlay"])?;
    said.must(0, "kind: Service")?;
    let read = |text: &str| serde_yaml::from_str(text).map_err(|error| error.to_string());
    Ok((read(&written)?, read(&said.stdout)?))
}

/// The affinity is laid on; selector and ports stay.
fn affinity_patches_a_service() -> Result<(), String> {
    let (mut expected, found) = with_affinity("wakala-websocket")?;
    expected["spec"]["sessionAffinity"] = "ClientIP".into();
    expected["spec"]["sessionAffinityConfig"] = serde_json::json!({ "clientIP": { "timeoutSeconds": 86_400 } });
    expect(found == expected, format!("{found:#}\nis not\n{expected:#}"))
}

fn affinity_leaves_other_services_alone() -> Result<(), String> {
    let (expected, found) = with_affinity("wakala-websocket-canary")?;
    expect(found == expected, format!("{found:#}"))
}

/// kubectl gives what capgen gives, the exit status too.
fn capgen_is_a_plugin() -> Result<(), String> {
    let scratch = scratch()?;
    scratch.run("kubectl", &["plugin", "list"])?.must(0, "kubectl-capgen")?;
    scratch.edit("platform/capacity.toml", "= 100_000", "= 120_000")?;
    for arguments in [&["diff", "--exit-code"][..], &["build", "--check"], &["explain", "nothing"]] {
        let own = scratch.run("capgen", arguments)?;
        let plugin = scratch.run("kubectl", &[&["capgen"], arguments].concat())?;
        let same = (own.status, &own.stdout, &own.stderr) == (plugin.status, &plugin.stdout, &plugin.stderr);
        expect(same && own.status != 0, format!("`{arguments:?}`: {own}\nas a plugin: {plugin}"))?;
    }
    Ok(())
}

/// What the documents of a text are: kind, namespace, name.
fn objects(text: &str) -> Result<Vec<String>, String> {
    let documents = serde_yaml::Deserializer::from_str(text).map(Json::deserialize);
    let documents: Vec<Json> = documents.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let name = |it: &Json| format!("{} {}/{}", it["kind"], it["metadata"]["namespace"], it["metadata"]["name"]);
    Ok(documents.iter().map(name).collect())
}
