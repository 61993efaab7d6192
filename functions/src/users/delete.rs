//! DELETE /api/users/me: delete the caller's account.

use app::delivery::Push;
use app::erasure::{self, Eraser};
use edge::http::{Reply, Request};
use edge::{Failure, Guard, SignInGuard};
use wire::SuccessBody;
use wire::account::DeleteAccountRequest;

/// 200: the account is gone, and everything else that is kept of the person is being erased. 400 without the password of
/// an account that has nothing else; 401 for a wrong one; 403 for an account that signs in elsewhere and did so too long
/// ago; 429 after too many tries.
pub async fn handle(
    (guard, tries, push, eraser): &(Guard, SignInGuard, Push, Eraser),
    request: Request,
) -> Result<Reply<SuccessBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: DeleteAccountRequest = request.optional_json()?;
    let password = body.check()?;
    // Guessing the password with somebody's token is limited like guessing it without one.
    request.may_try_at(tries, &actor.user.to_string()).await?;
    erasure::delete(&guard.table, push, eraser, &actor, password.as_deref(), request.now()).await?;
    Ok(Reply::ok(SuccessBody::DONE))
}
