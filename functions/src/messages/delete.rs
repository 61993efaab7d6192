//! DELETE /api/conversations/{conversationId}/messages/{messageId}: delete a message, for everybody or for oneself.

use app::delivery::Push;
use app::editing;
use app::files::Files;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::actions::{DeleteMessageQuery, DeleteMessageRequest};
use wire::message::DeletedBody;

use super::place;

/// 200, also when it was deleted before; 400 for bad fields; 403 when somebody else's message is to be deleted for
/// everybody; 404 for a conversation the caller is not in, or an unknown message. Everybody gets `message:deleted` when
/// it is deleted for everybody.
pub async fn handle(
    (guard, table, push, files): &(Guard, Table, Push, Files),
    request: Request,
) -> Result<Reply<DeletedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let place = place(&request)?;
    let query: DeleteMessageQuery = request.query()?;
    let body: DeleteMessageRequest = request.optional_json()?;
    let deletion = body.check(&query, place)?;
    Ok(Reply::ok(editing::delete((table, push, files), &actor, &deletion, request.now()).await?))
}
