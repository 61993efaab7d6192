//! GET /api/users/search: find people.

use app::users;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::{PeopleBody, SearchQueryString};

/// 200 with one page; 400 for a query that is too short, a bad limit or cursor.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<PeopleBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: SearchQueryString = request.query()?;
    Ok(Reply::ok(users::find(table, &actor, &query, request.now()).await?))
}
