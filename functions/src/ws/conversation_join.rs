//! conversation:join: this connection is looking at a conversation.

use app::attendance;
use app::delivery::Push;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::place::ConversationReference;

/// `conversation:joined` to the asking connection; typing in the conversation goes to it from then on, typing elsewhere
/// does not. `error` for a bad field, for a conversation the caller is not in, and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let id = frame.data_or::<ConversationReference>("conversationId")?.check()?;
    Ok(attendance::look_at(table, push, &actor, frame.connection(), id).await?)
}
