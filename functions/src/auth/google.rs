//! POST /api/auth/google: sign in with an ID token of Google, as older clients do.

use edge::http::{Reply, Request};
use edge::{Failure, GoogleProvider, SignInGuard};
use wire::elsewhere::{GoogleBody, GoogleRequest};

use super::arrive;
use super::oauth::Desk;

/// 200 with the account, its tokens, and whether it is new. 400 for bad fields; 401 without an ID token that holds; 403
/// when Google has not verified an address; 409 when the address has an account that is not linked, or Google is not set
/// up; 429 after too many tries.
pub async fn handle(
    (guard, GoogleProvider(provider), desk): &(SignInGuard, GoogleProvider, Desk),
    request: Request,
) -> Result<Reply<GoogleBody>, Failure> {
    let body: GoogleRequest = request.json()?;
    let arrival = arrive(guard, provider, desk, &request, body.check()?).await?;
    Ok(Reply::ok(GoogleBody::new(arrival.signed_in, arrival.is_new)))
}
