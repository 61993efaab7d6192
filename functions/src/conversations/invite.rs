//! POST /api/conversations/{conversationId}/invite: a code by which people join a group.

use app::inviting;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, Invitations};
use store::Table;
use wire::invitation::{InviteBody, InviteRequest};

/// 200 with the code, its address and its picture; 400 for bad fields; 403 for a member who is no admin, in a private group
/// and to rotate; 404 for a conversation the caller is not in; 409 for a direct conversation.
pub async fn handle(
    (guard, table, invitations): &(Guard, Table, Invitations),
    request: Request,
) -> Result<Reply<InviteBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
    let rotate = request.optional_json::<InviteRequest>()?.check()?;
    let terms = invitations.terms(&request);
    Ok(Reply::ok(inviting::invite(table, &actor, &id, rotate, &terms, request.now()).await?))
}
