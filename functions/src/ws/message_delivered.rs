//! message:delivered: note that a message, and all before it, is on a device of somebody.

use app::delivery::Push;
use app::receipts;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use store::members::Marker;
use wire::actions::MarkerData;

/// `message:delivered` to the connections of whoever sent the message, unless the marker was there or further already.
/// `error` for bad fields, for a conversation the caller is not in, for an unknown message, and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let place = frame.data::<MarkerData>()?.check()?;
    Ok(receipts::come_to(table, push, &actor, &place, Marker::Delivered, frame.now()).await?)
}
