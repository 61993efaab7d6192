//! `events/`: for each function of the project's template one event as the gateway sends it, for `cargo lambda invoke`
//! and the console. The requests are the examples of the API description, so no secret is in them: the tokens are
//! `ACCESS_TOKEN`, and the people, conversations and messages those of the examples. The functions take them where these
//! exist: `tests/end_to_end/events.rs`.
//!
//! `UPDATE_EVENTS=1 cargo test -p gateway --test program events` captures them anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::SinkExt;
use gateway::model::HttpRoute;
use gateway::template::{Settings, read};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Run, place, soon};

const KEYS: [(&str, &str); 2] = [
    ("TokenPublicKeys", "k=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ("TokenSigningKey", r#"{"kid":"k","seed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#),
];

/// What the project's authorizer says of the person of the examples, until the end of this century.
const CONTEXT: &str = r#"AUTHORIZER_CONTEXT={"userId":"user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10","sessionId":"sess_3c4d5e6f-7081-4293-a4b5-c6d7e8f90a1b","expiresAt":"4102444800"}"#;

/// What comes after `?`, where something has to.
const QUERIES: [(&str, &str); 4] = [
    ("GET /api/attachments/download-url", "key=ATTACHMENT_KEY"),
    ("GET /api/auth/google/callback", "code=CODE&state=STATE"),
    ("GET /api/conversations/{conversationId}/messages/search", "q=hello"),
    ("GET /api/users/search", "q=ana"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("docs/api").join(name)).unwrap()).unwrap()
}

/// The first example below a media type of the API description.
fn example(content: &Value) -> Option<Value> {
    let first = content["examples"].as_object().and_then(|examples| examples.values().next());
    first.map(|example| example["value"].clone()).or_else(|| content.get("example").cloned())
}

/// The echo function as every function of the template.
async fn start(folder: &Path) -> Run {
    let settings = Settings {
        parameters: KEYS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..Settings::default()
    };
    let application = read(&root().join("template.yaml"), &settings).unwrap();
    for function in application.functions.values() {
        place(&folder.join(gateway::launch::name(function).unwrap()));
    }
    let template = root().join("template.yaml");
    let overrides = KEYS.map(|(name, value)| format!("{name}={value}"));
    let options =
        ["--template", template.to_str().unwrap(), "--binaries", ".", "--env", CONTEXT, "--parameter-overrides"];
    Run::start(folder, &[&options[..], &[&overrides[0], &overrides[1]]].concat()).await
}

/// The event that the next function got, under the name of that function's program.
async fn captured(run: &mut Run, names: &BTreeMap<String, String>) -> (String, Value) {
    loop {
        let log = run.event("log").await;
        if let Some(event) = log["line"].as_str().and_then(|line| line.strip_prefix("EVENT ")) {
            return (names[log["function"].as_str().unwrap()].clone(), serde_json::from_str(event).unwrap());
        }
    }
}

/// The path of a route with the examples of its parameters, and its query.
fn address(route: &HttpRoute, operation: &Value) -> String {
    let mut path = route.path.replace('+', "");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if let (Some(name), Some(example)) = (parameter["name"].as_str(), parameter["example"].as_str()) {
            path = path.replace(&format!("{{{name}}}"), example);
        }
    }
    match QUERIES.iter().find(|(key, _)| *key == route.key()) {
        Some((_, query)) => format!("{path}?{query}"),
        None => path,
    }
}

/// Sends every request and every frame, and gathers what the functions get.
async fn capture() -> BTreeMap<String, Value> {
    let settings = Settings {
        parameters: KEYS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..Settings::default()
    };
    let application = read(&root().join("template.yaml"), &settings).unwrap();
    let names: BTreeMap<String, String> = application
        .functions
        .values()
        .map(|function| (function.logical_id.clone(), gateway::launch::name(function).unwrap().to_owned()))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut run = start(folder.path()).await;
    let mut events = BTreeMap::new();
    let openapi = document("openapi.json");
    for route in application.http_apis.values().flat_map(|api| &api.routes) {
        let operation = &openapi["paths"][&route.path][route.method.to_lowercase()];
        let url = format!("{}{}", run.url, address(route, operation));
        let method = reqwest::Method::from_bytes(route.method.as_bytes()).unwrap();
        let mut request = reqwest::Client::new().request(method, url).bearer_auth("ACCESS_TOKEN");
        if route.path.ends_with("/callback") {
            request = request.header("cookie", "__Host-parlance-sign-in=KEEPSAKE");
        }
        if let Some(body) = example(&operation["requestBody"]["content"]["application/json"]) {
            request = request.json(&body);
        }
        soon(request.send()).await.unwrap();
        let (name, event) = captured(&mut run, &names).await;
        events.entry(name).or_insert(event);
    }
    let asyncapi = document("asyncapi.json");
    let messages = asyncapi["components"]["messages"].as_object().unwrap();
    let examples: Vec<&Value> = messages.values().map(|message| &message["examples"][0]["payload"]).collect();
    let socket = format!("{}/?token=ACCESS_TOKEN", run.url.replace("http://", "ws://"));
    let (mut socket, _) = soon(tokio_tungstenite::connect_async(socket)).await.unwrap();
    for key in ["the authorizer", "$connect"] {
        let (name, event) = captured(&mut run, &names).await;
        assert!(events.insert(name, event).is_none(), "{key}");
    }
    for key in application.websocket_apis.values().flat_map(|api| api.routes.keys()) {
        let frame = match key.as_str() {
            "$connect" | "$disconnect" => continue,
            "$default" => json!({ "type": "ping" }),
            action => examples
                .iter()
                .find(|example| example["action"] == action)
                .map_or_else(|| json!({ "action": action, "data": {} }), |example| (*example).clone()),
        };
        soon(socket.send(Message::text(frame.to_string()))).await.unwrap();
        let (name, event) = captured(&mut run, &names).await;
        events.entry(name).or_insert(event);
    }
    soon(socket.close(None)).await.unwrap();
    let (name, event) = captured(&mut run, &names).await;
    events.insert(name, event);
    // What has no route is invoked by another function: what that sends is kept by hand.
    for (id, name) in names.iter().filter(|(_, name)| !events.contains_key(*name)).collect::<Vec<_>>() {
        let url = format!("{}/2015-03-31/functions/{id}/invocations", run.url);
        let kept = root().join("events").join(format!("{name}.json"));
        let kept = std::fs::read_to_string(kept).unwrap_or_else(|_| "{}".to_owned());
        soon(reqwest::Client::new().post(url).body(kept).send()).await.unwrap();
        let (captured, event) = captured(&mut run, &names).await;
        assert_eq!(captured, *name);
        events.insert(captured, event);
    }
    assert!(run.stop().await);
    events
}

/// Names of everything in an event, without values: what differs from one request to the next.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(_) => json!([]),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn events_of_every_function_are_there_and_as_the_gateway_sends_them() {
    let now = capture().await;
    let folder = root().join("events");
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, event) in &now {
            let text = format!("{}\n", serde_json::to_string_pretty(event).unwrap());
            std::fs::write(folder.join(format!("{name}.json")), text).unwrap();
        }
    }
    let mut kept = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        kept.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), serde_json::from_str(&text).unwrap());
    }
    let shapes = |events: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        events.iter().map(|(name, event)| (name.clone(), shape(event))).collect()
    };
    assert_eq!(shapes(&kept), shapes(&now), "UPDATE_EVENTS=1 cargo test -p gateway --test program events");
}
