//! GET /api/notifications: what the caller is notified of.

use app::notifications;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::notification::NotificationsBody;
use wire::page::PageQuery;

/// 200 with one page; 400 for a bad `limit` or `cursor`.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<NotificationsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: PageQuery = request.query()?;
    Ok(Reply::ok(notifications::list(table, &actor, &query).await?))
}
