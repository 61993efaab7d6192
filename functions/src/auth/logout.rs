//! POST /api/auth/logout: end the caller's session, or all of them.

use app::delivery::Push;
use app::sessions;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::SuccessBody;
use wire::auth::LogoutRequest;

/// 200; its tokens hold no more and its sockets close. 400 for bad fields.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<SuccessBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: LogoutRequest = request.optional_json()?;
    sessions::logout(table, push, &actor, body.check()?, request.now()).await?;
    Ok(Reply::ok(SuccessBody::DONE))
}
