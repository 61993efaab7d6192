//! DELETE /api/conversations/{conversationId}: delete a conversation for oneself, or end it for everybody.

use app::delivery::Push;
use app::ending::Cleaner;
use app::membership::enter;
use app::{ending, own_place};
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::place::{ConversationDeletedBody, DeleteConversationQuery, DeleteConversationRequest};

/// 200; 400 for a bad field; 403 when somebody else than its creator asks for everyone; 404 for a conversation the caller
/// is not in.
pub async fn handle(
    (guard, table, push, cleaner): &(Guard, Table, Push, Cleaner),
    request: Request,
) -> Result<Reply<ConversationDeletedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let body: DeleteConversationRequest = request.optional_json()?;
    let query: DeleteConversationQuery = request.query()?;
    let for_everyone = body.check(&query)?;
    let membership = enter(table, &actor, id.clone()).await?;
    if for_everyone {
        ending::end(table, push, cleaner, &membership.of_creator()?, request.now()).await?;
    } else {
        own_place::hide(table, &membership, request.now()).await?;
    }
    Ok(Reply::ok(ConversationDeletedBody {
        success: true,
        message: "Conversation deleted".to_owned(),
        conversation_id: id.to_string(),
        deleted_for_everyone: for_everyone,
    }))
}
