//! Everything that knows Lambda: settings, serving, requests and frames, replies, failures, logs.
//!
//! A function is a `handle` that says by its first argument what it works with and by its second what it answers to;
//! [`http::serve`], [`socket::serve`], [`authorizer::serve`] and [`invocation::serve`] do the rest.

pub mod authorizer;
mod clock;
pub mod config;
mod failure;
pub mod http;
pub mod invocation;
pub mod logs;
mod providers;
mod pushing;
mod services;
pub mod socket;
pub mod stream;

pub use config::Environment;
pub use failure::Failure;
pub use providers::{GoogleClient, GoogleExchange, GoogleProvider, Providers};
pub use pushing::{WebPushHosts, WebPushPublicKey};
pub use services::{
    AllowedOrigins, CheckEmailGuard, ClearPages, ConnectionLimit, DepartureDelay, FromEnvironment, Guard,
    InspectionWait, Invitations, JoinGuard, RefreshGuard, ReportGuard, SignInGuard, SocketGuard, UploadGuard,
};

/// Error with which a function's process ends.
pub type Error = lambda_http::lambda_runtime::Error;

/// Runs a function until its execution environment is shut down. A setting that is missing ends the process with its
/// name.
pub fn start(serving: impl Future<Output = Result<(), Error>>) -> std::process::ExitCode {
    // One invocation at a time: one thread starts faster and serves as fast.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Error::from).and_then(|runtime| runtime.block_on(serving)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            logs::fatal(&error);
            std::process::ExitCode::FAILURE
        }
    }
}
