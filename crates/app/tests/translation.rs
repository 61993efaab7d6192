//! Translations through the real SDK, an embedded table, and a translator that does as it is told.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "translation/failures.rs"]
mod failures;
#[path = "translation/page.rs"]
mod page;
#[path = "translation/scripted.rs"]
mod scripted;
#[path = "translation/several.rs"]
mod several;

use std::time::Duration;

use app::translation::Source;
use domain::{Language, Timestamp};

/// Longer than anything here takes: a test that waits for it to pass has failed.
const LONG: Duration = Duration::from_secs(20);
/// Longer than anything that is ready takes, in the tests that must see it pass.
const SHORT: Duration = Duration::from_secs(1);

/// In a future in which nothing expires while the tests run.
fn now() -> Timestamp {
    Timestamp::from_millis(4_000_000_000_000)
}

fn language(code: &str) -> Language {
    Language::parse(code).unwrap()
}

fn languages(codes: &[&str]) -> Vec<Language> {
    codes.iter().map(|code| language(code)).collect()
}

fn english(text: &str) -> Source<'_> {
    Source { text, language: Language::english() }
}
