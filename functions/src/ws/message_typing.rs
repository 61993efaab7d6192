//! message:typing: tell the others who look at a conversation that somebody types, or has stopped.

use app::delivery::Push;
use app::typing;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::actions::TypingData;

/// `message:typing` to the others who look at the conversation; nothing is stored, and what was told a moment ago is not
/// told again. `error` for bad fields, for a conversation the sender is not in, and over the limit.
pub async fn handle((guard, table, push): &(SocketGuard, Table, Push), frame: Frame) -> Result<(), Failure> {
    match frame.data::<TypingData>().and_then(TypingData::check) {
        Ok(typing) => {
            let actor = frame.actor()?;
            Ok(typing::tell(table, push, &actor, &typing, guard.per_minute, frame.now()).await?)
        }
        Err(problems) => {
            frame.admitted(guard).await?;
            Err(problems.into())
        }
    }
}
