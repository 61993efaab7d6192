//! presence:update: say how much one is there.

use app::attendance;
use app::delivery::Push;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::presence::PresenceData;

/// `presence:changed` to the people one shares a conversation with, and to one's own connections. `error` for a bad field
/// and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let availability = frame.data_or::<PresenceData>("status")?.check()?;
    Ok(attendance::say(table, push, &actor, availability, frame.now()).await?)
}
