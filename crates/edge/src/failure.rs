//! Failures become HTTP answers or frames here and nowhere else, and are logged here and nowhere else.

use std::collections::BTreeMap;

use domain::Problems;
use http::StatusCode;
use store::rates::Standing;
use wire::{Code, ErrorBody};

/// Why a handler did not answer as it should.
#[derive(Debug)]
pub enum Failure {
    /// The use case ended so.
    App(app::Error),
    /// The body is larger than any request of this API.
    TooLarge,
    /// The time of this invocation was almost over.
    TimedOut,
    /// A defect.
    Panicked,
}

impl<E: Into<app::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::App(error.into())
    }
}

impl Failure {
    /// What the client gets: status, the one error body, and how a limit stands if it was one.
    pub(crate) fn told(&self, request_id: &str) -> (StatusCode, ErrorBody, Option<Standing>) {
        use app::Error as E;
        let mut details = BTreeMap::new();
        let mut standing = None;
        let (status, code, message) = match self {
            Self::App(error) => {
                let (status, code) = match error {
                    E::Invalid(Problems(problems)) => {
                        details.clone_from(problems);
                        (StatusCode::BAD_REQUEST, Code::ValidationError)
                    }
                    E::EmailExists => (StatusCode::BAD_REQUEST, Code::EmailExists),
                    E::UsernameExists => (StatusCode::BAD_REQUEST, Code::UsernameExists),
                    E::InvalidCredentials => (StatusCode::UNAUTHORIZED, Code::InvalidCredentials),
                    E::Unauthorized(_) | E::InvalidRefreshToken(_) | E::InvalidIdToken(_) | E::SignInNotFinished(_) => {
                        (StatusCode::UNAUTHORIZED, Code::Unauthorized)
                    }
                    E::NotFound(_) => (StatusCode::NOT_FOUND, Code::NotFound),
                    E::Forbidden(_) => (StatusCode::FORBIDDEN, Code::Forbidden),
                    E::Conflict(_) => (StatusCode::CONFLICT, Code::Conflict),
                    E::RateLimited(limit) => {
                        standing = Some(*limit);
                        (StatusCode::TOO_MANY_REQUESTS, Code::RateLimited)
                    }
                    E::Translation => (StatusCode::BAD_GATEWAY, Code::TranslationError),
                    E::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, Code::InternalError),
                };
                (status, code, error.to_string())
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, Code::PayloadTooLarge, "the request body is too large".to_owned())
            }
            Self::TimedOut | Self::Panicked => {
                (StatusCode::INTERNAL_SERVER_ERROR, Code::InternalError, "something went wrong".to_owned())
            }
        };
        // The contract wants the request id in the answer to a defect, and the message is a sentence for people.
        let message = if code == Code::InternalError { format!("{message} (request {request_id})") } else { message };
        (status, ErrorBody { message, code, details }, standing)
    }

    /// Writes the inside of the failure to the log, once.
    pub(crate) fn log(&self, request_id: &str) {
        match self {
            Self::App(app::Error::Internal(cause)) => {
                tracing::error!(request_id, cause = chain(cause.as_ref()), "internal error");
            }
            Self::App(
                app::Error::Unauthorized(reason)
                | app::Error::InvalidRefreshToken(reason)
                | app::Error::InvalidIdToken(reason)
                | app::Error::SignInNotFinished(reason),
            ) => tracing::info!(request_id, reason, "unauthorized"),
            Self::TimedOut => tracing::error!(request_id, "the invocation ran out of time"),
            // The panic itself was written by the panic hook.
            Self::Panicked => tracing::error!(request_id, "the handler panicked"),
            Self::App(_) | Self::TooLarge => {}
        }
    }
}

/// An error with everything beneath it.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j4_a_defect_tells_the_request_id_and_nothing_of_its_cause() {
        let failure = Failure::from(app::Error::internal("the table is on fire"));
        let (status, body, _) = failure.told("request-7");
        assert_eq!((status.as_u16(), body.code), (500, Code::InternalError));
        assert!(body.message.contains("request-7") && !body.message.contains("fire"));
        assert!(body.details.is_empty());
    }

    #[test]
    fn bad_fields_are_all_told() {
        let mut problems = Problems::one("email", "is required");
        problems.add("password", "is required");
        let (status, body, _) = Failure::from(problems).told("id");
        assert_eq!((status.as_u16(), body.details.len()), (400, 2));
    }
}
