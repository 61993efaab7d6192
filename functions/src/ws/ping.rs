//! ping: keep a connection from being idle for too long.

use app::delivery::Push;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::frame::Event;

/// `pong` to the asking connection, whatever came along; `error` over the limit.
pub async fn handle((guard, _, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    frame.admitted(guard).await?;
    let pong = Event::Pong { timestamp: frame.now().to_string() };
    Ok(push.answer(frame.connection(), &pong).await?)
}
