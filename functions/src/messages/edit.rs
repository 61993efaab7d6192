//! PATCH /api/conversations/{conversationId}/messages/{messageId}: change the words of a message, which its sender alone can.

use app::editing;
use app::sending::{Asker, Outbox};
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use wire::actions::EditMessageRequest;
use wire::message::MessageBody;

use super::place;

/// 200 with the message; 400 for bad fields; 403 for somebody else's message; 404 for a conversation the caller is not
/// in, or an unknown message; 409 for a deleted one; 429 over the limit of messages. Everybody gets `message:edited`.
pub async fn handle((guard, outbox): &(Guard, Outbox), request: Request) -> Result<Reply<MessageBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let place = place(&request)?;
    let body: EditMessageRequest = request.json()?;
    let edit = body.check(place, outbox.limits.message_characters)?;
    let message = editing::edit(outbox, &actor, Asker::Request, &edit, request.now()).await?;
    Ok(Reply::ok(MessageBody { message }))
}
