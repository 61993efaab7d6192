//! $disconnect: forget a connection that was closed.

use app::delivery::Push;
use app::sockets;
use edge::socket::Frame;
use edge::{DepartureDelay, Failure};
use store::Table;

/// Forgets the connection, and tells others if it was the last; harmless when it is forgotten already.
pub async fn handle(
    (table, push, DepartureDelay(settled)): &(Table, Push, DepartureDelay),
    frame: Frame,
) -> Result<(), Failure> {
    let actor = frame.owner()?;
    Ok(sockets::disconnect(table, push, &actor.user, &frame.live(), *settled, frame.now()).await?)
}
