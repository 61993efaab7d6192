//! POST /api/friends/requests: ask somebody for friendship.

use app::delivery::Push;
use app::friends;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::friend::{AskedBody, FriendRequest};

/// 201 with the request, or with the friend where that person had asked already; 200 for one that was made before; 400
/// for a bad `friendId`; 404 for somebody unknown; 409 between friends, and for whom the caller has blocked.
pub async fn handle(
    (guard, table, push): &(Guard, Table, Push),
    request: Request,
) -> Result<Reply<AskedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: FriendRequest = request.json()?;
    let other = body.check(&actor.user)?;
    let asked = friends::ask(table, push, &actor, &other, request.now()).await?;
    Ok(if asked.is_new { Reply::created(asked.body) } else { Reply::ok(asked.body) })
}
