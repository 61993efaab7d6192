//! POST /api/conversations/join: join a group by the code of an invitation.

use app::delivery::Push;
use app::inviting;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, JoinGuard};
use store::Table;
use wire::conversation::ConversationBody;
use wire::invitation::JoinRequest;

/// 200 with the group; 400 for bad fields; 403 without its password; 404 for a code that opens nothing, whyever; 409 for
/// whoever is in it already, and when it is full; 429 for who tries too often.
pub async fn handle(
    (guard, tries, table, push): &(Guard, JoinGuard, Table, Push),
    request: Request,
) -> Result<Reply<ConversationBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let join = request.json::<JoinRequest>()?.check()?;
    request.may_join(tries, &actor).await?;
    Ok(Reply::ok(inviting::join(table, push, &actor, &join, request.now()).await?))
}
