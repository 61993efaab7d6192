//! Amazon Translate: its protocol, limits and errors in front of an engine that really translates, when there is one.
//!
//! Terminologies do not exist on this machine, so naming one is `ResourceNotFoundException`. Language names of
//! `ListLanguages` are English in whichever language they are asked for.

mod detection;
pub mod engine;
mod fault;
mod languages;
pub mod markup;
mod request;

use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::account::{Account, Permission};
use super::endpoint::Endpoint;
use super::protocol::{self, Service};
pub use engine::{Engine, Passage};
pub use fault::Fault;
pub use languages::{LANGUAGES, Language};
use request::{ListLanguages, TranslateText};

/// Starts the service on a free loopback port.
pub async fn start(account: &Account, engine: Arc<dyn Engine>) -> io::Result<Endpoint> {
    let service = Arc::new(Translate { engine });
    let account = account.clone();
    Endpoint::serve(move |request| protocol::answer(Arc::clone(&service), account.clone(), request)).await
}

struct Translate {
    engine: Arc<dyn Engine>,
}

impl Translate {
    async fn translate_text(&self, input: &Value) -> Result<Value, Fault> {
        let request = TranslateText::parse(input)?;
        let target = languages::find(&request.target);
        let source = match request.source.as_str() {
            "auto" => {
                let sources = target.map(|target| self.engine.sources(target.code)).unwrap_or_default();
                Some(detection::detect(&request.text, &sources)?)
            }
            code => languages::find(code),
        };
        let (Some(source), Some(target)) = (source, target) else {
            return Err(Fault::UnsupportedLanguagePair { source: request.source, target: request.target });
        };
        let passage = Passage { text: &request.text, source: source.code, target: target.code };
        let translated = if source == target { request.text.clone() } else { self.engine.translate(passage).await? };
        let mut output = json!({
            "TranslatedText": translated,
            "SourceLanguageCode": source.code,
            "TargetLanguageCode": target.code,
        });
        if let Some(settings) = request.settings {
            output["AppliedSettings"] = settings;
        }
        Ok(output)
    }
}

#[async_trait::async_trait]
impl Service for Translate {
    const NAME: &'static str = "AWSShineFrontendService_20170701";
    const NAMESPACE: &'static str = "com.amazonaws.translate";
    const IAM: &'static str = "translate";

    fn permissions(&self, operation: &str, input: &Value) -> Vec<Permission> {
        let mut permissions = vec![Permission::new(format!("translate:{operation}"), "*")];
        // Translate then asks Amazon Comprehend in the caller's name.
        if operation == "TranslateText" && input["SourceLanguageCode"] == "auto" {
            permissions.push(Permission::new("comprehend:DetectDominantLanguage", "*"));
        }
        permissions
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, protocol::Fault> {
        match operation {
            "TranslateText" => Ok(self.translate_text(&input).await?),
            "ListLanguages" => Ok(ListLanguages::parse(&input)?.answer()),
            _ => Err(protocol::Fault::unknown_operation()),
        }
    }
}
