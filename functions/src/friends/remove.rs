//! DELETE /api/friends/{userId}: end a friendship, or take back a request for one.

use app::friends;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::device::DoneBody;

/// 200; 404 for who is neither a friend nor was asked.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<DoneBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let other = request.path("userId", UserId::parse, "Friend")?;
    friends::remove(table, &actor, &other).await?;
    Ok(Reply::ok(DoneBody { success: true }))
}
