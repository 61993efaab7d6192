//! DELETE /api/users/profile-picture: take the caller's picture down.

use app::files::Files;
use app::pictures;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::UserBody;

/// 200 with the profile as it is now; 404 when there is no picture or no account; 409 when it is being changed by too
/// many at once.
pub async fn handle(
    (guard, table, files): &(Guard, Table, Files),
    request: Request,
) -> Result<Reply<UserBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    Ok(Reply::ok(UserBody { user: pictures::delete(table, files, &actor).await? }))
}
