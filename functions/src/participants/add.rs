//! POST /api/conversations/{conversationId}/participants: bring people into a group.

use app::delivery::Push;
use app::group;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use store::places::MOST_ADDED;
use wire::group::{AddParticipantsRequest, ParticipantsBody};

/// 200 with those who are new; 400 for bad fields; 403 for a member who is no admin; 404 for a conversation the caller is
/// not in and for unknown people; 409 for a direct conversation, when somebody is in already, and when they do not fit.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<ParticipantsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let body: AddParticipantsRequest = request.json()?;
    let users = body.check(MOST_ADDED)?;
    Ok(Reply::ok(group::add(table, push, &actor, &id, &users, request.now()).await?))
}
