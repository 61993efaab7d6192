//! DELETE /api/auth/sessions/{sessionId}: end one of the caller's sessions.

use app::delivery::Push;
use app::sessions;
use domain::SessionId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::SuccessBody;

/// 200; its tokens hold no more and its sockets close. 404 for a session that is not the caller's.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<SuccessBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let session = request.path("sessionId", SessionId::parse, "Session")?;
    sessions::revoke(table, push, &actor, &session, request.now()).await?;
    Ok(Reply::ok(SuccessBody::DONE))
}
