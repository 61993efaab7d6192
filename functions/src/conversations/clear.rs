//! no route: delete what is left of a conversation that has ended, for the functions that end conversations.

use app::ending::{self, Cleaner, Clearing};
use app::files::Files;
use domain::{ConversationId, Problems, Timestamp};
use edge::{ClearPages, Failure};
use store::Table;

/// Its items and files are gone, also those of conversations whose clearing was interrupted some time ago. Goes on in
/// another invocation where one is not enough.
pub async fn handle(
    (table, files, cleaner, ClearPages(pages)): &(Table, Files, Cleaner, ClearPages),
    clearing: Clearing,
    now: Timestamp,
) -> Result<(), Failure> {
    let id = ConversationId::parse(&clearing.conversation_id);
    let id = id.map_err(|problem| Problems::one("conversationId", problem.0))?;
    Ok(ending::clear(table, files, cleaner, &id, *pages, now).await?)
}
