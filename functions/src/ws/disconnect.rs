//! $disconnect: forget a connection that was closed.

use app::sockets;
use edge::Failure;
use edge::socket::Frame;
use store::Table;

/// Forgets the connection; harmless when it is forgotten already.
pub async fn handle(table: &Table, frame: Frame) -> Result<(), Failure> {
    let actor = frame.owner()?;
    Ok(sockets::disconnect(table, &actor.user, frame.connection(), frame.now()).await?)
}
