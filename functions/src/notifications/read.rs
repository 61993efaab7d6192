//! POST /api/notifications/{notificationId}/read: note that a notification was read.

use app::notifications;
use domain::NotificationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::notification::NotificationsReadBody;

/// 200, also when it was read before; 404 for one that is not the caller's.
pub async fn handle(
    (guard, table): &(Guard, Table),
    request: Request,
) -> Result<Reply<NotificationsReadBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let id = request.path("notificationId", NotificationId::parse, "Notification")?;
    Ok(Reply::ok(notifications::read(table, &actor, id, request.now()).await?))
}
