//! PUT /api/users/{userId}/block: block somebody.

use app::blocking;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::block::BlockBody;

/// 200, also for somebody who is blocked already; 400 for oneself; 404 when there is no such person.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<BlockBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let user = request.path("userId", UserId::parse, "User")?;
    Ok(Reply::ok(blocking::block(table, &actor, &user, request.now()).await?))
}
