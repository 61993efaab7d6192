//! message:send: send a message to everybody in a conversation, each in their language.

use app::sending::{self, Asker, Outbox};
use edge::Failure;
use edge::socket::Frame;
use wire::message::SendMessageData;

/// `message:receive` to every participant's connections, the sender's own too, there with the client's `tempId`; a retry
/// is answered to the asking connection alone. `error` for bad fields, for a conversation the sender is not in, and over
/// the limit.
pub async fn handle(outbox: &Outbox, frame: Frame) -> Result<(), Failure> {
    let actor = frame.actor()?;
    let checked = frame.data::<SendMessageData>().and_then(|data| data.check(outbox.limits.message_characters));
    let draft = match checked {
        Ok(draft) => draft,
        Err(problems) => {
            // What is refused counts too: a flood of nonsense is a flood.
            outbox.count_event(&actor, frame.now()).await?;
            return Err(problems.into());
        }
    };
    sending::send(outbox, &actor, Asker::Connection(frame.connection()), &draft, frame.now()).await?;
    Ok(())
}
