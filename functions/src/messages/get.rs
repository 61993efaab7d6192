//! GET /api/conversations/{conversationId}/messages/{messageId}: one message, with how far everybody has come with it.

use app::membership::enter;
use app::reading;
use app::translation::Translator;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::message::MessageDetailsBody;

use super::place;

/// 200 with the message in the caller's language; 404 for a conversation the caller is not in, or a message the caller
/// does not see.
pub async fn handle(
    (guard, table, translator): &(Guard, Table, Translator),
    request: Request,
) -> Result<Reply<MessageDetailsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let place = place(&request)?;
    let membership = enter(table, &actor, place.conversation).await?;
    Ok(Reply::ok(reading::message(table, translator, &membership, place.message, request.now()).await?))
}
