//! GET /api/conversations/{conversationId}: one conversation with what its participants are in it.

use app::listing;
use app::membership::enter;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::conversation::{ConversationDetailsBody, GetConversationQuery};

/// 200 with the conversation and a hundred of its participants; 400 for a bad cursor; 404 for a conversation the caller
/// is not in.
pub async fn handle(
    (guard, table): &(Guard, Table),
    request: Request,
) -> Result<Reply<ConversationDetailsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let query: GetConversationQuery = request.query()?;
    let after = query.check()?;
    let membership = enter(table, &actor, id).await?;
    Ok(Reply::ok(listing::conversation(table, &membership, after.as_ref(), request.now()).await?))
}
