//! POST /api/auth/refresh: exchange a refresh token for the next pair of tokens.

use app::accounts::SignInDesk;
use app::delivery::Push;
use app::sessions;
use app::tokens::RefreshToken;
use edge::http::{Reply, Request};
use edge::{Failure, RefreshGuard};
use store::Table;
use wire::auth::{RefreshRequest, TokensBody};

/// 200 with the tokens; 400 for bad fields; 401 for a token that does not work, which ends its session if it worked
/// once; 429 after too many tries.
pub async fn handle(
    (guard, table, push, desk): &(RefreshGuard, Table, Push, SignInDesk),
    request: Request,
) -> Result<Reply<TokensBody>, Failure> {
    let body: RefreshRequest = request.json()?;
    let token = RefreshToken::parse(&body.check()?)?;
    request.may_refresh(guard).await?;
    Ok(Reply::ok(sessions::refresh(table, push, desk, &token, request.now()).await?))
}
