//! No translation at all, and saying so.

use super::{Engine, Fault, Passage};

/// Puts the language in brackets before the text, so that nobody takes it for a translation.
pub struct Marked;

#[async_trait::async_trait]
impl Engine for Marked {
    fn describe(&self) -> String {
        "text marked like “[es] …”, not translated".to_owned()
    }

    fn sources(&self, _target: &str) -> Vec<&'static str> {
        Vec::new()
    }

    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault> {
        Ok(format!("[{}] {}", passage.target, passage.text))
    }
}
