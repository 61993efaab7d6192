//! message:delete: delete a message, for everybody or for oneself.

use app::delivery::Push;
use app::editing;
use app::files::Files;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::actions::DeleteMessageData;

/// The name under which older clients ask for it, always for everybody.
pub const OLDER: &str = "message:deleted";

/// `message:deleted` to every participant's connections when it is deleted for everybody. `error` for bad fields, for a
/// conversation the caller is not in, for an unknown message, for somebody else's message that is to be deleted for
/// everybody, and over the limit.
pub async fn handle(
    (guard, table, push, files): &(SocketGuard, Table, Push, Files),
    frame: Frame,
) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let deletion = frame.data::<DeleteMessageData>()?.check(frame.action() == OLDER)?;
    editing::delete((table, push, files), &actor, &deletion, frame.now()).await?;
    Ok(())
}
