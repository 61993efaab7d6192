//! A local API Gateway: reads a SAM template and runs it — HTTP API, WebSocket API, `@connections`, Lambda functions.
//!
//! What decides is pure code that a recording can replay without a socket: [`http_api`], [`socket`], [`lambda`]'s
//! payloads and log lines, [`management`], [`policy`]. Time, ids and bytes come in as arguments. Around it stands a
//! thin shell that listens, upgrades, and starts processes. Rules cite the gateway facts (`H-23`, `W-01` …) they
//! follow; where the facts are open, [`Behaviour`] has a switch.
//!
//! ```no_run
//! # async fn example(application: gateway::model::Application, launcher: std::sync::Arc<dyn gateway::Launcher>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let running = gateway::start(application, gateway::Options::new(listener, launcher))?;
//! println!("http://{}", running.address());
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```
#![allow(
    clippy::disallowed_methods,
    reason = "this crate runs functions and is none: it has a clock and an environment of its own"
)]

pub mod address;
pub mod answer;
pub mod behaviour;
pub mod command_line;
pub mod event_source;
pub mod http_api;
pub mod ids;
pub mod json_path;
pub mod lambda;
pub mod launch;
pub mod limits;
pub mod management;
pub mod model;
pub mod origin;
pub mod policy;
mod random;
pub mod report;
mod roles;
mod server;
pub mod socket;
mod start;
pub mod template;
pub mod time;
pub mod tls;
pub mod velocity;
pub mod watch;

pub use behaviour::{Behaviour, Domain, MessageOrder, Signatures};
pub use launch::{Launch, LaunchError, Launcher};
pub use limits::Limits;
pub use report::{Event, Report};
pub use start::{LaunchFailure, Options, Running, StartError, start};
