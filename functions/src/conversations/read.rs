//! POST /api/conversations/{conversationId}/read: mark a conversation as read, up to its latest message or another.

use app::delivery::Push;
use app::membership::enter;
use app::own_place;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::place::{ReadBody, ReadRequest};

/// 200, also when it was read that far already; 400 for a bad message id; 404 for a conversation the caller is not in and
/// for an unknown message.
pub async fn handle((guard, table, push): &(Guard, Table, Push), request: Request) -> Result<Reply<ReadBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let body: ReadRequest = request.optional_json()?;
    let up_to = body.check()?;
    let membership = enter(table, &actor, id).await?;
    Ok(Reply::ok(own_place::read(table, push, &membership, up_to, request.now()).await?))
}
