//! message:edit: change the words of a message, which its sender alone can.

use app::editing;
use app::sending::{Asker, Outbox};
use edge::Failure;
use edge::socket::Frame;
use wire::actions::EditMessageData;

/// `message:edited` to every participant's connections, in the language of each, the sender's own too. `error` for bad
/// fields, for a conversation the caller is not in, for an unknown, somebody else's or deleted message, and over the
/// limit.
pub async fn handle(outbox: &Outbox, frame: Frame) -> Result<(), Failure> {
    let actor = frame.actor()?;
    let checked = frame.data::<EditMessageData>().and_then(|data| data.check(outbox.limits.message_characters));
    let edit = match checked {
        Ok(edit) => edit,
        Err(problems) => {
            outbox.count_event(&actor, frame.now()).await?;
            return Err(problems.into());
        }
    };
    editing::edit(outbox, &actor, Asker::Connection(frame.connection()), &edit, frame.now()).await?;
    Ok(())
}
