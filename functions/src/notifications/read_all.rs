//! POST /api/notifications/read-all: note that all notifications were read.

use app::notifications;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::notification::NotificationsReadBody;

/// 200.
pub async fn handle(
    (guard, table): &(Guard, Table),
    request: Request,
) -> Result<Reply<NotificationsReadBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    Ok(Reply::ok(notifications::read_all(table, &actor).await?))
}
