//! DELETE /api/conversations/{conversationId}/participants/{userId}: take somebody out of a group.

use app::delivery::Push;
use app::group;
use domain::{ConversationId, UserId};
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::group::DepartedBody;

/// 200; 403 for a member who is no admin; 404 for a conversation the caller is not in and for who is not in it; 409 for a
/// direct conversation and for the last admin.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<DepartedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let user = request.path("userId", UserId::parse, "Participant")?;
    Ok(Reply::ok(group::remove(table, push, &actor, &id, &user, request.now()).await?))
}
