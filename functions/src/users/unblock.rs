//! DELETE /api/users/{userId}/block: block somebody no more.

use app::blocking;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::block::BlockBody;

/// 200, whether or not this person was blocked; 404 for what is no id of a person.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<BlockBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let user = request.path("userId", UserId::parse, "User")?;
    Ok(Reply::ok(blocking::unblock(table, &actor, &user).await?))
}
