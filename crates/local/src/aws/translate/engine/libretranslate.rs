//! A LibreTranslate server.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::super::languages::LANGUAGES;
use super::super::markup::{Segment, segments};
use super::{Engine, Fault, Passage};

/// How long an answer may take; a client of the service has given up long before.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine behind a LibreTranslate address.
pub struct LibreTranslate {
    url: String,
    client: reqwest::Client,
    /// Languages by source code, with their targets, in the server's spelling.
    pairs: BTreeMap<String, Vec<String>>,
}

/// A LibreTranslate address that does not answer as one.
#[derive(Debug, thiserror::Error)]
#[error("no LibreTranslate at {url}: {reason}")]
pub struct LibreTranslateError {
    /// The address.
    pub url: String,
    /// What went wrong.
    pub reason: String,
}

#[derive(Deserialize)]
struct Offer {
    code: String,
    #[serde(default)]
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "translatedText")]
    translated: Vec<String>,
}

impl LibreTranslate {
    /// Asks the server at `url` which languages it has.
    pub async fn connect(url: &str) -> Result<Self, LibreTranslateError> {
        let url = url.trim_end_matches('/').to_owned();
        let failed = |error: reqwest::Error| LibreTranslateError { url: url.clone(), reason: innermost(&error) };
        let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(failed)?;
        let response = client.get(format!("{url}/languages")).send().await.map_err(failed)?;
        let offers: Vec<Offer> = response.error_for_status().map_err(failed)?.json().await.map_err(failed)?;
        let pairs = offers.into_iter().map(|offer| (offer.code, offer.targets)).collect();
        Ok(Self { url, client, pairs })
    }

    /// How the server spells a pair, if it has it.
    fn pair(&self, source: &str, target: &str) -> Option<(&str, &str)> {
        let targets = |offered: &str| spellings(target).into_iter().any(|spelling| spelling == offered);
        spellings(source).into_iter().find_map(|spelling| {
            let (source, offered) = self.pairs.get_key_value(spelling)?;
            let target = offered.iter().find(|offered| targets(offered))?;
            Some((source.as_str(), target.as_str()))
        })
    }
}

/// The codes that LibreTranslate servers use for an Amazon Translate code, best first.
fn spellings(code: &str) -> Vec<&str> {
    match code {
        "zh" => vec!["zh-Hans", "zh"],
        "zh-TW" => vec!["zh-Hant", "zt"],
        "no" => vec!["nb", "no"],
        "pt" => vec!["pt-BR", "pb", "pt"],
        "pt-PT" => vec!["pt"],
        _ => vec![code, code.split('-').next().unwrap_or(code)],
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[async_trait::async_trait]
impl Engine for LibreTranslate {
    fn describe(&self) -> String {
        format!("LibreTranslate at {} ({} languages)", self.url, self.pairs.len())
    }

    fn sources(&self, target: &str) -> Vec<&'static str> {
        let codes = LANGUAGES.iter().map(|language| language.code);
        codes.filter(|source| *source != target && self.pair(source, target).is_some()).collect()
    }

    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault> {
        let Some((source, target)) = self.pair(passage.source, passage.target) else {
            let (source, target) = (passage.source.to_owned(), passage.target.to_owned());
            return Err(Fault::UnsupportedLanguagePair { source, target });
        };
        let unavailable = |reason: String| Fault::ServiceUnavailable(format!("LibreTranslate: {reason}"));
        let segments = segments(passage.text);
        // Blanks around what is kept are not the server's business: it would trim them.
        let asked: Vec<_> = segments.iter().filter_map(words).map(str::trim).collect();
        if asked.is_empty() {
            return Ok(passage.text.to_owned());
        }
        let body = json!({ "q": asked, "source": source, "target": target, "format": "text" });
        let request = self.client.post(format!("{}/translate", self.url)).json(&body);
        let response = request.send().await.map_err(|error| unavailable(innermost(&error)))?;
        if response.status() == reqwest::StatusCode::TOO_MANY_REQUESTS {
            return Err(Fault::TooManyRequests);
        }
        let response = response.error_for_status().map_err(|error| unavailable(error.to_string()))?;
        let answer: Answer = response.json().await.map_err(|error| unavailable(innermost(&error)))?;
        if answer.translated.len() != asked.len() {
            return Err(unavailable("fewer texts came back than were sent".to_owned()));
        }
        let mut translated = answer.translated.into_iter();
        let parts = segments.iter().map(|segment| match (segment, words(segment)) {
            (Segment::Translate(text), Some(words)) => {
                text.replacen(words.trim(), &translated.next().unwrap_or_default(), 1)
            }
            (Segment::Translate(text) | Segment::Keep(text), _) => (*text).to_owned(),
        });
        Ok(parts.collect())
    }
}

/// The text of a segment that has something to translate.
fn words<'a>(segment: &Segment<'a>) -> Option<&'a str> {
    match segment {
        Segment::Translate(text) if text.chars().any(char::is_alphabetic) => Some(text),
        _ => None,
    }
}
