//! What translates.

mod apertium;
mod libretranslate;
mod marked;

use std::sync::Arc;

pub use apertium::Apertium;
pub use libretranslate::{LibreTranslate, LibreTranslateError};
pub use marked::Marked;

use super::fault::Fault;

/// A text to translate, between two different languages by their Amazon Translate codes.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// At most 10,000 bytes, with elements to be kept as they are ([`super::markup`]).
    pub text: &'a str,
    /// Language of the text, never `auto`.
    pub source: &'a str,
    /// Language wanted.
    pub target: &'a str,
}

/// A translation engine.
#[async_trait::async_trait]
pub trait Engine: Send + Sync {
    /// One line for the person who started the stack.
    fn describe(&self) -> String;

    /// Codes of the languages from which it really translates into `target`.
    fn sources(&self, target: &str) -> Vec<&'static str>;

    /// Translates, keeping what is to be kept.
    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault>;
}

/// The first of several engines that knows a pair of languages; marked text if none does.
pub struct FirstOf(Vec<Arc<dyn Engine>>);

impl FirstOf {
    /// In order of preference.
    pub fn new(engines: Vec<Arc<dyn Engine>>) -> Self {
        Self(engines)
    }
}

#[async_trait::async_trait]
impl Engine for FirstOf {
    fn describe(&self) -> String {
        let names = self.0.iter().map(|engine| engine.describe());
        names.chain([Marked.describe()]).collect::<Vec<_>>().join("; else ")
    }

    fn sources(&self, target: &str) -> Vec<&'static str> {
        let mut sources: Vec<_> = self.0.iter().flat_map(|engine| engine.sources(target)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault> {
        let able = self.0.iter().find(|engine| engine.sources(passage.target).contains(&passage.source));
        match able {
            Some(engine) => engine.translate(passage).await,
            None => Marked.translate(passage).await,
        }
    }
}
