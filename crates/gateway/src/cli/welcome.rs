//! What a person reads when the gateway has started.

use std::fmt::Write as _;
use std::path::Path;

use gateway::Running;
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
    // Of several, the host tells which is meant.
    let host = |several: bool, id: &str| if several { format!("{id}.localhost") } else { "localhost".to_owned() };
    for api in application.http_apis.values() {
        let host = host(application.http_apis.len() > 1, &api.api_id);
        line(format_args!("\n  HTTP API {}  http://{host}:{port}", api.logical_id));
        for route in &api.routes {
            line(format_args!("    {:<40} {}", route.key(), or_left_out(route.target())));
        }
    }
    for api in application.websocket_apis.values() {
        let host = host(application.websocket_apis.len() > 1, &api.api_id);
        line(format_args!("\n  WebSocket API {}  ws://{host}:{port}/{}", api.logical_id, api.stage));
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
