//! POST /api/friends/requests/{userId}/decline: decline a request for friendship.

use app::friends;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::device::DoneBody;

/// 200; 404 where nobody asked.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<DoneBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let other = request.path("userId", UserId::parse, "Request")?;
    friends::decline(table, &actor, &other).await?;
    Ok(Reply::ok(DoneBody { success: true }))
}
