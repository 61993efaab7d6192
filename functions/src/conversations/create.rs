//! POST /api/conversations: start a conversation with one or more people.

use app::conversations;
use app::delivery::Push;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::conversation::{ConversationLimits, CreateConversationRequest, OpenedBody};

/// 201 with the conversation, 200 if these two already have one; 400 for bad fields; 404 when an invitee is unknown.
pub async fn handle(
    (guard, table, push, limits): &(Guard, Table, Push, ConversationLimits),
    request: Request,
) -> Result<Reply<OpenedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: CreateConversationRequest = request.json()?;
    let wish = body.check(&actor.user, *limits)?;
    let opened = conversations::create(table, push, &actor, wish, request.now()).await?;
    let body = OpenedBody { itself: opened.view.clone(), conversation: opened.view };
    Ok(if opened.is_new { Reply::created(body) } else { Reply::ok(body) })
}
