//! What a person reads when the gateway has started.

use std::fmt::Write as _;
use std::path::Path;

use gateway::Running;
use gateway::command_line::{http_url, socket_url};
use gateway::model::Application;

/// Addresses, routes and functions.
pub(crate) fn text(running: &Running, authority: &Path) -> String {
    let (application, port) = (running.application(), running.address().port());
    let functions = &application.functions;
    let example = functions.values().next().map_or("NAME", |function| function.name.as_str());
    format!(
        "Running with {} functions. Ctrl-C stops it.\n{}\n  Invoke any function: aws lambda invoke --endpoint-url \
         http://localhost:{port} \\\n    --function-name {example} --payload '{{}}' /dev/stdout\n\n  The same port speaks \
         TLS: curl --cacert {} https://localhost:{port}\n",
        functions.len(),
        served(&application, port),
        authority.display(),
    )
}

/// The APIs with their addresses and routes.
pub(super) fn served(application: &Application, port: u16) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _ = text.write_fmt(format_args!("{line}\n"));
    };
    for api in application.http_apis.values() {
        line(format_args!("\n  HTTP API {}  {}", api.logical_id, http_url(application, api, port)));
        for route in &api.routes {
            line(format_args!("    {:<40} {}", route.key(), or_left_out(route.target())));
        }
    }
    for api in application.websocket_apis.values() {
        line(format_args!("\n  WebSocket API {}  {}", api.logical_id, socket_url(application, api, port)));
        for (key, route) in &api.routes {
            line(format_args!("    {key:<40} {}", or_left_out(route.target())));
        }
    }
    text
}

/// What leads to nothing here answers 500.
fn or_left_out(function: &str) -> &str {
    if function.is_empty() { "(left out: 500)" } else { function }
}
