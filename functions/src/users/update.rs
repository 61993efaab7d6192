//! PATCH /api/users/me: change the caller's own profile.

use app::users;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::{UpdateUserRequest, UserBody};

/// 200 with the profile as it is now; 400 for bad fields and for a username that is somebody else's; 404 when the
/// account is gone; 409 when it is being changed by too many at once.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<UserBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: UpdateUserRequest = request.json()?;
    Ok(Reply::ok(UserBody { user: users::change(table, &actor, &body.check()?).await? }))
}
