//! POST /api/auth/change-password: another password for the old one.

use app::accounts;
use app::delivery::Push;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, SignInGuard};
use store::Table;
use wire::SuccessBody;
use wire::auth::ChangePasswordRequest;

/// 200; the caller's other sessions end. 400 for bad fields; 401 for a wrong old password; 409 for an account that has
/// none; 429 after too many tries.
pub async fn handle(
    (guard, tries, table, push): &(Guard, SignInGuard, Table, Push),
    request: Request,
) -> Result<Reply<SuccessBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: ChangePasswordRequest = request.json()?;
    let change = body.check(tries.min_password_length)?;
    // Guessing the old password with somebody's token is limited like guessing it without one, and apart from that: it
    // keeps nobody from signing in.
    request.may_try_at(tries, &actor.user.to_string()).await?;
    accounts::change_password(table, push, &actor, &change, request.now()).await?;
    Ok(Reply::ok(SuccessBody::DONE))
}
