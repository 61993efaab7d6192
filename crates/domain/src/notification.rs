//! What people are notified of.

use crate::problem::Problem;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody asks for friendship.
    FriendRequest,
    /// Somebody who was asked for friendship is a friend.
    FriendAccepted,
    /// Somebody brought the person into a group.
    ConversationAdded,
    /// Somebody mentioned the person in a message.
    Mention,
    /// Somebody reacted to a message of the person's.
    Reaction,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::FriendRequest, Self::FriendAccepted, Self::ConversationAdded, Self::Mention, Self::Reaction];

    /// Reads the word of the API.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| Problem::new("is no notification"))
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FriendRequest => "friend_request",
            Self::FriendAccepted => "friend_accepted",
            Self::ConversationAdded => "conversation_added",
            Self::Mention => "mention",
            Self::Reaction => "reaction",
        }
    }

    /// Whether somebody is told of it although they have muted the conversation it is about.
    pub fn goes_through_mute(self) -> bool {
        self == Self::Mention
    }

    /// A sentence in English for clients that have no words of their own.
    pub fn sentence(self, actor: &str, emoji: Option<&str>) -> String {
        match self {
            Self::FriendRequest => format!("{actor} wants to be your friend"),
            Self::FriendAccepted => format!("{actor} is your friend now"),
            Self::ConversationAdded => format!("{actor} added you to a group"),
            Self::Mention => format!("{actor} mentioned you"),
            Self::Reaction => format!("{actor} reacted {} to your message", emoji.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Ok(kind));
        }
        assert!(Kind::parse("spam").is_err());
    }
}
