//! GET /api/conversations/{conversationId}/messages/search: find messages of a conversation by their words.

use app::finding;
use app::membership::enter;
use app::tokens::Actor;
use app::translation::Translator;
use domain::ConversationId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::message_search::{FoundMessagesBody, SearchMessagesQuery};

/// 200 with what was found in the part that one page looks through, the latest first; 400 for a query without a word, a
/// bad limit or cursor; 404 for a conversation the caller is not in.
pub async fn handle(
    (guard, table, translator): &(Guard, Table, Translator),
    request: Request,
) -> Result<Reply<FoundMessagesBody>, Failure> {
    // The caller's place is read while the request is counted.
    let enter = async |actor: &Actor| {
        let id = request.path("conversationId", ConversationId::parse, "Conversation")?;
        Ok((request.query::<SearchMessagesQuery>()?, enter(table, actor, id).await?))
    };
    let (query, membership) = request.signed_in_while(guard, enter).await?;
    Ok(Reply::ok(finding::messages(table, translator, &membership, &query, request.now()).await?))
}
