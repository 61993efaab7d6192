//! $connect: note a new connection of a person.

use app::delivery::Push;
use app::sockets;
use edge::socket::Frame;
use edge::{ConnectionLimit, Failure};
use store::Table;

/// Lets the connection in; one more than a person may have closes that person's oldest. 401 when the account is gone.
pub async fn handle(
    (table, push, ConnectionLimit(limit)): &(Table, Push, ConnectionLimit),
    frame: Frame,
) -> Result<(), Failure> {
    let actor = frame.actor()?;
    Ok(sockets::connect(table, push, &actor, &frame.live(), *limit, frame.now()).await?)
}
