//! GET /api/languages: every language that can be read here.

use edge::Failure;
use edge::http::{Reply, Request};
use wire::language::LanguagesBody;

/// 200 with the languages, for everybody: they are chosen before there is an account.
pub async fn handle((): &(), _: Request) -> Result<Reply<LanguagesBody>, Failure> {
    Ok(Reply::ok(LanguagesBody::all()))
}
