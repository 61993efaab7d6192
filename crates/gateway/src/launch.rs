//! How a function of the template becomes a process: the one thing the gateway asks of whoever embeds it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::model;

/// Chooses the program that runs a function.
pub trait Launcher: Send + Sync {
    /// The program of `function`. Asked once per function, at start, so that everything missing is known at once.
    fn launch(&self, function: &model::Function) -> Result<Launch, LaunchError>;
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
}

/// Why a function cannot be launched, in a sentence that names what is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LaunchError(pub String);
