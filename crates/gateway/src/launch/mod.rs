//! How a function of the template becomes a process: the one thing the gateway asks of whoever embeds it.
//!
//! [`Programs`] finds programs where Lambda's tools leave them; whoever has other ones brings a [`Launcher`].

pub(crate) mod inline;
mod interpreted;
mod preload;
mod programs;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

pub use preload::Preload;
pub use programs::{Programs, extensions};

use crate::model;

/// Chooses the program that runs a function.
pub trait Launcher: Send + Sync {
    /// The program of `function`. Asked once per function, at start, so that everything missing is known at once.
    fn launch(&self, function: &model::Function) -> Result<Launch, LaunchError>;

    /// Where `function` runs when it is not to run here; asked before [`Launcher::launch`].
    fn remote(&self, function: &model::Function) -> Option<Remote> {
        let _ = function;
        None
    }

    /// Told after each build of [`crate::watch`]. Whether functions run from other files than before from now on: then
    /// all of them are launched anew. With an error everything stays as it was.
    fn built(&self) -> Result<bool, LaunchError> {
        Ok(false)
    }
}

/// A Lambda Invoke API that runs a function: AWS, LocalStack, `cargo lambda watch`.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Client with address, region and credentials.
    pub client: aws_sdk_lambda::Client,
    /// Whether it is asked by the names of programs first, the only ones that `cargo lambda watch` knows.
    pub by_program: bool,
}

/// Where a function runs.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    /// As processes of this machine.
    Process(Launch),
    /// Somewhere else.
    Remote(Remote),
}

/// The name of a function's program: the last part of `CodeUri` (`target/lambda/auth-me/`).
pub fn name(function: &model::Function) -> Option<&str> {
    function.code.file_name()?.to_str()
}

/// A program that speaks the Lambda Runtime API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables added after Lambda's own (L-04) and the template's; they win.
    pub environment: BTreeMap<String, String>,
    /// External extensions that start before it, each under its file's name (L-12).
    pub extensions: Vec<PathBuf>,
}

/// Why a function cannot be launched, in a sentence that names what is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LaunchError(pub String);
