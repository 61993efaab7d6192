//! How a push ended, and how often it is tried.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::time::Duration;

use aws_smithy_runtime_api::client::dns::ResolveDnsError;

/// How often a push is tried before the stream brings it again, and how long is waited in between unless a service says
/// for how long.
pub(super) const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(250);
/// A service that wants to be left alone for longer is tried again when the stream brings the message again.
const PATIENCE: Duration = Duration::from_secs(4);

/// How a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The service has taken it.
    Taken,
    /// There is no such device any more.
    Gone,
    /// The service will never take it.
    Refused,
    /// It was certainly not taken, and may be later.
    Later,
    /// Nobody knows: the answer did not come. It is not tried again, for it may have been taken.
    Unknown,
}

/// One try: how it ended, and how long the service wants to be left alone.
pub(super) type Try = (Outcome, Option<Duration>);

/// Tries until it is anything else than later.
pub(super) async fn tried(mut one: impl AsyncFnMut() -> Try) -> Outcome {
    for attempt in 1..=TRIES {
        let (outcome, wait) = one().await;
        let wait = wait.unwrap_or(PAUSE * u32::try_from(attempt * attempt).unwrap_or(1));
        if outcome != Outcome::Later || attempt == TRIES || wait > PATIENCE {
            return outcome;
        }
        tokio::time::sleep(wait).await;
    }
    Outcome::Later
}

/// What a request that brought no answer comes to: later, if it cannot have been sent.
pub(super) fn without_answer(error: &(dyn StdError + 'static)) -> Outcome {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let refused = error.downcast_ref::<std::io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable
            )
        });
        if refused || error.downcast_ref::<ResolveDnsError>().is_some() {
            return Outcome::Later;
        }
        cause = error.source();
    }
    Outcome::Unknown
}
