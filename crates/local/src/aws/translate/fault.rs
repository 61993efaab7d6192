//! The errors that Amazon Translate documents for `TranslateText` and `ListLanguages`.

use crate::aws::protocol;

/// An error of Amazon Translate. An [`Engine`](super::Engine) answers with one of these too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `InvalidRequestException`.
    InvalidRequest(String),
    /// `InvalidParameterValueException`.
    InvalidParameterValue(String),
    /// `TextSizeLimitExceededException`: how many bytes were sent.
    TextSizeLimitExceeded(usize),
    /// `UnsupportedLanguagePairException`.
    UnsupportedLanguagePair {
        /// Source language code.
        source: String,
        /// Target language code.
        target: String,
    },
    /// `UnsupportedDisplayLanguageCodeException`.
    UnsupportedDisplayLanguage(String),
    /// `DetectedLanguageLowConfidenceException`: the best guess.
    DetectedLanguageLowConfidence(Option<&'static str>),
    /// `ResourceNotFoundException`.
    ResourceNotFound(String),
    /// `TooManyRequestsException`.
    TooManyRequests,
    /// `ServiceUnavailableException`.
    ServiceUnavailable(String),
    /// `InternalServerException`, the only one that is a 500.
    InternalServer(String),
}

impl From<Fault> for protocol::Fault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::InvalidRequest(message) => Self::client("InvalidRequestException", message),
            Fault::InvalidParameterValue(message) => Self::client("InvalidParameterValueException", message),
            Fault::TextSizeLimitExceeded(bytes) => {
                let message = format!(
                    "Input text size exceeds limit. Max length of request text allowed is {} bytes while in this \
                     request the text size is {bytes} bytes",
                    super::request::MAX_TEXT
                );
                Self::client("TextSizeLimitExceededException", message)
            }
            Fault::UnsupportedLanguagePair { source, target } => {
                let message = format!("Unsupported language pair: {source} to {target}.");
                Self::client("UnsupportedLanguagePairException", message)
                    .with("SourceLanguageCode", source)
                    .with("TargetLanguageCode", target)
            }
            Fault::UnsupportedDisplayLanguage(code) => {
                let message = format!("The display language code {code} is not supported.");
                Self::client("UnsupportedDisplayLanguageCodeException", message).with("DisplayLanguageCode", code)
            }
            Fault::DetectedLanguageLowConfidence(guess) => {
                let message = "The confidence that the language of the text was detected correctly is low.";
                let fault = Self::client("DetectedLanguageLowConfidenceException", message);
                match guess {
                    Some(code) => fault.with("DetectedLanguageCode", code),
                    None => fault,
                }
            }
            Fault::ResourceNotFound(message) => Self::client("ResourceNotFoundException", message),
            Fault::TooManyRequests => Self::client("TooManyRequestsException", "Too many requests."),
            Fault::ServiceUnavailable(message) => Self::client("ServiceUnavailableException", message),
            Fault::InternalServer(message) => Self::server("InternalServerException", message),
        }
    }
}
