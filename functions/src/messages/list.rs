//! GET /api/conversations/{conversationId}/messages: the messages of a conversation in the caller's language.

use app::listing;
use app::membership::enter;
use app::tokens::Actor;
use app::translation::Translator;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::message::{ListMessagesQuery, MessagesBody};

/// 200 with one page, oldest first; 400 for a bad limit or cursor; 404 for a conversation the caller is not in.
pub async fn handle(
    (guard, table, translator): &(Guard, Table, Translator),
    request: Request,
) -> Result<Reply<MessagesBody>, Failure> {
    // The caller's place is read while the request is counted.
    let enter = async |actor: &Actor| {
        let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
        Ok((request.query::<ListMessagesQuery>()?, enter(table, actor, id).await?))
    };
    let (query, membership) = request.signed_in_while(guard, enter).await?;
    Ok(Reply::ok(listing::messages(table, translator, &membership, &query, request.now()).await?))
}
