//! GET /api/conversations: the caller's conversations, the most recently written first.

use app::listing;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::conversation::{ConversationsBody, ListConversationsQuery};

/// 200 with one page; 400 for a bad limit or cursor.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<ConversationsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: ListConversationsQuery = request.query()?;
    Ok(Reply::ok(listing::conversations(table, &actor, &query, request.now()).await?))
}
