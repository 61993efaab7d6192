//! conversation:leave: this connection looks at a conversation no more.

use app::attendance;
use app::delivery::Push;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::place::ConversationReference;

/// `conversation:left` to the asking connection, whatever it looked at. `error` for a bad field and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let id = frame.data_or::<ConversationReference>("conversationId")?.check()?;
    Ok(attendance::look_away(table, push, &actor, frame.connection(), &id).await?)
}
