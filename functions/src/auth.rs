//! Accounts.

pub mod change_password;
pub mod check_email;
pub mod google;
pub mod google_callback;
pub mod google_start;
pub mod login;
pub mod logout;
pub mod me;
pub mod oauth;
pub mod refresh;
pub mod register;
pub mod session_revoke;
pub mod sessions;
pub mod ws_ticket;

use app::Error;
use app::elsewhere::{self, Arrival, Said};
use app::identity::{Provider, looks_like_a_token};
use app::limits::account_of;
use edge::http::Request;
use edge::{Failure, SignInGuard};
use wire::elsewhere::Vouched;

use self::oauth::Desk;

/// Signs in whom a provider vouches for. Tries are counted by address and by person; those that come with a password, by
/// the account it is tried at, as at the front door.
async fn arrive(
    guard: &SignInGuard,
    provider: &Provider,
    (table, push, desk): &Desk,
    request: &Request,
    vouched: Vouched,
) -> Result<Arrival, Failure> {
    request.may_try_from_here(guard).await?;
    // What is no token at all, a provider's bare word for somebody among it, proves nothing (security A1).
    let token = vouched.id_token.filter(|text| looks_like_a_token(text));
    let token = token.ok_or(Error::InvalidIdToken("no ID token"))?;
    let person = provider.verify(&token, vouched.nonce.as_deref(), request.now()).await?;
    let account = match (&vouched.password, &person.email) {
        (Some(_), Some(email)) => account_of(email),
        _ => format!("{} {}", person.identity.issuer, person.identity.subject),
    };
    request.may_try_at(guard, &account).await?;
    let said =
        Said { name: vouched.name, picture: vouched.picture, password: vouched.password, device: request.device() };
    Ok(elsewhere::sign_in(table, push, desk, &person, &said, request.now()).await?)
}
