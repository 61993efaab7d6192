//! GET /api/auth/me: the caller's own account.

use app::accounts;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::UserBody;

/// 200 with the account; 401 without a valid token; 404 when the account is gone.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<UserBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    Ok(Reply::ok(UserBody { user: accounts::me(table, &actor).await? }))
}
