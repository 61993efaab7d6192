//! PATCH /api/conversations/{conversationId}: change what a group is called, shows, takes and asks for.

use app::delivery::Push;
use app::group;
use app::membership::administer;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::conversation::{ConversationBody, ConversationLimits};
use wire::group::UpdateConversationRequest;

/// 200 with the group as it is now; 400 for bad fields; 403 for a member who is no admin; 404 for a conversation the
/// caller is not in; 409 for a direct conversation, and for fewer members than there are.
pub async fn handle(
    (guard, table, push, limits): &(Guard, Table, Push, ConversationLimits),
    request: Request,
) -> Result<Reply<ConversationBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let administration = administer(table, &actor, id).await?;
    let body: UpdateConversationRequest = request.json()?;
    let change = body.check(*limits)?;
    let conversation = group::update(table, push, &administration, change, request.now()).await?;
    Ok(Reply::ok(ConversationBody { conversation }))
}
