//! message:reaction: add a reaction to a message, or take it back.

use app::delivery::Push;
use app::reacting;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::actions::ReactionData;

/// `message:reaction` with all reactions to every participant's connections. `error` for bad fields, for a conversation
/// the sender is not in, for an unknown or deleted message, for one emoji too many, and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let reaction = frame.data::<ReactionData>()?.check()?;
    Ok(reacting::react(table, push, &actor, &reaction, frame.now()).await?)
}
