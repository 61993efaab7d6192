//! $disconnect: forget a connection that was closed.

use app::delivery::Push;
use app::sockets;
use edge::Failure;
use edge::socket::Frame;
use store::Table;

/// Forgets the connection, and tells others if it was the last; harmless when it is forgotten already.
pub async fn handle((table, push): &(Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.owner()?;
    Ok(sockets::disconnect(table, push, &actor.user, frame.connection(), frame.now()).await?)
}
