//! no route: write and tell notifications, and tell who is gone, for what the table's stream tells of.

use app::delivery::Push;
use app::notifications;
use domain::Timestamp;
use edge::Failure;
use store::Table;
use store::stream::Happened;

/// What is to follow is written and told. The same again writes nothing twice.
pub async fn handle((table, push): &(Table, Push), happened: Happened, now: Timestamp) -> Result<(), Failure> {
    Ok(notifications::follow(table, push, &happened, now).await?)
}
