//! GET /api/users/me: the caller's own profile.

use app::accounts;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::MeBody;

/// 200 with the profile; 404 when the account is gone.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<MeBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let user = accounts::me(table, &actor).await?;
    Ok(Reply::ok(MeBody { profile: user.clone(), user }))
}
