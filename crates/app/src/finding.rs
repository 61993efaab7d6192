//! Messages of a conversation by their words ([decision 26](../../../docs/adr/0026-messages-are-found-by-reading.md)).

use domain::message::TextQuery;
use domain::{Language, MessageId, Timestamp};
use store::messages::MessageRecord;
use store::{Consistency, Table, presence, stretches};
use wire::message_search::{FoundMessagesBody, MessageSearch, SearchMessagesQuery};

use crate::error::Result;
use crate::listing::{self, sources};
use crate::membership::Membership;
use crate::readers;
use crate::translation::{Known, Translator};

/// Messages of one query, and so of one look into the cache of translations.
const STRETCH: usize = 100;
/// A page looks through no more messages than these,
const MESSAGES: usize = 1_000;
/// and reads no further once it took so many read units: in a conversation all in another language it comes to that after
/// some 300 messages, as each translation is an item of its own.
const UNITS: f64 = 128.0;
/// Read units that looking up a translation of up to 4 KB takes.
const UNITS_PER_TRANSLATION: f64 = 0.5;

/// The messages that have all words of a query, in their own words or in those that the caller reads: the latest first,
/// as far as one page looks.
///
/// Only what a list shows is found, and nothing from before the caller joined. Translations are looked for in the cache
/// alone: nothing is translated to be searched.
pub async fn messages(
    table: &Table,
    translator: &Translator,
    membership: &Membership,
    query: &SearchMessagesQuery,
    now: Timestamp,
) -> Result<FoundMessagesBody> {
    let MessageSearch { words, size, before } = query.check()?;
    let (id, place) = (membership.id(), membership.place());
    let after = place.hidden_up_to_seq.unwrap_or_default();
    let mut before = before.unwrap_or_else(|| MessageId::floor(membership.conversation().seq + 1));
    let (mut stretch, faces) = tokio::try_join!(
        stretches::before(table, id, before, after, STRETCH),
        presence::of(table, [membership.user()], Consistency::Eventual),
    )?;
    let reader = faces.get(membership.user()).map(readers::language);

    let mut found = Vec::new();
    let (mut seen, mut units) = (0, 0.0);
    let has_more = loop {
        let said_since = stretch.messages.iter().take_while(|message| message.created() >= place.joined()).count();
        let is_last = !stretch.more || said_since < stretch.messages.len();
        stretch.messages.truncate(said_since);
        let (hits, looked_up) = hits(translator, membership, reader, &words, &stretch.messages, now).await;
        seen += stretch.messages.len();
        units += stretch.units + UNITS_PER_TRANSLATION * looked_up;

        let mut messages = stretch.messages.into_iter().zip(hits);
        while found.len() < size
            && let Some((message, hit)) = messages.next()
        {
            before = message.id()?;
            found.extend(hit.then_some(message));
        }
        if found.len() == size || is_last {
            break messages.len() > 0 || !is_last;
        }
        if seen >= MESSAGES || units >= UNITS {
            break true;
        }
        stretch = stretches::before(table, id, before, after, STRETCH).await?;
    };
    found.reverse();
    let mut messages = listing::shown(table, translator, membership, found, now).await?;
    messages.reverse();
    Ok(FoundMessagesBody { messages, has_more, next_cursor: has_more.then(|| before.to_string()) })
}

/// Which of these messages are found, and how many translations were looked up for it.
async fn hits(
    translator: &Translator,
    membership: &Membership,
    reader: Option<Language>,
    words: &TextQuery,
    messages: &[MessageRecord],
    now: Timestamp,
) -> (Vec<bool>, f64) {
    let mut hits: Vec<bool> = messages.iter().map(|message| words.finds(&message.content)).collect();
    let Some(target) = reader else { return (hits, 0.0) };
    let (places, rest): (Vec<_>, Vec<_>) =
        messages.iter().enumerate().filter(|(place, message)| !hits[*place] && message.deleted_at.is_none()).unzip();
    let Known { texts, looked_up } =
        translator.known_page(&sources(membership, rest.into_iter(), target), target, now).await;
    for (place, text) in places.into_iter().zip(texts) {
        hits[place] = text.is_some_and(|text| words.finds(&text));
    }
    (hits, f64::from(u32::try_from(looked_up).unwrap_or(u32::MAX)))
}
