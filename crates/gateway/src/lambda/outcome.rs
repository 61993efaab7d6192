//! How initialisations fail, and how invocations end.

use bytes::Bytes;

use super::endpoint::Posted;
use super::payloads::{self, Exit};

/// Why an environment did not get as far as its first poll.
pub(super) enum InitFailure {
    /// The program could not be started.
    NotStarted(String),
    /// It posted an error, with this payload.
    Posted(Bytes),
    /// It ended.
    Exited(Exit),
    /// It took too long.
    TimedOut,
    /// The gateway is stopping.
    Stopping,
}

impl InitFailure {
    /// Error type as log lines tell it; `None` for a timeout.
    pub(super) fn kind(&self) -> Option<String> {
        match self {
            Self::NotStarted(_) => Some("Runtime.InvalidEntrypoint".to_owned()),
            Self::Posted(payload) => {
                Some(payloads::error_type(payload).unwrap_or_else(|| "Runtime.Unknown".to_owned()))
            }
            Self::Exited(exit) => Some(exit.kind().to_owned()),
            Self::TimedOut | Self::Stopping => None,
        }
    }
}

/// How an invocation ended.
pub(super) enum Ended {
    /// The function answered.
    Posted(Posted),
    /// The process ended first.
    Exited(Exit),
    /// An extension posted that it cannot go on.
    Failed(Bytes),
    /// It took longer than it may; the process is being ended.
    TimedOut,
    /// The process was already gone: the function never saw the invocation.
    NotDelivered,
}
