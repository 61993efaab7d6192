//! Messages over HTTP.

pub mod delete;
pub mod edit;
pub mod get;
pub mod list;
pub mod preview;
pub mod search;
pub mod send;
pub mod sync;
pub mod translate;

use domain::{ConversationId, MessageId};
use edge::Failure;
use edge::http::Request;
use wire::actions::MessagePlace;

/// The message that a path names. What is no identifier names nothing: 404.
fn place(request: &Request) -> Result<MessagePlace, Failure> {
    Ok(MessagePlace {
        conversation: request.path("conversationId", ConversationId::parse, "Conversation")?,
        message: request.path("messageId", MessageId::parse, "Message")?,
    })
}
