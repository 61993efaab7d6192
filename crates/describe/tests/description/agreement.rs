//! Template, table and documents name the same things.

use std::collections::BTreeSet;

use describe::Kind;
use schemars::SchemaGenerator;
use serde_json::Value;
use wire::frame::Event;

use crate::DOCUMENTS;

#[test]
fn template_and_table_have_the_same_routes() {
    let application = describe::read_template(&describe::repository()).unwrap();
    assert_eq!(describe::differences(&application), [""; 0]);
}

#[test]
fn a_route_that_only_one_of_them_has_is_told() {
    let mut application = describe::read_template(&describe::repository()).unwrap();
    for api in application.http_apis.values_mut() {
        let route = api.routes.iter_mut().find(|route| route.path == "/api/auth/me").unwrap();
        route.path = "/api/auth/myself".to_owned();
    }
    for api in application.websocket_apis.values_mut() {
        api.routes.remove("message:send").unwrap();
    }
    assert_eq!(
        describe::differences(&application),
        [
            "GET /api/auth/myself (auth-me): not described",
            "no route (ws-message-send): not described",
            "GET /api/auth/me (auth-me): not in the template",
            "message:send (ws-message-send): not in the template",
        ]
    );
}

#[test]
fn every_function_is_in_one_document_under_its_own_name() {
    let openapi = &DOCUMENTS.openapi;
    let methods = openapi["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let routes =
        methods.chain([&openapi["x-default-route"]]).map(|operation| operation["operationId"].as_str().unwrap());
    let asyncapi = &DOCUMENTS.asyncapi;
    let operations = asyncapi["operations"].as_object().unwrap();
    let actions = operations.iter().filter(|(_, operation)| operation["action"] == "receive").map(|(name, _)| &**name);
    let lifecycle = asyncapi["channels"]["socket"]["x-lifecycle"].as_object().unwrap().keys().map(String::as_str);
    let mut documented: Vec<_> = routes.chain(actions).chain(lifecycle).collect();
    documented.sort_unstable();

    let described = describe::operations();
    // What only other functions invoke is no part of the API.
    let public = described.iter().filter(|operation| operation.kind != Kind::Invoked);
    let mut ids: Vec<_> = public.map(describe::Operation::id).collect();
    ids.sort_unstable();
    assert_eq!(documented, ids);
}

#[test]
fn a_route_is_documented_where_clients_look_for_it() {
    for operation in describe::operations() {
        if let Kind::Http { method, path } = operation.kind {
            let found = &DOCUMENTS.openapi["paths"][path][method.to_lowercase()];
            assert_eq!(found["operationId"], operation.id());
            let named: BTreeSet<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
            let parameters = found["parameters"].as_array().into_iter().flatten();
            let described = parameters.filter(|it| it["in"] == "path").map(|it| it["name"].as_str().unwrap());
            assert_eq!(described.collect::<BTreeSet<_>>(), named, "{path}");
        }
    }
}

#[test]
fn every_event_of_the_server_is_described() {
    let schema: Value = SchemaGenerator::default().into_root_schema_for::<Event>().into();
    let variants = schema["oneOf"].as_array().unwrap().iter();
    let known: BTreeSet<_> = variants.map(|it| it["properties"]["action"]["const"].as_str().unwrap()).collect();
    let operations = DOCUMENTS.asyncapi["operations"].as_object().unwrap().values();
    let sent = operations.filter(|it| it["action"] == "send").map(|it| it["title"].as_str().unwrap());
    assert_eq!(sent.collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_limit_in_a_text_was_filled_in() {
    for (path, text) in DOCUMENTS.files() {
        let open = text.match_indices('{').map(|(at, _)| &text[at + 1..]);
        let unfilled: Vec<_> =
            open.filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase())).collect();
        assert!(unfilled.is_empty(), "{path}: {:.40}", unfilled[0]);
    }
}

#[test]
fn limits_of_the_template_show_in_the_schemas() {
    let application = describe::read_template(&describe::repository()).unwrap();
    let http = &DOCUMENTS.openapi["components"]["schemas"];
    let socket = &DOCUMENTS.asyncapi["components"]["schemas"];
    for (bound, parameter) in [
        (&http["RegisterRequest"]["properties"]["password"]["minLength"], "PasswordMinLength"),
        (&http["CreateConversationRequest"]["properties"]["password"]["minLength"], "PasswordMinLength"),
        (&http["CreateConversationRequest"]["properties"]["maxMembers"]["maximum"], "GroupMaxMembers"),
        (&socket["SendMessageData"]["properties"]["content"]["maxLength"], "MessageMaxCharacters"),
    ] {
        assert_eq!(bound.to_string(), application.parameters[parameter], "{parameter}");
    }
}
