//! $default (socket): frames in the older clients' `{ type, payload }` envelope, and frames that ask for nothing known.

use app::delivery::Push;
use app::sending::Outbox;
use domain::Problems;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;

use super::{
    conversation_join, conversation_leave, message_delete, message_delivered, message_edit, message_reaction,
    message_read, message_send, message_typing, ping, presence_update, sync,
};

/// What an action works with that sends no message.
type Floor = (SocketGuard, Table, Push);

/// Runs the same code as the action of that name; `error` for what is no frame and for an unknown action.
pub async fn handle((outbox, floor): &(Outbox, Floor), frame: Frame) -> Result<(), Failure> {
    match frame.action() {
        "message:send" => message_send::handle(outbox, frame).await,
        "message:edit" => message_edit::handle(outbox, frame).await,
        "message:delete" | message_delete::OLDER => {
            let (guard, table, push) = floor.clone();
            message_delete::handle(&(guard, table, push, outbox.files.clone()), frame).await
        }
        "message:typing" => message_typing::handle(floor, frame).await,
        "message:reaction" => message_reaction::handle(floor, frame).await,
        "message:read" => message_read::handle(floor, frame).await,
        "message:delivered" => message_delivered::handle(floor, frame).await,
        "sync" => {
            let (guard, table, push) = floor.clone();
            sync::handle(&(guard, table, push, outbox.translator.clone()), frame).await
        }
        "conversation:join" => conversation_join::handle(floor, frame).await,
        "conversation:leave" => conversation_leave::handle(floor, frame).await,
        "presence:update" => presence_update::handle(floor, frame).await,
        "ping" => ping::handle(floor, frame).await,
        _ => unknown(floor, &frame).await,
    }
}

async fn unknown((guard, ..): &Floor, frame: &Frame) -> Result<(), Failure> {
    frame.admitted(guard).await?;
    let unknown = || Problems::one("action", format!("{:?} is not an action of this API", shortened(frame.action())));
    Err(frame.problem().unwrap_or_else(unknown).into())
}

/// An action as it is told back: whoever sent a novel need not get it again.
fn shortened(action: &str) -> String {
    action.chars().take(64).collect()
}
