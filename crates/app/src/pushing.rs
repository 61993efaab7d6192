//! Notifications on devices of people who are not looking, after a message is stored (ADR 23).
//!
//! What is pushed follows the table's stream: sending a message costs what it did, and a push that fails costs no message.
//! Nothing goes twice to one device for one message: each push is claimed before it is sent, and the claim is given back
//! only where it is certain that nothing was sent.

mod browsers;
mod goals;
mod notice;
mod outcome;
mod phones;

use domain::device::{DeviceToken, Platform};
use domain::{ConversationId, Language, MessageId, Timestamp, UserId};
use futures_util::StreamExt;
use futures_util::stream;
use store::conversations::{self, ConversationRecord};
use store::devices;
use store::messages::{self, MessageRecord};
use store::stream::{Happened, Said};
use store::{Table, pushes};

use crate::error::{Error, Result};
use crate::translation::{Source, Translations, Translator};

pub use browsers::{Browsers, PublicAddresses, VapidKey, VapidKeyError};
use goals::Goal;
use notice::Notice;
use outcome::Outcome;
pub use phones::{Applications, Phones};

/// Pushes that are under way at once: each is claimed, sent and settled.
const AT_ONCE: usize = 32;
/// How long translations that came too late are waited for, so that the next reader finds them.
const KEEPING: std::time::Duration = std::time::Duration::from_secs(3);

/// What pushes.
#[derive(Debug, Clone)]
pub struct Pusher {
    /// The table.
    pub table: Table,
    /// Into the readers' languages.
    pub translator: Translator,
    /// The way to browsers, where it is set up.
    pub browsers: Option<Browsers>,
    /// The way to phones.
    pub phones: Phones,
    /// Pushes that one device gets in an hour at most (security G8).
    pub per_hour: u32,
}

/// A message that is to be pushed, with what it takes to say it.
struct Told<'a> {
    conversation: &'a ConversationRecord,
    message: &'a MessageRecord,
    id: MessageId,
    translations: Translations,
}

/// Does what follows from a change of the table. The same change again pushes nothing twice.
pub async fn follow(pusher: &Pusher, happened: &Happened, now: Timestamp) -> Result<()> {
    match happened {
        Happened::Said(said) if said.before.is_none() => tell(pusher, said, now).await,
        Happened::Unregistered(device) => pusher.phones.forget(&pusher.table, device).await,
        Happened::Said(_) | Happened::Notified(..) | Happened::Faded(_) | Happened::Nothing => Ok(()),
    }
}

/// Pushes a message that is new.
async fn tell(pusher: &Pusher, said: &Said, now: Timestamp) -> Result<()> {
    let table = &pusher.table;
    let goals = goals::of(pusher, said, now).await?;
    if goals.devices.is_empty() {
        return Ok(());
    }
    // As it is now: what was deleted meanwhile is told to nobody (security D6).
    let (message, found) =
        tokio::try_join!(messages::by_id(table, &said.conversation, said.id), conversation(table, &said.conversation))?;
    let Some(message) = message.filter(|message| message.deleted_at.is_none()) else { return Ok(()) };
    let Some(record) = found else { return Ok(()) };
    let language = Language::parse(&message.language).unwrap_or_else(|_| Language::english());
    let source = Source { text: &message.content, language };
    let targets = goals.devices.iter().map(|goal| goal.language).filter(|_| message.translate);
    let mut work = pusher.translator.start(source, targets, now);
    let translations = work.within(pusher.translator.deadline()).await;
    let told = Told { conversation: &record, message: &message, id: said.id, translations };
    let each = stream::iter(goals.devices.iter().map(|goal| {
        let notice = Notice::of(&told, goals.sender.as_ref(), goal);
        push_one(pusher, goal, notice, said.id, now)
    }));
    let outcomes: Vec<Result<bool>> = each.buffer_unordered(AT_ONCE).collect().await;
    work.rest(KEEPING).await;
    let later = outcomes.into_iter().collect::<Result<Vec<_>>>()?.into_iter().filter(|done| !done).count();
    if later > 0 {
        return Err(Error::internal(format!("{later} pushes are to be tried again")));
    }
    Ok(())
}

async fn conversation(
    table: &Table,
    id: &ConversationId,
) -> std::result::Result<Option<ConversationRecord>, store::StoreError> {
    Ok(conversations::by_ids(table, [id]).await?.remove(id))
}

/// Pushes to one device, unless that was done; whether nothing is left to do.
async fn push_one(pusher: &Pusher, goal: &Goal, notice: Notice, message: MessageId, now: Timestamp) -> Result<bool> {
    let (table, user) = (&pusher.table, &goal.user);
    let token = goal.device.token()?;
    if !pushes::claim(table, user, message, &token, now).await? {
        return Ok(true);
    }
    // The claim stays: what is too much now is not told later either.
    if !pushes::count(table, user, &token, pusher.per_hour, now).await? {
        tracing::info!("a device has had as many pushes as there may be in an hour");
        return Ok(true);
    }
    let outcome = match (goal.device.platform()?, &pusher.browsers) {
        (Platform::Web, Some(browsers)) => browsers.push(&goal.device, &notice, now).await?,
        (Platform::Web, None) => Outcome::Refused,
        (Platform::Ios | Platform::Android, _) => pusher.phones.push(table, user, &goal.device, &notice).await?,
    };
    settle(table, user, message, &token, outcome).await
}

async fn settle(
    table: &Table,
    user: &UserId,
    message: MessageId,
    token: &DeviceToken,
    outcome: Outcome,
) -> Result<bool> {
    match outcome {
        Outcome::Taken | Outcome::Refused | Outcome::Unknown => Ok(true),
        Outcome::Gone => {
            tracing::info!("a device that is gone is forgotten");
            devices::unregister(table, user, token).await?;
            Ok(true)
        }
        Outcome::Later => {
            pushes::release(table, user, message, token).await?;
            Ok(false)
        }
    }
}
