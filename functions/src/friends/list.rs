//! GET /api/friends: the caller's friends.

use app::friends;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::friend::FriendsBody;
use wire::page::PageQuery;

/// 200 with one page; 400 for a bad `limit` or `cursor`.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<FriendsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: PageQuery = request.query()?;
    Ok(Reply::ok(friends::list(table, &actor, &query, request.now()).await?))
}
