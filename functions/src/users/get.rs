//! GET /api/users/{userId}: somebody's public profile.

use app::users;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::PublicProfileBody;

/// 200 with the profile; 404 when there is no such person, and for whom that person has blocked.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<PublicProfileBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let user = request.path("userId", UserId::parse, "User")?;
    Ok(Reply::ok(PublicProfileBody { user: users::look(table, &actor, &user, request.now()).await? }))
}
