//! POST /api/auth/check-email: whether an address has an account.

use app::accounts;
use edge::http::{Reply, Request};
use edge::{CheckEmailGuard, Failure};
use store::Table;
use wire::auth::{CheckEmailBody, CheckEmailRequest};

/// 200 with the answer; 400 for what is no address; 429 after a few questions.
pub async fn handle(
    (guard, table): &(CheckEmailGuard, Table),
    request: Request,
) -> Result<Reply<CheckEmailBody>, Failure> {
    let body: CheckEmailRequest = request.json()?;
    let email = body.check()?;
    request.may_ask(guard).await?;
    let exists = accounts::has_email(table, &email).await?;
    Ok(Reply::ok(CheckEmailBody { exists, email: email.to_string() }))
}
