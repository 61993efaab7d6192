//! A translator that does as a test says, behind the same protocol that Amazon Translate speaks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use local::aws::translate::{Engine, Fault, LANGUAGES, Passage};
use tokio::sync::watch;

/// An engine that answers `«es» text` unless it is told otherwise. Clones are the same engine.
#[derive(Clone)]
pub struct ScriptedTranslate(Arc<Shared>);

struct Shared {
    script: Mutex<Script>,
    open: watch::Sender<bool>,
}

#[derive(Default)]
struct Script {
    answers: Vec<(Asked, String)>,
    fault: Option<Fault>,
    delay: Option<Duration>,
    asked: Vec<Asked>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Text as it arrived.
    pub text: String,
    /// Source language.
    pub source: String,
    /// Target language.
    pub target: String,
}

impl Asked {
    /// A text between two languages.
    pub fn new(text: &str, source: &str, target: &str) -> Self {
        Self { text: text.to_owned(), source: source.to_owned(), target: target.to_owned() }
    }
}

impl Default for ScriptedTranslate {
    fn default() -> Self {
        Self(Arc::new(Shared { script: Mutex::default(), open: watch::Sender::new(true) }))
    }
}

impl ScriptedTranslate {
    /// From now on, this text is translated so.
    pub fn say(&self, text: &str, source: &str, target: &str, translation: &str) {
        self.script().answers.push((Asked::new(text, source, target), translation.to_owned()));
    }

    /// From now on, every request fails so.
    pub fn fail(&self, fault: Fault) {
        self.script().fault = Some(fault);
    }

    /// From now on, no request fails.
    pub fn recover(&self) {
        self.script().fault = None;
    }

    /// From now on, every answer takes so long.
    pub fn delay(&self, delay: Duration) {
        self.script().delay = Some(delay);
    }

    /// From now on, no request is answered until [`ScriptedTranslate::release`].
    pub fn hold(&self) {
        self.0.open.send_replace(false);
    }

    /// Answers what was held, and all that follows.
    pub fn release(&self) {
        self.0.open.send_replace(true);
    }

    /// Every text that arrived, in order, answered or not.
    pub fn asked(&self) -> Vec<Asked> {
        self.script().asked.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Engine for ScriptedTranslate {
    fn describe(&self) -> String {
        "a script".to_owned()
    }

    fn sources(&self, target: &str) -> Vec<&'static str> {
        LANGUAGES.iter().map(|language| language.code).filter(|code| *code != target).collect()
    }

    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault> {
        let asked = Asked::new(passage.text, passage.source, passage.target);
        self.script().asked.push(asked.clone());
        // It fails only when the sender is gone, and this holds it.
        let _ = self.0.open.subscribe().wait_for(|open| *open).await;
        let delay = self.script().delay;
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        let script = self.script();
        if let Some(fault) = &script.fault {
            return Err(fault.clone());
        }
        let scripted = script.answers.iter().rev().find(|(of, _)| *of == asked).map(|(_, answer)| answer.clone());
        Ok(scripted.unwrap_or_else(|| format!("«{}» {}", asked.target, asked.text)))
    }
}
