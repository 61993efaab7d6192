//! What a person reads when the gateway has started.

use std::fmt::Write as _;

use gateway::Running;

/// Addresses, routes and functions.
pub(crate) fn text(running: &Running) -> String {
    let (application, port) = (running.application(), running.address().port());
    let mut text = format!("Running with {} functions. Ctrl-C stops it.\n", application.functions.len());
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
            line(format_args!("    {:<40} {}", route.key(), route.target()));
        }
    }
    for api in application.websocket_apis.values() {
        let host = host(application.websocket_apis.len() > 1, &api.api_id);
        line(format_args!("\n  WebSocket API {}  ws://{host}:{port}/{}", api.logical_id, api.stage));
        for (key, route) in &api.routes {
            line(format_args!("    {key:<40} {}", route.target()));
        }
    }
    line(format_args!("\n  Invoke any function: aws lambda invoke --endpoint-url http://localhost:{port} \\"));
    let example = application.functions.values().next().map_or("NAME", |function| function.name.as_str());
    line(format_args!("    --function-name {example} --payload '{{}}' /dev/stdout"));
    text
}
