//! POST /api/conversations/{conversationId}/messages: send a message to everybody in a conversation, each in their language.

use app::sending::{self, Asker, Outbox};
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use wire::message::{MessageBody, SendMessageRequest};

/// 201 with the message, 200 if an earlier try has sent it; 400 for bad fields; 404 for a conversation the caller is not
/// in; 409 while an earlier try is still under way; 429 over the limit of messages. Everybody gets `message:receive`, the
/// caller's own connections too, as with `message:send`.
pub async fn handle((guard, outbox): &(Guard, Outbox), request: Request) -> Result<Reply<MessageBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let body: SendMessageRequest = request.json()?;
    let draft = body.check(id, outbox.limits.message_characters)?;
    let sent = sending::send(outbox, &actor, Asker::Request, &draft, request.now()).await?;
    let body = MessageBody { message: sent.message };
    Ok(if sent.is_new { Reply::created(body) } else { Reply::ok(body) })
}
