//! Every worked example is what its schema says, and what the types take.

use domain::UserId;
use jsonschema::{Draft, Validator};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wire::auth::{LoginRequest, RegisterRequest};
use wire::conversation::{ConversationLimits, CreateConversationRequest};
use wire::frame::{ClientFrame, Event};
use wire::message::SendMessageData;

use crate::DOCUMENTS;

/// A validator for a schema of this document.
fn validator(document: &Value, schema: &Value, draft: Draft) -> Validator {
    let schema = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::options().with_draft(draft).should_validate_formats(true).build(&schema).unwrap()
}

fn mistakes(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Everything in a document that has a schema and examples of it: bodies, parameters, headers.
fn with_examples<'a>(value: &'a Value, found: &mut Vec<(&'a Value, &'a Value)>) {
    if let Some(schema) = value.get("schema") {
        let named = value.get("examples").and_then(Value::as_object).into_iter().flatten().map(|(_, it)| &it["value"]);
        found.extend(value.get("example").into_iter().chain(named).map(|example| (schema, example)));
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|field| with_examples(field, found)),
        Value::Array(items) => items.iter().for_each(|item| with_examples(item, found)),
        _ => {}
    }
}

#[test]
fn http_examples_fit_their_schemas() {
    let document = &DOCUMENTS.openapi;
    let mut found = Vec::new();
    with_examples(document, &mut found);
    assert!(found.len() > 40, "{}", found.len());
    for (schema, example) in found {
        let validator = validator(document, schema, Draft::Draft202012);
        assert_eq!(mistakes(&validator, example), [""; 0], "{example:#}");
    }
}

#[test]
fn socket_examples_fit_their_schemas() {
    let document = &DOCUMENTS.asyncapi;
    let messages = document["components"]["messages"].as_object().unwrap();
    for (name, message) in messages {
        let validator = validator(document, &message["payload"], Draft::Draft7);
        let examples = message["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            assert_eq!(mistakes(&validator, &example["payload"]), [""; 0], "{name}");
        }
    }
}

#[test]
fn every_body_has_an_example() {
    fn bodies<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
        if let Value::Object(fields) = value {
            found.extend(fields.get("application/json"));
            fields.values().for_each(|field| bodies(field, found));
        }
    }
    let mut found = Vec::new();
    bodies(&DOCUMENTS.openapi["paths"], &mut found);
    assert!(found.len() > 30, "{}", found.len());
    for body in found {
        assert!(body.get("example").is_some() || !body["examples"].as_object().unwrap().is_empty(), "{body:#}");
    }
}

#[test]
fn schemas_tell_good_from_bad() {
    let document = &DOCUMENTS.openapi;
    let named = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        validator(document, &schema, Draft::Draft202012)
    };
    let register = named("RegisterRequest");
    for (field, bad) in [
        ("email", "ana"),
        ("password", "short"),
        ("username", "ab"),
        ("preferredLanguage", "english"),
        ("preferredCountry", "Mexico"),
    ] {
        let mut body = json!({ "email": "ana@example.com", "password": "correct horse battery" });
        assert_eq!(mistakes(&register, &body), [""; 0]);
        body[field] = bad.into();
        assert_eq!(mistakes(&register, &body).len(), 1, "{field}");
    }
    assert_eq!(mistakes(&register, &json!({})).len(), 2, "email and password are required");
    assert_eq!(mistakes(&named("MessageView"), &json!({})).len(), 25, "an answer has all of its fields");
}

/// The examples of an HTTP route's body.
fn requests<T: DeserializeOwned>(path: &str) -> Vec<T> {
    let body = &DOCUMENTS.openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"];
    let examples: Vec<_> = body["examples"].as_object().unwrap().values().collect();
    assert!(!examples.is_empty());
    examples.into_iter().map(|example| serde_json::from_value(example["value"].clone()).unwrap()).collect()
}

#[test]
fn requests_pass_their_own_checks() {
    for request in requests::<RegisterRequest>("/api/auth/register") {
        request.check(8).unwrap();
    }
    for request in requests::<LoginRequest>("/api/auth/login") {
        request.check().unwrap_or_else(|problems| panic!("{problems:?}"));
    }
    let creator = UserId::parse("user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10").unwrap();
    let limits = ConversationLimits { group_members: 1000, min_password_length: 8 };
    for request in requests::<CreateConversationRequest>("/api/conversations") {
        request.check(&creator, limits).unwrap();
    }
}

/// The payloads of a message's examples.
fn payloads(message: &str) -> Vec<Value> {
    let examples = DOCUMENTS.asyncapi["components"]["messages"][message]["examples"].as_array().unwrap();
    assert!(!examples.is_empty());
    examples.iter().map(|example| example["payload"].clone()).collect()
}

#[test]
fn both_envelopes_are_read_as_the_same_frame() {
    let frames = |message| -> Vec<ClientFrame> {
        payloads(message).into_iter().map(|payload| serde_json::from_value(payload).unwrap()).collect()
    };
    let (newer, older) = (frames("messageSend"), frames("messageSendOlder"));
    assert_eq!(newer.len(), older.len());
    for (newer, older) in newer.iter().zip(&older) {
        assert_eq!((&newer.action, &newer.data), (&older.action, &older.data));
        assert_eq!(newer.action, "message:send");
        serde_json::from_value::<SendMessageData>(newer.data.clone()).unwrap().check(5000).unwrap();
    }
}

#[test]
fn events_are_the_types_own() {
    let operations = DOCUMENTS.asyncapi["operations"].as_object().unwrap();
    for (name, _) in operations.iter().filter(|(_, operation)| operation["action"] == "send") {
        for payload in payloads(name) {
            serde_json::from_value::<Event>(payload).unwrap();
        }
    }
}
