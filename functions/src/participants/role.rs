//! PATCH /api/conversations/{conversationId}/participants/{userId}: make a member of a group an admin, or an admin a
//! member.

use app::delivery::Push;
use app::group;
use domain::{ConversationId, UserId};
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::group::{ParticipantBody, RoleRequest};

/// 200 with the participant; 400 for bad fields; 403 for a member who is no admin; 404 for a conversation the caller is
/// not in and for who is not in it; 409 for a direct conversation and for the last admin.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<ParticipantBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let user = request.path("userId", UserId::parse, "Participant")?;
    let body: RoleRequest = request.json()?;
    let role = body.check()?;
    Ok(Reply::ok(group::set_role(table, push, &actor, &id, (&user, role), request.now()).await?))
}
