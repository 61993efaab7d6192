//! `--check`: reads a template and tells what would run, without running anything.

use gateway::command_line::Form;
use gateway::model::{Application, TemplateError};
use gateway::report::{Event, json};
use serde_json::{Value, json};

use super::{Arguments, Error, welcome};

/// Tells what would run on standard output, then what is left out; an error with every mistake.
pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let common = &arguments.gateway;
    let application = arguments.read(&arguments.template()?, &arguments.settings())?;
    if common.log == Form::Json {
        println!("{}", object(&application));
    } else {
        print!("{}", text(&application, common.port));
    }
    Ok(())
}

fn text(application: &Application, port: u16) -> String {
    let mut text = format!("{} functions.\n{}", application.functions.len(), welcome::served(application, port));
    text.push_str(&section("Event source mappings", sources(application)));
    text.push_str(&section("Schedules", schedules(application)));
    text.push_str(&section("Left out", application.left_out.iter().map(ToString::to_string)));
    text
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines = lines.map(|line| format!("    {line}\n")).collect::<Vec<_>>().concat();
    if lines.is_empty() { lines } else { format!("\n  {title}\n{lines}") }
}

fn sources(application: &Application) -> impl Iterator<Item = String> {
    application.event_source_mappings.values().map(|mapping| format!("{:<40} {}", mapping.logical_id, mapping.function))
}

fn schedules(application: &Application) -> impl Iterator<Item = String> {
    application.schedules.values().map(|schedule| format!("{:<40} {}", schedule.logical_id, schedule.function))
}

fn object(application: &Application) -> Value {
    let http = application.http_apis.values().map(|api| {
        let routes = api.routes.iter().map(|route| json!({ "key": route.key(), "target": route.target() }));
        json!({ "api": api.logical_id, "routes": routes.collect::<Vec<_>>() })
    });
    let sockets = application.websocket_apis.values().map(|api| {
        let routes = api.routes.iter().map(|(key, route)| json!({ "key": key, "target": route.target() }));
        json!({ "api": api.logical_id, "stage": api.stage, "routes": routes.collect::<Vec<_>>() })
    });
    json!({
        "event": "checked",
        "functions": application.functions.keys().collect::<Vec<_>>(),
        "httpApis": http.collect::<Vec<_>>(),
        "webSocketApis": sockets.collect::<Vec<_>>(),
        "eventSourceMappings": application.event_source_mappings.keys().collect::<Vec<_>>(),
        "schedules": application.schedules.keys().collect::<Vec<_>>(),
        "leftOut": application.left_out.iter().map(left_out).collect::<Vec<_>>(),
    })
}

/// As it is told at a start, without the time.
fn left_out(left_out: &TemplateError) -> Value {
    let mut object = json::object(jiff::Timestamp::UNIX_EPOCH, &Event::LeftOut(left_out.clone()));
    if let Some(object) = object.as_object_mut() {
        object.retain(|key, _| key != "time" && key != "event");
    }
    object
}
