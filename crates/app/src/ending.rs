//! The end of a conversation for all, and the clearing of what is left of it.
//!
//! From its end on nobody reaches anything of a conversation. Its items and files are deleted by a function of its own,
//! which goes on where it was interrupted (decision 17).

use std::time::Duration;

use domain::attachment::AttachmentKey;
use domain::{ConversationId, Timestamp};
use futures_util::stream::{self, TryStreamExt};
use serde::{Deserialize, Serialize};
use store::changes::{self, OwnChange};
use store::conversations::ConversationRecord;
use store::ended::{self, Remains};
use store::{Table, places};
use wire::frame::Event;

use crate::audit::{Deed, did};
use crate::broadcast::{everybody, to_people};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::invoking::Invoker;
use crate::membership::Ownership;

/// After that time nobody is at it any more: what is still marked was interrupted.
const INTERRUPTED: Duration = Duration::from_mins(20);
/// Interrupted ones that one invocation finishes.
const FINISHED: usize = 10;
/// Files that are removed at once.
const AT_ONCE: usize = 16;

/// Asks for the clearing of conversations that have ended.
#[derive(Debug, Clone)]
pub struct Cleaner(Invoker);

/// Which conversation to clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Clearing {
    /// `conv_…`
    pub conversation_id: String,
}

impl Cleaner {
    /// By the function that this begins.
    pub fn new(invoker: Invoker) -> Self {
        Self(invoker)
    }

    /// Asks. What is not taken is marked, and finished with the next.
    async fn ask(&self, id: &ConversationId) {
        self.0.begin(&Clearing { conversation_id: id.to_string() }).await;
    }
}

/// Ends a conversation for all, and tells them.
pub async fn end(table: &Table, push: &Push, cleaner: &Cleaner, ownership: &Ownership, now: Timestamp) -> Result<()> {
    let id = ownership.id();
    let people = everybody(table, id).await?;
    if !close(table, cleaner, ownership.conversation(), false, now).await? {
        return Err(Error::NotFound("Conversation"));
    }
    did(Some(ownership.user()), Deed::ConversationEnded).at(id).note();
    let event = Event::ConversationDeleted {
        conversation_id: id.to_string(),
        deleted_by: ownership.user().to_string(),
        deleted_at: now.to_string(),
    };
    to_people(table, push, &people, &event, now).await?;
    Ok(changes::note_for_all(table, people.keys(), &OwnChange::Gone(id.clone()), now).await?)
}

/// Ends a conversation and has it cleared; whether this call did it. `alone` makes it depend on that nobody else is in
/// it.
pub(crate) async fn close(
    table: &Table,
    cleaner: &Cleaner,
    record: &ConversationRecord,
    alone: bool,
    now: Timestamp,
) -> Result<bool> {
    let ended = places::end(table, record, alone, now).await?;
    if ended {
        cleaner.ask(&ConversationId::parse(&record.id).map_err(|problem| Error::internal(problem.0))?).await;
    }
    Ok(ended)
}

/// Deletes what is left of a conversation that has ended, and of some whose clearing was interrupted: so many `pages` of a
/// thousand items in all, which take a second or two each. What is more is for another invocation. Harmless to interrupt
/// and to repeat.
pub async fn clear(
    table: &Table,
    files: &Files,
    cleaner: &Cleaner,
    id: &ConversationId,
    mut pages: usize,
    now: Timestamp,
) -> Result<()> {
    let mut all = clear_one(table, files, id, &mut pages).await?;
    if all {
        let before = Timestamp::from_millis(now.millis() - i64::try_from(INTERRUPTED.as_millis()).unwrap_or(i64::MAX));
        for id in ended::left_over(table, before, FINISHED).await? {
            all = all && clear_one(table, files, &id, &mut pages).await?;
        }
    }
    if !all {
        tracing::info!("clearing goes on in another invocation");
        cleaner.ask(id).await;
    }
    Ok(())
}

/// Whether nothing is left.
async fn clear_one(table: &Table, files: &Files, id: &ConversationId, pages: &mut usize) -> Result<bool> {
    if !ended::is_gone(table, id).await? {
        return Err(Error::internal("a conversation is to be cleared that has not ended"));
    }
    loop {
        let remains = ended::remains(table, id).await?;
        if remains.is_empty() {
            ended::unmark(table, id).await?;
            return Ok(true);
        }
        // The files first: without its item nobody would know of a file.
        remove_files(files, &remains).await?;
        ended::forget(table, remains).await?;
        *pages = pages.saturating_sub(1);
        if *pages == 0 {
            return Ok(false);
        }
    }
}

async fn remove_files(files: &Files, remains: &Remains) -> Result<()> {
    // Also what is not inspected yet.
    let held = |key: &String| AttachmentKey::parse(key).map(|key| key.held()).ok();
    let keys: Vec<String> = remains.files.iter().flat_map(|key| [Some(key.clone()), held(key)]).flatten().collect();
    let removals = keys.iter().map(|key| Ok::<_, Error>(key.as_str()));
    stream::iter(removals).try_for_each_concurrent(AT_ONCE, |key| files.remove_one(key)).await
}
