//! Texts into the languages of their readers: once per text and language, never for long, and never in anyone's way.
//!
//! What costs nothing comes first: a text in the reader's own language and one without words are not looked at again,
//! and what was translated before is in the cache ([`store::translations`]). Nothing here fails. A text without a
//! translation is shown as it was written, whatever the reason; the reason is logged, the text never.

mod request;
mod work;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_translate::Client;
use domain::translatable::{Fingerprint, needs_translation};
use domain::{Language, Timestamp};
use store::Table;
use store::translations::{self, Wanted};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, Result};

pub use work::{Translations, Work};

/// How long somebody who asks for a translation alone waits for it.
const ON_DEMAND: Duration = Duration::from_secs(10);
/// Requests to the translator at the same time for one page of messages.
const AT_ONCE: usize = 8;

/// The translator and its cache. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Translator {
    client: Client,
    table: Table,
    deadline: Duration,
}

/// A text to be read in another language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source<'a> {
    /// What was written.
    pub text: &'a str,
    /// The language it is in.
    pub language: Language,
}

/// Many texts in one language; made by [`Translator::page`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// For each text in its place the translation; none where the original is to be shown.
    pub texts: Vec<Option<String>>,
    /// Characters that the translator was paid for.
    pub characters: u64,
}

/// What is known already of many texts; made by [`Translator::known_page`].
#[derive(Debug)]
pub(crate) struct Known {
    /// For each text in its place the translation, if it is known.
    pub texts: Vec<Option<String>>,
    /// How many were looked up.
    pub looked_up: usize,
}

/// What became of a request.
#[derive(Debug)]
struct Answer {
    wanted: Wanted,
    text: Option<String>,
    characters: u64,
}

impl Translator {
    /// A translator whose answers are waited for no longer than `deadline` before the original goes out (setting
    /// `TRANSLATION_DEADLINE_MS`).
    ///
    /// The client's own retries and timeouts are not used: they know nothing of the deadline.
    pub fn new(client: Client, table: Table, deadline: Duration) -> Self {
        Self { client, table, deadline }
    }

    /// How long a delivery may wait.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Begins to translate one text into the languages of its readers, at once and in the background.
    ///
    /// One look into the cache for all languages, then one request for each that is missing, all at the same time, each
    /// kept in the cache when it succeeds. Languages in which the text can be read as it is are left out.
    pub fn start(&self, source: Source<'_>, targets: impl IntoIterator<Item = Language>, now: Timestamp) -> Work {
        let targets = targets.into_iter().filter(|target| is_wanted(source, *target)).collect();
        Work::start(self.clone(), source, targets, now)
    }

    /// What is known already of one text, and costs nothing.
    pub(crate) async fn known(
        &self,
        source: Source<'_>,
        targets: impl IntoIterator<Item = Language>,
        now: Timestamp,
    ) -> Translations {
        let targets = targets.into_iter().filter(|target| is_wanted(source, *target));
        let wanted: Vec<Wanted> = targets.map(|target| wanted(source, target)).collect();
        if wanted.is_empty() {
            return Translations::new();
        }
        let found = look_up(&self.table, wanted, now).await;
        found.into_iter().map(|(wanted, text)| (wanted.target, text)).collect()
    }

    /// What is known already of many texts: one look into the cache for a hundred.
    pub(crate) async fn known_page(&self, texts: &[Source<'_>], target: Language, now: Timestamp) -> Known {
        let wanted = all_wanted(texts, target);
        let distinct: BTreeSet<&Wanted> = wanted.iter().flatten().collect();
        let looked_up = distinct.len();
        let found = look_up(&self.table, distinct.into_iter().cloned(), now).await;
        Known { texts: in_place(&wanted, &found), looked_up }
    }

    /// One text for somebody who asks for nothing else: waited for longer than a message is. None when it can be read as
    /// it is; an error when there is no translation.
    pub async fn on_demand(&self, source: Source<'_>, target: Language, now: Timestamp) -> Result<Option<String>> {
        let mut work = self.start(source, [target], now);
        if work.pending().is_empty() {
            return Ok(None);
        }
        let mut done = work.rest(ON_DEMAND).await;
        tracing::info!(characters = work.characters(), "translated on demand");
        done.remove(&target).map(Some).ok_or(Error::Translation)
    }

    /// Many texts into the language of one reader, within the deadline: one look into the cache for all, then requests
    /// for what is missing, each distinct text once and eight at a time.
    ///
    /// What is not ready by then stays as it was written; requests already made are finished in the background where the
    /// process lives on, so that the next page finds their answers in the cache.
    pub async fn page(&self, texts: &[Source<'_>], target: Language, now: Timestamp) -> Page {
        let deadline = Instant::now() + self.deadline;
        let wanted = all_wanted(texts, target);
        let distinct: BTreeMap<&Wanted, Source<'_>> =
            wanted.iter().zip(texts).filter_map(|(wanted, source)| Some((wanted.as_ref()?, *source))).collect();
        if distinct.is_empty() {
            return Page { texts: vec![None; texts.len()], characters: 0 };
        }

        let keys = distinct.keys().copied().cloned();
        let mut found = timeout_at(deadline, look_up(&self.table, keys, now)).await.unwrap_or_default();
        let missing = distinct.into_iter().filter(|(wanted, _)| !found.contains_key(wanted));
        let mut characters = 0;
        for answer in self.request_all(missing, now, deadline).await {
            characters += answer.characters;
            if let Some(text) = answer.text {
                found.insert(answer.wanted, text);
            }
        }
        Page { texts: in_place(&wanted, &found), characters }
    }

    async fn request_all<'a>(
        &self,
        missing: impl Iterator<Item = (&'a Wanted, Source<'a>)>,
        now: Timestamp,
        deadline: Instant,
    ) -> Vec<Answer> {
        let (sender, mut answers) = mpsc::unbounded_channel();
        let mut missing = missing.peekable();
        let mut running = JoinSet::new();
        while missing.peek().is_some() || !running.is_empty() {
            for (wanted, source) in missing.by_ref().take(AT_ONCE.saturating_sub(running.len())) {
                let (translator, wanted, text) = (self.clone(), wanted.clone(), source.text.to_owned());
                let sender = sender.clone();
                running.spawn(async move {
                    translator.request(Source { text: &text, language: source.language }, wanted, now, &sender).await;
                });
            }
            if timeout_at(deadline, running.join_next()).await.is_err() {
                running.detach_all();
                break;
            }
        }
        std::iter::from_fn(|| answers.try_recv().ok()).collect()
    }

    /// Requests a translation, gives the answer away and then keeps it: nobody waits for the cache.
    async fn request(
        &self,
        source: Source<'_>,
        wanted: Wanted,
        now: Timestamp,
        answers: &mpsc::UnboundedSender<Answer>,
    ) {
        let (text, characters) = request::translate(&self.client, source, wanted.target).await;
        // Whoever waited may have gone; the cache is written all the same.
        let _ = answers.send(Answer { wanted: wanted.clone(), text: text.clone(), characters });
        if let Some(text) = text
            && let Err(error) = translations::put(&self.table, &wanted, &text, now).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a translation was not kept");
        }
    }
}

/// What the cache has; nothing when it fails.
async fn look_up(table: &Table, wanted: impl IntoIterator<Item = Wanted>, now: Timestamp) -> HashMap<Wanted, String> {
    translations::get_many(table, wanted, now).await.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "translations were not looked up");
        HashMap::new()
    })
}

/// Whether a reader of `target` needs a translation at all.
fn is_wanted(source: Source<'_>, target: Language) -> bool {
    !source.language.same_text(target) && needs_translation(source.text)
}

fn wanted(source: Source<'_>, target: Language) -> Wanted {
    Wanted { source: Fingerprint::of(source.text, source.language), target }
}

/// What is to be looked for of each text in its place; nothing of what can be read as it is.
fn all_wanted(texts: &[Source<'_>], target: Language) -> Vec<Option<Wanted>> {
    texts.iter().map(|source| is_wanted(*source, target).then(|| wanted(*source, target))).collect()
}

fn in_place(wanted: &[Option<Wanted>], found: &HashMap<Wanted, String>) -> Vec<Option<String>> {
    wanted.iter().map(|wanted| found.get(wanted.as_ref()?).cloned()).collect()
}
