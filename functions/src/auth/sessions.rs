//! GET /api/auth/sessions: where the caller is signed in.

use app::sessions;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::auth::SessionsBody;

/// 200 with all of them, the one used last first.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<SessionsBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    Ok(Reply::ok(SessionsBody { sessions: sessions::list(table, &actor, request.now()).await? }))
}
