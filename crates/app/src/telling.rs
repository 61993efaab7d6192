//! Telling everybody in a conversation about a message, each in their language.

use std::time::Duration;

use domain::{Language, Timestamp};
use store::messages;
use wire::frame::Event;
use wire::message::MessageView;

use crate::audience::{Audience, Shown};
use crate::error::Result;
use crate::sending::Outbox;
use crate::translation::Source;

/// What is told.
pub(crate) struct Words<'a> {
    /// The message.
    pub shown: Shown<'a>,
    /// What its sender's own connections get.
    pub own: Event,
    /// What a reader gets, of the message in that reader's language.
    pub event: &'a (dyn Fn(Box<MessageView>) -> Event + Sync),
}

/// Tells everybody who is there: at once where no translation is needed, within the translator's deadline where one is;
/// what comes later, within `patience`, follows as `message:updated`.
pub(crate) async fn tell(
    outbox: &Outbox,
    audience: &Audience,
    words: &Words<'_>,
    patience: Duration,
    now: Timestamp,
) -> Result<()> {
    let Outbox { table, push, translator, .. } = outbox;
    let Words { shown, own, event } = words;
    let message = shown.message;
    let language = Language::parse(&message.language).unwrap_or_else(|_| Language::english());
    let source = Source { text: &message.content, language };
    let targets = audience.targets().filter(|_| message.translate);
    let mut work = translator.start(source, targets, now);
    let waiting = work.pending().clone();

    let mut first = audience.to_sender(own)?;
    first.extend(audience.to_readers(shown, |target| (!waiting.contains(&target)).then_some(None), event)?);
    // Side by side: whoever is slow to take the original delays no translation.
    let translations = async {
        let ready = work.within(translator.deadline()).await;
        let translated = |target| waiting.contains(&target).then(|| ready.get(&target).cloned());
        push.deliver(table, audience.to_readers(shown, translated, event)?, now).await?;

        let late = work.rest(patience).await;
        tracing::info!(
            characters = work.characters(),
            languages = waiting.len(),
            late = late.len(),
            "message translated"
        );
        if !late.is_empty() {
            // Its file may have been inspected meanwhile: what was told of that must not be taken back.
            let fresh = match message.attachment {
                Some(_) => messages::by_id(table, shown.conversation, message.id()?).await?,
                None => None,
            };
            let shown = Shown { message: fresh.as_ref().unwrap_or(message), ..*shown };
            push.deliver(table, audience.updates(&shown, &late)?, now).await?;
        }
        Ok(())
    };
    let (delivered, translated) = tokio::join!(push.deliver(table, first, now), translations);
    delivered.and(translated)
}
