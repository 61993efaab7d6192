//! What the command lines of all programs around a gateway share: options, where the template is, how events are told,
//! how they are stopped.

mod overrides;
mod place;
mod remote;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::behaviour::{Behaviour, Switch};
use crate::model::{Application, HttpApi, WebSocketApi};
use crate::report::{Console, Json, Report};

pub use overrides::{OverrideError, parse_override, write_override};
pub use place::template;
pub use remote::connect;

/// Options of every program that runs a template.
#[derive(Debug, Clone, Args)]
pub struct GatewayArguments {
    /// Port for HTTP and WebSocket; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 3001)]
    pub port: u16,
    /// Values for parameters of the template, as for sam deploy: Name=Value or ParameterKey=Name,ParameterValue=Value
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., value_parser = overridden)]
    pub parameter_overrides: Vec<(String, String)>,
    /// The template [default: template.yaml in this folder or one above]
    #[arg(long, value_name = "PATH")]
    pub template: Option<PathBuf>,
    /// How to tell what happens: lines for people on standard error, or one JSON object a line on standard output
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Text)]
    pub log: Form,
    /// Freeze functions between invocations, as on AWS: what they left running stands still until the next one
    #[arg(long)]
    pub freeze: bool,
    /// Set a switch for what is not known for certain about AWS, such as domain=aws; their names are in
    /// docs/gateway-conformance.md
    #[arg(long = "behaviour", value_name = "NAME=VALUE", value_parser = Switch::parse)]
    pub switches: Vec<Switch>,
    /// Build again when a source file is saved, swap what changed, and follow edits of the template; open sockets stay
    /// open
    #[arg(long)]
    pub watch: bool,
}

/// How events are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Lines for people.
    Text,
    /// JSON, one object a line.
    Json,
}

impl GatewayArguments {
    /// Who is told what happens.
    pub fn report(&self) -> Arc<dyn Report> {
        match self.log {
            Form::Text => Arc::new(Console::new(std::env::var_os("NO_COLOR").is_some())),
            Form::Json => Arc::new(Json),
        }
    }

    /// The switches that the options set.
    pub fn behaviour(&self) -> Behaviour {
        // Each was read for itself, so all of them can be.
        let set = Behaviour::with(&self.switches).unwrap_or_default();
        Behaviour { freeze: self.freeze || set.freeze, ..set }
    }

    /// Says that it runs: `text` for a person, one object for tools.
    pub fn started(&self, text: &str, application: &Application, port: u16) {
        use std::io::Write as _;
        // Whoever reads this may be gone before the last line; the gateway runs all the same.
        let _ = match self.log {
            Form::Text => writeln!(std::io::stdout(), "{text}"),
            Form::Json => {
                let now = jiff::Timestamp::now();
                let url = format!("http://localhost:{port}");
                let apis = apis(application, port);
                let object = json!({ "time": format!("{now:.3}"), "event": "started", "url": url, "apis": apis });
                writeln!(std::io::stdout(), "{object}")
            }
        };
    }
}

fn apis(application: &Application, port: u16) -> Vec<Value> {
    let api = |id: &str, api_id: &str, url: String| json!({ "logicalId": id, "apiId": api_id, "url": url });
    let Application { http_apis, websocket_apis, .. } = application;
    let http = http_apis.values().map(|http| api(&http.logical_id, &http.api_id, http_url(application, http, port)));
    let sockets = websocket_apis.values();
    let sockets = sockets.map(|socket| api(&socket.logical_id, &socket.api_id, socket_url(application, socket, port)));
    http.chain(sockets).collect()
}

/// Where an HTTP API of an application is reached.
pub fn http_url(application: &Application, api: &HttpApi, port: u16) -> String {
    format!("http://{}:{port}", host(&api.api_id, application.http_apis.len()))
}

/// Where a WebSocket API of an application is reached.
pub fn socket_url(application: &Application, api: &WebSocketApi, port: u16) -> String {
    format!("ws://{}:{port}/{}", host(&api.api_id, application.websocket_apis.len()), api.stage)
}

/// Of several APIs of a kind, the host tells which is meant.
fn host(api_id: &str, apis: usize) -> String {
    if apis > 1 { format!("{api_id}.localhost") } else { "localhost".to_owned() }
}

fn overridden(text: &str) -> Result<(String, String), OverrideError> {
    parse_override(text)
}

/// Resolves with Ctrl-C or SIGTERM, which from this call on no longer end the process by themselves.
pub fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
