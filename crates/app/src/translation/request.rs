//! Requests to Amazon Translate.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use aws_sdk_translate::Client;
use aws_sdk_translate::config::retry::RetryConfig;
use aws_sdk_translate::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_translate::operation::translate_text::TranslateTextError;
use domain::Language;
use domain::translatable::{Protected, REQUEST_BYTES, accept, protect_within};
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::Source;

/// Longest wait for one answer; the service needs a few tenths of a second.
const ATTEMPT: Duration = Duration::from_secs(4);
/// Attempts in all.
const ATTEMPTS: u32 = 5;
/// Wait before the second attempt; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(150);

/// The translation, if there is one, and the characters it cost.
pub(super) async fn translate(client: &Client, source: Source<'_>, target: Language) -> (Option<String>, u64) {
    let pieces = protect_within(source.text, REQUEST_BYTES);
    let answers = join_all(pieces.iter().map(|piece| translate_piece(client, piece, source.language, target))).await;
    let characters = answers.iter().map(|(_, characters)| characters).sum();
    let joined: Option<String> = answers.into_iter().map(|(text, _)| text).collect();
    let text = joined.and_then(|text| {
        let accepted = accept(source.text, &text);
        if accepted.is_none() {
            tracing::warn!(from = %source.language, to = %target, "the translator gave no usable text");
        }
        accepted
    });
    (text, characters)
}

async fn translate_piece(
    client: &Client,
    piece: &Protected<'_>,
    source: Language,
    target: Language,
) -> (Option<String>, u64) {
    if !piece.needs_translation() {
        return (Some(piece.original().to_owned()), 0);
    }
    match ask(client, piece.source(), source, target).await {
        Some(answer) => (Some(piece.restore(&answer)), piece.source().chars().count() as u64),
        None => (None, 0),
    }
}

/// The service's answer. What may work in a moment is tried again; a refusal is final.
async fn ask(client: &Client, text: &str, source: Language, target: Language) -> Option<String> {
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            sleep(pause(text, target, attempt)).await;
        }
        // Never `auto`: detection is the service's to charge for, and it fails on short texts.
        let request = client
            .translate_text()
            .text(text)
            .source_language_code(source.as_str())
            .target_language_code(target.as_str())
            .customize()
            .config_override(aws_sdk_translate::config::Builder::new().retry_config(RetryConfig::disabled()));
        let (transient, reason) = match timeout(ATTEMPT, request.send()).await {
            Ok(Ok(answer)) => return Some(answer.translated_text),
            Ok(Err(error)) => (is_transient(&error), error.code().unwrap_or("no answer").to_owned()),
            Err(_) => (true, "timeout".to_owned()),
        };
        tracing::warn!(from = %source, to = %target, attempt, reason, "the translator failed");
        if !transient {
            break;
        }
    }
    None
}

fn is_transient<R>(error: &SdkError<TranslateTextError, R>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refusal) => {
            let refusal = refusal.err();
            refusal.is_too_many_requests_exception()
                || refusal.is_internal_server_exception()
                || refusal.is_service_unavailable_exception()
                || matches!(refusal.code(), Some("ThrottlingException" | "Throttling" | "RequestTimeout"))
        }
        _ => false,
    }
}

/// Doubling pauses, each shortened by up to a half so that texts which failed together do not come back together. The
/// text itself is chance enough for that.
fn pause(text: &str, target: Language, attempt: u32) -> Duration {
    let mut hasher = DefaultHasher::new();
    (text, target, attempt).hash(&mut hasher);
    let thousandths = u32::try_from(hasher.finish() % 500).unwrap_or(0);
    FIRST_PAUSE * 2_u32.pow(attempt.saturating_sub(2)) * (1000 - thousandths) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        let spanish = Language::parse("es").unwrap();
        for attempt in 2..=ATTEMPTS {
            let longest = FIRST_PAUSE * 2_u32.pow(attempt - 2);
            let pauses: Vec<Duration> = ["a", "b", "c"].map(|text| pause(text, spanish, attempt)).into();
            assert!(pauses.iter().all(|pause| *pause > longest / 2 && *pause <= longest));
            assert!(pauses.windows(2).any(|pair| pair[0] != pair[1]));
        }
    }
}
