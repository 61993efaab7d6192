//! GET /api/auth/google: send a browser to Google to sign in.

use app::google;
use edge::http::{Cookie, Reply, Request};
use edge::{Failure, GoogleClient, SignInGuard};
use store::Table;
use wire::elsewhere::DepartureBody;

/// What the browser keeps while it is away.
pub(super) const KEEPSAKE: &str = "__Host-parlance-sign-in";

/// 302 to Google, with a cookie that binds what comes back to this browser. 409 where it is not set up; 429 after too
/// many tries.
pub async fn handle(
    (guard, client, table): &(SignInGuard, GoogleClient, Table),
    request: Request,
) -> Result<Reply<DepartureBody>, Failure> {
    let client = client.settings()?;
    request.may_try_from_here(guard).await?;
    let departure = google::start(table, client, request.now()).await?;
    let cookie = Cookie { name: KEEPSAKE, value: departure.keepsake, age: google::PATIENCE };
    let body = DepartureBody { authorization_url: departure.address.clone() };
    Ok(Reply::found(&departure.address, body).cookie(&cookie))
}
