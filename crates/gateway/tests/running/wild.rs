//! Templates with the constructs of those found in the wild: each reads, and each of its routes answers.

use std::path::Path;

use gateway::model::{Application, Authorization, HttpAuthorizer, HttpRoute, PayloadFormat};
use gateway::template::{Settings, read};
use serde_json::Value;

use crate::support::{Plan, Stack};

const TEMPLATES: [&str; 10] = [
    "chat-authorizer",
    "chat-raw",
    "chat-sam",
    "crud",
    "jwt-cognito",
    "lambda-authorizer",
    "older-format",
    "openapi",
    "quick-create",
    "raw-http",
];

fn application(name: &str) -> Application {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/templates/wild/{name}.yaml"));
    read(&path, &Settings::default()).unwrap_or_else(|errors| panic!("{errors}"))
}

async fn started(name: &str) -> (Application, Stack) {
    let application = application(name);
    let mut plan = Plan::new();
    plan.application = application.clone();
    (application, plan.start().await)
}

/// A method and a path that a route matches, in this stage.
fn example(stage: &str, route: &HttpRoute) -> (String, String) {
    let method = if route.method.starts_with(|c: char| c.is_ascii_uppercase()) && route.method != "ANY" {
        route.method.clone()
    } else {
        "PATCH".to_owned()
    };
    let segment = |segment: &str| match segment.strip_prefix('{') {
        Some(name) if name.ends_with("+}") => "a/b".to_owned(),
        Some(_) => "1".to_owned(),
        None => segment.to_owned(),
    };
    let path = if route.path.is_empty() { "/nothing/else" } else { &route.path };
    let path: Vec<String> = path.split('/').map(segment).collect();
    let stage = if stage == "$default" { String::new() } else { format!("/{stage}") };
    (method, stage + &path.join("/"))
}

#[tokio::test]
async fn t_01_every_route_of_every_template_answers() {
    for name in TEMPLATES {
        let (application, stack) = started(name).await;
        for api in application.http_apis.values() {
            for (stage, route) in api.stages.iter().flat_map(|stage| api.routes.iter().map(move |route| (stage, route)))
            {
                let (method, path) = example(&stage.name, route);
                let request = reqwest::Client::new().request(method.parse().unwrap(), stack.url(&path));
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                let body: Value = answer.json().await.unwrap();
                let expected = match &route.authorization {
                    Authorization::Open => 200,
                    Authorization::Iam => 403,
                    Authorization::Jwt { .. } => 401,
                    Authorization::Lambda(id) => match &api.authorizers[id] {
                        HttpAuthorizer::Lambda(guard) => {
                            assert!(!guard.identity_sources.is_empty());
                            401
                        }
                        HttpAuthorizer::Jwt(_) => panic!("{name}: {id}"),
                    },
                };
                assert_eq!(status, expected, "{name}: {method} {path}: {body}");
                if status == 200 {
                    let key = match route.payload_format {
                        PayloadFormat::V1 => &body["requestContext"]["resourceId"],
                        PayloadFormat::V2 => &body["routeKey"],
                    };
                    assert_eq!(*key, route.key(), "{name}: {method} {path}");
                    assert_eq!(body["requestContext"]["stage"], stage.name);
                }
            }
        }
    }
}

#[tokio::test]
async fn t_03_every_socket_of_every_template_opens_and_takes_a_message() {
    for name in TEMPLATES {
        let (application, stack) = started(name).await;
        for api in application.websocket_apis.values() {
            let mut target = format!("/{}", api.stage);
            if api.authorizer.is_some() {
                assert_eq!(stack.refused(&target).await.0, 401, "{name}");
                target += "?token=allow";
            }
            let mut client = stack.connect(&target).await;
            client.send(r#"{"action":"unheard-of","message":"unheard-of"}"#).await;
            match api.routes.get("$default") {
                Some(route) if route.two_way => {
                    assert_eq!(client.json().await["requestContext"]["routeKey"], "$default");
                }
                Some(_) => {}
                None => assert_eq!(client.json().await["message"], "Forbidden"),
            }
        }
    }
}

#[tokio::test]
async fn t_02_a_definition_has_authorizers_and_cors_of_its_own() {
    let (application, stack) = started("openapi").await;
    let api = &application.http_apis["Api"];
    let keys: Vec<(String, bool)> =
        api.routes.iter().map(|route| (route.key(), route.authorization == Authorization::Open)).collect();
    let expected = [
        ("GET /pets", true),
        ("ANY /pets/{petId}", false),
        ("GET /mine", false),
        ("GET /signed", false),
        ("$default", true),
        ("GET /documented", true),
    ];
    assert_eq!(keys, expected.map(|(key, open)| (key.to_owned(), open)));
    assert_eq!(api.cors.as_ref().unwrap().allow_origins, ["https://example.org"]);
    let answer = reqwest::Client::new().get(stack.url("/pets/1?token=simple-allow")).header("x-a", "1");
    let event: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!((&event["version"], &event["resource"]), (&Value::from("1.0"), &Value::from("/pets/{petId}")));
    assert_eq!(event["requestContext"]["authorizer"]["event"]["type"], "REQUEST");
}

#[test]
fn t_01_what_else_invokes_functions_is_read() {
    let application = application("crud");
    let mappings: Vec<&str> = application.event_source_mappings.keys().map(String::as_str).collect();
    assert_eq!(mappings, ["ChangesQueue", "ChangesStream"]);
    assert_eq!(application.schedules["ChangesNightly"].function, "Changes");
    let old = &crate::wild::application("older-format");
    let kinds: Vec<&str> = old.functions["Old"].events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["S3", "SNS"]);
    assert_eq!(old.outputs["Version"], "arn:aws:lambda:us-east-1:000000000000:function:parlance-Old:1");
}
