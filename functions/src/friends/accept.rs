//! POST /api/friends/requests/{userId}/accept: accept a request for friendship.

use app::delivery::Push;
use app::friends;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::friend::FriendBody;

/// 200 with the friend, also when it was accepted before; 404 where nobody asked.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<FriendBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let other = request.path("userId", UserId::parse, "Request")?;
    Ok(Reply::ok(friends::accept(table, push, &actor, &other, request.now()).await?))
}
