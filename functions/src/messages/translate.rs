//! POST /api/conversations/{conversationId}/messages/{messageId}/translate: a message in a language that the caller names.

use app::membership::enter;
use app::reading;
use app::sending::SendLimits;
use app::translation::Translator;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::message::{TranslateMessageRequest, TranslationBody};

use super::place;

/// 200 with the translation, which is the original where that can be read in the language; 400 for a bad language; 404
/// for a conversation the caller is not in, or a message the caller does not see; 429 over the limit of translations;
/// 502 when the translator fails.
pub async fn handle(
    (guard, table, translator, limits): &(Guard, Table, Translator, SendLimits),
    request: Request,
) -> Result<Reply<TranslationBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let place = place(&request)?;
    let body: TranslateMessageRequest = request.json()?;
    let target = body.check()?;
    let membership = enter(table, &actor, place.conversation).await?;
    let (wish, per_minute) = ((place.message, target), limits.messages_per_minute);
    Ok(Reply::ok(reading::translation(table, translator, &membership, wish, per_minute, request.now()).await?))
}
