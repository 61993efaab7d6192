//! POST /api/auth/oauth: sign in with an ID token of Google or Apple.

use app::accounts::SignInDesk;
use app::delivery::Push;
use edge::http::{Reply, Request};
use edge::{Failure, Providers, SignInGuard};
use store::Table;
use wire::auth::SignedInBody;
use wire::elsewhere::{OauthRequest, ProviderName};

use super::arrive;

/// Where people are signed in.
pub type Desk = (Table, Push, SignInDesk);

/// 200 with the account, which may be new, and its tokens. 400 for bad fields; 401 without an ID token that holds; 403
/// when the provider has not verified an address; 409 when the address has an account that is not linked, or the
/// provider is not set up; 429 after too many tries.
pub async fn handle(
    (guard, providers, desk): &(SignInGuard, Providers, Desk),
    request: Request,
) -> Result<Reply<SignedInBody>, Failure> {
    let body: OauthRequest = request.json()?;
    let (name, vouched) = body.check()?;
    let provider = match name {
        ProviderName::Google => &providers.google,
        ProviderName::Apple => &providers.apple,
    };
    let arrival = arrive(guard, provider, desk, &request, vouched).await?;
    Ok(Reply::ok(arrival.signed_in))
}
