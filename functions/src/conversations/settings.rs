//! PATCH /api/conversations/{conversationId}/settings: the caller's own settings of a conversation.

use app::membership::enter;
use app::own_place;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::place::{ConversationSettingsBody, ConversationSettingsRequest};

/// 200 with the settings as they are now; 400 for bad fields; 404 for a conversation the caller is not in.
pub async fn handle(
    (guard, table): &(Guard, Table),
    request: Request,
) -> Result<Reply<ConversationSettingsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let membership = enter(table, &actor, id).await?;
    let body: ConversationSettingsRequest = request.json()?;
    let settings = body.check()?;
    Ok(Reply::ok(own_place::set(table, &membership, settings, request.now()).await?))
}
