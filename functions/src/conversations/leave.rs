//! POST /api/conversations/{conversationId}/leave: leave a group.

use app::delivery::Push;
use app::ending::Cleaner;
use app::group;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::group::DepartedBody;

/// 200; 404 for a conversation the caller is not in; 409 for a direct conversation.
pub async fn handle(
    (guard, table, push, cleaner): &(Guard, Table, Push, Cleaner),
    request: Request,
) -> Result<Reply<DepartedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    Ok(Reply::ok(group::leave(table, push, cleaner, &actor, &id, request.now()).await?))
}
