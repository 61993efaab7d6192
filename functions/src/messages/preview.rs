//! POST /api/messages/preview-translation: a text in another language, before it is sent.

use app::reading;
use app::sending::SendLimits;
use app::translation::Translator;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::message::{PreviewBody, PreviewRequest};

/// 200 with the translation and the language the text was taken for; 400 for bad fields; 429 over the limit of
/// translations; 502 when the translator fails.
pub async fn handle(
    (guard, table, translator, limits): &(Guard, Table, Translator, SendLimits),
    request: Request,
) -> Result<Reply<PreviewBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: PreviewRequest = request.json()?;
    let (content, target) = body.check(limits.message_characters)?;
    let (wish, per_minute) = ((&content, target), limits.messages_per_minute);
    Ok(Reply::ok(reading::preview(table, translator, &actor, wish, per_minute, request.now()).await?))
}
