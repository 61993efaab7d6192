//! Requests as clients send them: what is taken, and that a refusal names every bad field at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::conversation::NewConversation;
use domain::message::MessageType;
use domain::{Problems, UserId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wire::auth::{LoginRequest, RegisterRequest, SignInName};
use wire::conversation::{ConversationLimits, CreateConversationRequest};
use wire::message::SendMessageData;
use wire::page::page_size;

const ANA: &str = "user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10";
const LUIS: &str = "user_b7a1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
const EVA: &str = "user_0a1b2c3d-4e5f-4607-8899-aabbccddeeff";
const CONVERSATION: &str = "conv_0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a";
const PASSWORD: &str = "correct horse battery";

fn read<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

fn fields(problems: &Problems) -> Vec<&str> {
    problems.0.keys().map(String::as_str).collect()
}

fn register(body: Value) -> Result<domain::person::Registration, Problems> {
    read::<RegisterRequest>(body).check(8)
}

#[test]
fn a_registration_names_all_its_bad_fields() {
    let problems = register(json!({
        "email": "ana",
        "password": 7,
        "username": "a",
        "displayName": "",
        "name": [],
        "preferredLanguage": "xx",
        "preferredCountry": true,
    }))
    .unwrap_err();
    let all = ["displayName", "email", "name", "password", "preferredCountry", "preferredLanguage", "username"];
    assert_eq!(fields(&problems), all);
    assert_eq!(problems.0["password"], ["must be a string"]);
}

#[test]
fn an_empty_registration_names_what_is_needed() {
    let problems = register(json!({})).unwrap_err();
    assert_eq!(fields(&problems), ["email", "password", "username"]);
    assert!(problems.0.values().all(|sentences| sentences == &["is required"]));
}

#[test]
fn an_older_clients_name_is_the_display_name() {
    let registered = |body| register(body).unwrap();
    let old = registered(json!({ "email": "a@example.com", "password": PASSWORD, "name": "Ana" }));
    assert_eq!(old.display_name.unwrap().as_str(), "Ana");
    assert!(old.username.is_none());
    let both = json!({ "email": "a@example.com", "password": PASSWORD, "name": "Ana", "displayName": "Ana Smith" });
    assert_eq!(registered(both).display_name.unwrap().as_str(), "Ana Smith");
}

#[test]
fn defaults_hold_for_null_and_for_nothing() {
    let plain = register(json!({ "email": "a@example.com", "password": PASSWORD, "username": "ana" })).unwrap();
    assert_eq!((plain.language.as_str(), plain.country.as_str()), ("en", "US"));
    let null = json!({
        "email": "a@example.com", "password": PASSWORD, "username": "ana", "preferredLanguage": null, "unknown": 1,
    });
    assert_eq!(register(null).unwrap().language.as_str(), "en");
}

#[test]
fn a_sign_in_is_by_address_or_by_username() {
    let sign_in = |body| read::<LoginRequest>(body).check();
    let by_address = sign_in(json!({ "email": "Ana@Example.com", "password": "x" })).ok().unwrap();
    assert!(matches!(by_address.name, SignInName::Email(_)) && !by_address.remember);
    let by_name = sign_in(json!({ "email": "ana", "password": "x", "rememberMe": true })).ok().unwrap();
    assert!(matches!(by_name.name, SignInName::Username(_)) && by_name.remember);
    let problems = sign_in(json!({ "email": "a b", "password": "", "rememberMe": "yes" })).err().unwrap();
    assert_eq!(fields(&problems), ["email", "password", "rememberMe"]);
}

fn create(body: Value) -> Result<NewConversation, Problems> {
    let limits = ConversationLimits { group_members: 10, min_password_length: 8 };
    read::<CreateConversationRequest>(body).check(&UserId::parse(ANA).unwrap(), limits)
}

#[test]
fn a_conversation_names_all_its_bad_fields() {
    let problems = create(json!({
        "type": "crowd",
        "participantIds": ["somebody"],
        "name": "",
        "description": 5,
        "avatarUrl": "http://example.com/a.png",
        "isPrivate": "yes",
        "password": "short",
        "maxMembers": 11,
        "sourceLanguage": "xx",
        "targetLanguage": {},
        "tokenSpendingMode": "nobody",
    }))
    .unwrap_err();
    let all = [
        "avatarUrl",
        "description",
        "isPrivate",
        "maxMembers",
        "name",
        "participantIds",
        "password",
        "sourceLanguage",
        "targetLanguage",
        "tokenSpendingMode",
        "type",
    ];
    assert_eq!(fields(&problems), all);
}

#[test]
fn a_direct_conversation_is_with_one_other_person() {
    let direct = |ids: &[&str]| create(json!({ "type": "direct", "participantIds": ids }));
    assert!(matches!(direct(&[LUIS]), Ok(NewConversation::Direct(other)) if other.to_string() == LUIS));
    assert!(matches!(direct(&[ANA, LUIS, LUIS]), Ok(NewConversation::Direct(other)) if other.to_string() == LUIS));
    for ids in [&[][..], &[ANA], &[LUIS, EVA]] {
        assert_eq!(fields(&direct(ids).unwrap_err()), ["participantIds"]);
    }
}

#[test]
fn a_group_takes_as_many_as_the_deployment_allows() {
    let group = |body| match create(body).unwrap() {
        NewConversation::Group(group) => group,
        NewConversation::Direct(_) => panic!("not a group"),
    };
    let plain = group(json!({ "type": "GROUP", "participantIds": [LUIS, EVA] }));
    assert_eq!((plain.max_members, plain.members.len()), (10, 2));
    let small = json!({ "type": "group", "participantIds": [LUIS, EVA], "maxMembers": 2 });
    assert_eq!(fields(&create(small).unwrap_err()), ["participantIds"]);
}

fn send(data: Value) -> Result<domain::message::Draft, Problems> {
    read::<SendMessageData>(data).check(20)
}

#[test]
fn a_message_names_all_its_bad_fields() {
    let problems = send(json!({
        "conversationId": "conv_1",
        "content": "far too long for this place",
        "type": "sticker",
        "attachment": { "id": "att_1" },
        "translateDocument": "yes",
        "replyTo": {},
        "tempId": "",
        "clientMessageId": 5,
    }))
    .unwrap_err();
    let all = [
        "attachment.id",
        "clientMessageId",
        "content",
        "conversationId",
        "replyTo.messageId",
        "tempId",
        "translateDocument",
        "type",
    ];
    assert_eq!(fields(&problems), all);
}

#[test]
fn a_message_says_or_carries_something() {
    for content in [json!(null), json!(""), json!(" \n")] {
        let problems = send(json!({ "conversationId": CONVERSATION, "content": content })).unwrap_err();
        assert_eq!(fields(&problems), ["content"]);
    }
    let attachment = json!({ "id": "att_00000000-0000-4000-8000-000000000000", "key": "ignored" });
    let picture = json!({ "conversationId": CONVERSATION, "type": "IMAGE", "attachment": attachment });
    assert_eq!(send(picture).unwrap().kind, MessageType::Image);
}

#[test]
fn either_name_of_a_clients_name_for_a_message_is_taken() {
    let named = |field: &str| send(json!({ "conversationId": CONVERSATION, "content": "hi", field: "t1" })).unwrap();
    assert_eq!(named("tempId").temp_id.unwrap().as_str(), "t1");
    assert_eq!(named("clientMessageId").temp_id.unwrap().as_str(), "t1");
    assert!(named("other").temp_id.is_none());
}

#[test]
fn a_page_has_1_to_100_items() {
    let size = |limit| {
        let mut problems = Problems::new();
        let size = page_size(&mut problems, limit);
        problems.finish(Some(size)).ok()
    };
    for (limit, expected) in
        [(None, Some(50)), (Some("1"), Some(1)), (Some("100"), Some(100)), (Some("0"), None), (Some("101"), None)]
    {
        assert_eq!(size(limit), expected, "{limit:?}");
    }
    assert_eq!(size(Some("-1")).or(size(Some("ten"))), None);
}
