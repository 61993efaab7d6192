//! GET /api/sync: everything that changed for the caller since a cursor.

use app::sync::{self, Cursor, Size};
use app::translation::Translator;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::sync::{SyncBody, SyncQuery};

/// 200 with one page; 400 for a bad cursor or limit.
pub async fn handle(
    (guard, table, translator): &(Guard, Table, Translator),
    request: Request,
) -> Result<Reply<SyncBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: SyncQuery = request.query()?;
    let wish = query.check(Cursor::parse)?;
    Ok(Reply::ok(sync::page(table, translator, &actor, &wish, Size::RESPONSE, request.now()).await?))
}
