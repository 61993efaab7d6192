//! POST /api/auth/login: sign in with an email address or a username, and a password.

use app::accounts::{self, SignInDesk};
use edge::http::{Reply, Request};
use edge::{Failure, SignInGuard};
use store::Table;
use wire::auth::{LoginRequest, SignedInBody};

/// 200 with the account and its tokens; 400 for bad fields; 401 for an unknown account or a wrong password, without
/// saying which; 429 after too many tries.
pub async fn handle(
    (guard, table, desk): &(SignInGuard, Table, SignInDesk),
    request: Request,
) -> Result<Reply<SignedInBody>, Failure> {
    let body: LoginRequest = request.json()?;
    let sign_in = body.check()?;
    request.may_try(guard, &sign_in.name.folded()).await?;
    Ok(Reply::ok(accounts::login(table, desk, &sign_in, request.device(), request.now()).await?))
}
