//! no route: inspect a file that was sent, for the functions that send messages and that give out downloads.

use app::delivery::Push;
use app::files::Files;
use app::inspection::{self, Asked, Inspection};
use app::translation::Translator;
use domain::{AttachmentId, ConversationId, Problems, Timestamp};
use edge::Failure;
use store::Table;

/// It can be downloaded then, or never; `message:updated` to everybody in the conversation. Nothing for one that is gone.
/// Fails, to be repeated, while a scanner for malware has not looked at it.
pub async fn handle(
    (table, files, push, translator, inspection): &(Table, Files, Push, Translator, Inspection),
    asked: Asked,
    now: Timestamp,
) -> Result<(), Failure> {
    let conversation = ConversationId::parse(&asked.conversation_id);
    let conversation = conversation.map_err(|problem| Problems::one("conversationId", problem.0))?;
    let id = AttachmentId::parse(&asked.attachment_id);
    let id = id.map_err(|problem| Problems::one("attachmentId", problem.0))?;
    Ok(inspection::inspect((table, files, push, translator), inspection, (&conversation, &id), now).await?)
}
