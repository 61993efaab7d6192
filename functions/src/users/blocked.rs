//! GET /api/users/blocked: whom the caller has blocked.

use app::blocking;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::block::BlockedBody;
use wire::page::PageQuery;

/// 200 with one page; 400 for a bad limit or cursor.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<BlockedBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: PageQuery = request.query()?;
    Ok(Reply::ok(blocking::blocked(table, &actor, &query).await?))
}
