//! no route: post a share of what goes to a large conversation, for the function that hands it over.

use app::delivery::{Batch, Push};
use domain::Timestamp;
use edge::Failure;
use store::Table;

/// Every connection of the share gets its event; those that turn out to be gone are forgotten.
pub async fn handle((table, push): &(Table, Push), batch: Batch, now: Timestamp) -> Result<(), Failure> {
    Ok(push.deliver(table, batch.parcels(), now).await?)
}
