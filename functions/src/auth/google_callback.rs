//! GET /api/auth/google/callback: a browser comes back from Google.

use std::time::Duration;

use app::elsewhere::{self, Said};
use app::google::{self, Return};
use edge::http::{Cookie, Reply, Request};
use edge::{Failure, GoogleExchange, SignInGuard};
use wire::elsewhere::{GoogleBody, GoogleCallbackQuery};

use super::google_start::KEEPSAKE;
use super::oauth::Desk;

/// 200 with the account, its tokens, and whether it is new. 400 for bad fields; 401 for a sign-in that this browser did
/// not begin, or that was refused or finished before; 403 when Google has not verified an address; 409 when the address
/// has an account that is not linked, or where it is not set up; 429 after too many tries.
pub async fn handle(
    (guard, exchange, (table, push, desk)): &(SignInGuard, GoogleExchange, Desk),
    request: Request,
) -> Result<Reply<GoogleBody>, Failure> {
    let (exchange, provider) = exchange.parts()?;
    let query: GoogleCallbackQuery = request.query()?;
    let (state, code) = query.check()?;
    request.may_try_from_here(guard).await?;
    let keepsake = request.cookie(KEEPSAKE).unwrap_or_default().to_owned();
    let back = Return { state, keepsake, code };
    let person = google::finish(table, exchange, provider, &back, request.now()).await?;
    let said = Said { device: request.device(), ..Said::default() };
    let arrival = elsewhere::sign_in(table, push, desk, &person, &said, request.now()).await?;
    let forget = Cookie { name: KEEPSAKE, value: String::new(), age: Duration::ZERO };
    Ok(Reply::ok(GoogleBody::new(arrival.signed_in, arrival.is_new)).cookie(&forget))
}
