//! Lists: a person's conversations, a conversation's messages.

mod conversations;
mod messages;

pub(crate) use conversations::conversation_amid;
pub use conversations::{conversation, conversations};
pub use messages::messages;
pub(crate) use messages::{shown, sources};
