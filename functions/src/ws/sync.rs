//! sync: everything that changed for the caller since a cursor.

use app::delivery::Push;
use app::sync::{self, Cursor, Size};
use app::translation::Translator;
use edge::socket::Frame;
use edge::{Failure, SocketGuard};
use store::Table;
use wire::frame::Event;
use wire::sync::SyncData;

/// `sync` with one page to the asking connection; `error` for a bad cursor or limit, and over the limit of events.
pub async fn handle(
    (guard, table, push, translator): &(SocketGuard, Table, Push, Translator),
    frame: Frame,
) -> Result<(), Failure> {
    let actor = frame.admitted(guard).await?;
    let wish = frame.data::<SyncData>()?.check(Cursor::parse)?;
    let page = sync::page(table, translator, &actor, &wish, Size::FRAME, frame.now()).await?;
    Ok(push.answer(frame.connection(), &Event::Sync(Box::new(page))).await?)
}
