//! `events/` on the running stack: each event to its function, over the Invoke API, and what comes of it.
//!
//! The people, conversations and messages of the examples are none of a fresh stack's: for each event there is somebody new in
//! a group of their own, and ids and tokens of theirs take the places of the examples'.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gateway::report::{Event, FrameKind};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{PNG, Person, Socket, TestStack, upload};

use crate::play::elsewhere::{somebody, token};
use crate::play::{Stage, until};

/// What no event may come to: it is not understood, nobody is believed to have sent it, or the function cannot do it.
const FAILURES: [&str; 3] = ["VALIDATION_ERROR", "UNAUTHORIZED", "INTERNAL_ERROR"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("docs/api/openapi.json")).unwrap()).unwrap()
}

/// Two people of a group, and what stands for them and theirs in the events.
struct Scene {
    ana: Person,
    socket: Socket,
    connection: String,
    places: Vec<(String, String)>,
}

/// The connections that were opened so far.
fn connections(stack: &TestStack) -> Vec<String> {
    let opened = stack.events().into_iter().filter_map(|event| match event {
        Event::Frame(frame) if frame.kind == FrameKind::Connect => Some(frame.connection_id),
        _ => None,
    });
    opened.collect()
}

async fn say(person: &Person, conversation: &str, content: &str) -> String {
    let path = format!("/api/conversations/{conversation}/messages");
    let said = person.post(&path, &json!({ "content": content }), 201).await;
    said["message"]["id"].as_str().unwrap().to_owned()
}

impl Scene {
    async fn start(stage: &Stage, luis: &Person, function: &str) -> Self {
        let stack = &stage.stack;
        let ana = stack.register("ana", "en").await;
        let group = ana.group("Project team", &[luis]).await;
        let (first, second) =
            (say(&ana, &group, "Hello, how are you?").await, say(luis, &group, "Muy bien, gracias.").await);
        let session = ana.get("/api/auth/sessions", 200).await["sessions"][0]["id"].as_str().unwrap().to_owned();
        let before = connections(stack).len();
        let socket = ana.connect().await;
        // Told of when it is open, perhaps a little later.
        until("its connection", async || connections(stack).len() > before).await;
        let connection = connections(stack).swap_remove(before);
        let mut places = own_things(stage, &ana, &group, function).await;
        let google = somebody(&ana.username, &format!("{}.elsewhere@example.com", ana.username), false);
        let id_token = token(&stage.google, "android.example", &google);
        places.extend(
            [
                ("ACCESS_TOKEN", ana.token.as_str()),
                (
                    "user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10.sess_3c4d5e6f-7081-4293-a4b5-c6d7e8f90a1b.c2VjcmV0",
                    &ana.refresh_token,
                ),
                ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMDc2OTE1MDM1MDAwNiJ9.c2lnbmF0dXJl", &id_token),
                ("user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10", &ana.id),
                ("user_b7a1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d", &luis.id),
                ("sess_3c4d5e6f-7081-4293-a4b5-c6d7e8f90a1b", &session),
                ("conv_0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a", &group),
                ("msg_00000000-0001-8f3a-9c2d-4b5e6f708192", &first),
                ("msg_00000000-0002-8a1b-8c3d-5e6f708192a3", &second),
                ("correct horse battery", &ana.password),
            ]
            .map(|(place, value)| (place.to_owned(), value.to_owned())),
        );
        // A name and an address that are free, but where somebody signs in.
        let address = if function == "auth-login" { ana.email.clone() } else { format!("new.{}", ana.email) };
        places.push(("ana@example.com".to_owned(), address));
        places.push((r#"\"ana\""#.to_owned(), format!(r#"\"x{}\""#, &ana.username["ana_".len()..])));
        Self { ana, socket, connection, places }
    }

    /// The event with all that exists in it.
    fn event(&self, text: &str) -> Value {
        let text = self.places.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value));
        let mut event: Value = serde_json::from_str(&text).unwrap();
        if event["requestContext"]["connectionId"].is_string() {
            event["requestContext"]["connectionId"] = json!(self.connection);
        }
        event
    }
}

/// What only one function needs, and what stands for it.
async fn own_things(stage: &Stage, ana: &Person, group: &str, function: &str) -> Vec<(String, String)> {
    let uploaded = async |path: &str, more: Value| {
        let mut wish = json!({ "contentType": "image/png", "fileSize": PNG.len() });
        wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let place = ana.post(path, &wish, 200).await;
        assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
        place["key"].as_str().unwrap().to_owned()
    };
    let owned = |place: &str, value: &str| (place.to_owned(), value.to_owned());
    match function {
        // Somebody who is not in it yet.
        "participants-add" => {
            let other = stage.stack.register("max", "fr").await;
            vec![owned("user_b7a1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d", &other.id)]
        }
        // Only what has ended is cleared.
        "conversations-clear" => {
            ana.delete_with(&format!("/api/conversations/{group}"), &json!({ "forEveryone": true }), 200).await;
            Vec::new()
        }
        "attachments-download-url" => {
            let more = json!({ "fileName": "sea.png", "conversationId": group });
            vec![owned("ATTACHMENT_KEY", &uploaded("/api/attachments/upload-url", more).await)]
        }
        "users-picture" | "users-picture-set" | "users-picture-delete" => {
            let key = uploaded("/api/users/profile-picture/upload-url", json!({})).await;
            let example = "1d2e3f40-5162-4738-8495-a6b7c8d9e0f1.jpg";
            if function != "users-picture-set" {
                ana.put("/api/users/profile-picture", &json!({ "key": key }), 200).await;
            }
            vec![owned(example, key.rsplit('/').next().unwrap())]
        }
        "auth-google-callback" => {
            let stack = stage.stack.anonymous();
            stage.google.welcome(somebody("Ana", &format!("browser.{}", ana.email), false));
            let departure = stack.try_get("/api/auth/google").await;
            let header = |name: &str| departure.headers[name].to_str().unwrap().to_owned();
            let back = stage.google.visit(&header("location")).await;
            let query: BTreeMap<_, _> =
                back.split_once('?').unwrap().1.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let cookie = header("set-cookie");
            let keepsake = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
            vec![owned("KEEPSAKE", keepsake), owned("CODE", query["code"]), owned("STATE", query["state"])]
        }
        _ => Vec::new(),
    }
}

/// What is wrong with an HTTP answer: it is one that is documented for the route, success or what the state of things
/// allows no more.
fn wrong_answer(function: &str, event: &Value, answer: &Value, documented: &Value) -> Option<String> {
    let status = answer["statusCode"].as_u64().unwrap_or_default();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
    let failed = body["code"].as_str().is_some_and(|code| FAILURES.contains(&code));
    let documented = match event["routeKey"].as_str().and_then(|key| key.split_once(' ')) {
        Some((method, path)) => {
            documented["paths"][path][method.to_lowercase()]["responses"].get(status.to_string()).is_some()
        }
        None => status == 404,
    };
    (failed || !documented || !body.is_object()).then(|| format!("{function}: {answer}"))
}

/// What is wrong with what a socket's function answered, or told the connection.
async fn wrong_end(scene: &mut Scene, function: &str, kind: &str, answer: &Value) -> Option<String> {
    if function == "ws-authorizer" {
        let effect = &answer["policyDocument"]["Statement"][0]["Effect"];
        let right = effect == "Allow" && answer["context"]["userId"] == json!(scene.ana.id);
        return (!right).then(|| format!("{function}: {answer}"));
    }
    // Whatever it told the connection comes before this; after `$disconnect` nothing is told any more.
    if kind != "DISCONNECT" {
        scene.socket.send("ping", &json!({})).await;
        scene.socket.expect("pong").await;
    }
    let right = answer["statusCode"] == 200 && scene.socket.count("error") == 0;
    (!right).then(|| format!("{function}: {answer}, {:?}", scene.socket.received()))
}

#[tokio::test]
async fn every_function_takes_its_event() {
    let (stage, documented) = (Stage::start().await, document());
    let luis = stage.stack.register("luis", "es").await;
    let (mut taken, mut wrong) = (BTreeSet::new(), Vec::new());
    for entry in std::fs::read_dir(root().join("events")).unwrap() {
        let path = entry.unwrap().path();
        let function = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut scene = Scene::start(&stage, &luis, &function).await;
        let event = scene.event(&std::fs::read_to_string(&path).unwrap());
        let asked = format!("/2015-03-31/functions/{function}/invocations");
        let request = stage.stack.anonymous().request(Method::POST, &asked).body(event.to_string());
        let response = request.send().await.unwrap();
        let failed = response.headers().contains_key("x-amz-function-error");
        let text = response.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{function}: {error}: {text}"));
        wrong.extend(match event["requestContext"]["eventType"].as_str() {
            _ if failed => Some(format!("{function}: {text}")),
            Some(kind) => wrong_end(&mut scene, &function, kind, &answer).await,
            None if event["routeKey"].is_string() => wrong_answer(&function, &event, &answer, &documented),
            None => None,
        });
        taken.insert(function);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let functions = stage.stack.application().functions.values();
    let names: BTreeSet<_> = functions.map(|function| gateway::launch::name(function).unwrap().to_owned()).collect();
    assert_eq!(taken, names);
    stage.stack.stop().await;
}
