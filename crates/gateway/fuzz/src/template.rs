//! Template reader: YAML text to application, and what is done with an application before anything runs.

use std::path::Path;

use gateway::Behaviour;
use gateway::event_source::pattern::Pattern;
use gateway::event_source::schedule::Times;
use gateway::http_api::routes;
use gateway::model::{Application, Target};
use gateway::socket::custom::{self, request};
use gateway::socket::select;
use gateway::template::{Settings, read_text};
use gateway::velocity::Scope;
use jiff::Timestamp;
use serde_json::json;

/// Reads a template, and routes a request and a message by it when it is one.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match read_text(text, Path::new("/nowhere/template.yaml"), &Settings::default()) {
        Ok(application) => used(&application),
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
}

fn used(application: &Application) {
    let _ = format!("{application:?}");
    let behaviour = Behaviour::default();
    for (method, path) in [("GET", "/"), ("POST", "/a/b"), ("OPTIONS", "/dev/%41//c/")] {
        let _ = routes::find(application.http_apis.values(), method, path, &behaviour);
    }
    for api in application.websocket_apis.values() {
        let _ = select::choose(api, r#"{"action":"a","type":"b"}"#);
        for custom in api.routes.values().filter_map(|route| route.custom.as_ref()) {
            let event = json!({ "requestContext": { "connectionId": "c=" } });
            let scope =
                Scope { body: r#"{"k":"b","a":[{"b":1}]}"#, event: &event, stage_variables: &api.stage_variables };
            let _ = custom::mocked(custom, scope);
            let _ = custom::answered(custom, 200, scope);
            if let (Ok(body), Target::Http(backend) | Target::HttpProxy(backend)) =
                (custom::requested(custom, scope), &custom.target)
            {
                let _ = request::build(backend, &custom.parameters, scope, body.into(), true, &behaviour);
            }
        }
    }
    for filter in application.event_source_mappings.values().flat_map(|mapping| &mapping.filters) {
        let _ = Pattern::read(filter).map(|pattern| pattern.matches(&serde_json::Value::Null));
    }
    for schedule in application.schedules.values() {
        let Ok(times) = Times::read(&schedule.expression, &schedule.time_zone) else { continue };
        let _ = times.next(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    }
}
