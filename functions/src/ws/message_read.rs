//! message:read: note that somebody has read a message, and all before it.

use app::delivery::Push;
use app::receipts;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use store::members::Marker;
use wire::actions::MarkerData;

/// `message:read` to the connections of whoever sent the message, unless the marker was there or further already.
/// `error` for bad fields, for a conversation the caller is not in, for an unknown message, and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let place = frame.data::<MarkerData>()?.check()?;
    Ok(receipts::come_to(table, push, &actor, &place, Marker::Read, frame.now()).await?)
}
