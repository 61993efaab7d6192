//! What can go wrong with the table besides the domain's own answers.

use aws_sdk_dynamodb::error::SdkError;

/// A call to the table that did not work out. None of these is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB did not answer, or refused (throttled, no permission, no such table).
    #[error("{operation} failed")]
    Unavailable {
        /// Which operation.
        operation: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An item does not have the form that its key promises.
    #[error("an item cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A batch was not worked off after all retries.
    #[error("{0} still had unprocessed keys after all retries")]
    Unprocessed(&'static str),
}

impl StoreError {
    pub(crate) fn unavailable<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |source| Self::Unavailable { operation, source: Box::new(source) }
    }

    pub(crate) fn unreadable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unreadable(source.into())
    }
}
