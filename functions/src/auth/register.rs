//! POST /api/auth/register: make an account and sign in to it.

use app::accounts::{self, SignInDesk};
use app::limits::account_of;
use edge::http::{Reply, Request};
use edge::{Failure, SignInGuard};
use store::Table;
use wire::auth::{RegisterRequest, SignedInBody};

/// 201 with the account and its tokens; 400 for bad fields, a taken address or a taken username; 429 after too many
/// tries.
pub async fn handle(
    (guard, table, desk): &(SignInGuard, Table, SignInDesk),
    request: Request,
) -> Result<Reply<SignedInBody>, Failure> {
    let body: RegisterRequest = request.json()?;
    let registration = body.check(guard.min_password_length)?;
    request.may_try(guard, &account_of(&registration.email)).await?;
    let signed_in = accounts::register(table, desk, &registration, request.device(), request.now()).await?;
    Ok(Reply::created(signed_in))
}
