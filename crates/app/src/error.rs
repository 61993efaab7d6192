//! How a use case can end without what was asked for. What this means over HTTP or a socket is not said here.

use domain::Problems;
use store::StoreError;
use store::rates::Standing;

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case did not do what was asked (contract, Errors).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Bad fields.
    #[error("the request is not valid")]
    Invalid(Problems),
    /// The address has an account.
    #[error("this email address has an account already")]
    EmailExists,
    /// The name is taken.
    #[error("this username is taken")]
    UsernameExists,
    /// Unknown account or wrong password, indistinguishable.
    #[error("the email address or the password is wrong")]
    InvalidCredentials,
    /// No token, or none that holds. The reason is for the log alone.
    #[error("a valid access token is required")]
    Unauthorized(&'static str),
    /// A refresh token that does not work (any more). The reason is for the log alone.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken(&'static str),
    /// No ID token, or none that holds. The reason is for the log alone.
    #[error("a valid ID token of the provider is required")]
    InvalidIdToken(&'static str),
    /// A sign-in in the browser that was not begun by it, or not finished. The reason is for the log alone.
    #[error("signing in at the provider did not work: start again")]
    SignInNotFinished(&'static str),
    /// Unknown, or nothing of the caller's: "Conversation", "Message", "User".
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Known to the caller, but not allowed.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The state does not allow it.
    #[error("{0}")]
    Conflict(&'static str),
    /// Too many in this minute.
    #[error("too many requests: try again later")]
    RateLimited(Standing),
    /// A translation that was all that was asked for did not come.
    #[error("the text could not be translated: try again later")]
    Translation,
    /// A defect, or a service that this one needs is out of order.
    #[error("something went wrong")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A defect with its cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}
