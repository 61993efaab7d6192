//! no route: push new messages to the devices of members who are not looking, for what the table's stream tells of.

use app::pushing::{self, Pusher};
use domain::Timestamp;
use edge::Failure;
use store::stream::Happened;

/// Nothing is pushed twice to one device; what could not be pushed fails, and comes again.
pub async fn handle(pusher: &Pusher, happened: Happened, now: Timestamp) -> Result<(), Failure> {
    Ok(pushing::follow(pusher, &happened, now).await?)
}
