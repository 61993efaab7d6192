//! One text on its way into several languages.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::{Language, Timestamp};
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::{Answer, Source, Translator, look_up, wanted};

/// Translations by language.
pub type Translations = BTreeMap<Language, String>;

/// One text on its way into several languages; made by [`Translator::start`].
///
/// It goes on in the background between the calls, and after the last one too where the process lives on.
#[derive(Debug)]
pub struct Work {
    pending: BTreeSet<Language>,
    answers: mpsc::UnboundedReceiver<Answer>,
    characters: u64,
}

impl Work {
    pub(super) fn start(
        translator: Translator,
        source: Source<'_>,
        targets: BTreeSet<Language>,
        now: Timestamp,
    ) -> Self {
        let (sender, answers) = mpsc::unbounded_channel();
        let work = Self { pending: targets.clone(), answers, characters: 0 };
        if !targets.is_empty() {
            let (text, language) = (source.text.to_owned(), source.language);
            tokio::spawn(async move {
                translator.work_off(Source { text: &text, language }, targets, now, sender).await;
            });
        }
        work
    }

    /// The translations that are ready within a time from now; back at once when nothing is pending any more.
    pub async fn within(&mut self, limit: Duration) -> Translations {
        let until = Instant::now() + limit;
        let mut ready = Translations::new();
        while !self.pending.is_empty() {
            let Ok(Some(answer)) = timeout_at(until, self.answers.recv()).await else { break };
            self.take(answer, &mut ready);
        }
        ready
    }

    /// The translations that were not ready before, waited for up to a time from now. What failed for a moment
    /// (throttling, a fault of the service, no answer) is tried again meanwhile.
    ///
    /// To be called in any case, after everything that others wait for: it also waits until the cache has been written.
    pub async fn rest(&mut self, limit: Duration) -> Translations {
        let until = Instant::now() + limit;
        let mut late = Translations::new();
        // The channel closes when the last request is answered and kept.
        while let Ok(Some(answer)) = timeout_at(until, self.answers.recv()).await {
            self.take(answer, &mut late);
        }
        late
    }

    /// Languages whose translation may still come.
    pub fn pending(&self) -> &BTreeSet<Language> {
        &self.pending
    }

    /// Characters that the translator was paid for so far.
    pub fn characters(&self) -> u64 {
        self.characters
    }

    fn take(&mut self, answer: Answer, ready: &mut Translations) {
        self.pending.remove(&answer.wanted.target);
        self.characters += answer.characters;
        if let Some(text) = answer.text {
            ready.insert(answer.wanted.target, text);
        }
    }
}

impl Translator {
    async fn work_off(
        &self,
        source: Source<'_>,
        targets: BTreeSet<Language>,
        now: Timestamp,
        answers: mpsc::UnboundedSender<Answer>,
    ) {
        let all: Vec<_> = targets.into_iter().map(|target| wanted(source, target)).collect();
        let mut cached = look_up(&self.table, all.iter().cloned(), now).await;
        let mut missing = Vec::new();
        for wanted in all {
            match cached.remove(&wanted) {
                // Nobody may be waiting any more.
                Some(text) => drop(answers.send(Answer { wanted, text: Some(text), characters: 0 })),
                None => missing.push(self.request(source, wanted, now, &answers)),
            }
        }
        join_all(missing).await;
    }
}
