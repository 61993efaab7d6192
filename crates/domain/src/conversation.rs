//! Conversations: of two people, or of a group.

use std::collections::BTreeSet;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::id::UserId;
use crate::language::Language;
use crate::person::Password;
use crate::problem::{Problem, Problems};

/// Whether a conversation is between two people or open to more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Two people; there is only ever one between the same two.
    Direct,
    /// A group with roles.
    Group,
}

impl Kind {
    /// Reads `direct` or `group`, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.to_ascii_lowercase().as_str() {
            "direct" => Ok(Self::Direct),
            "group" => Ok(Self::Group),
            _ => Err(Problem::new("must be \"direct\" or \"group\"")),
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

/// What a member may do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May change the group and its members.
    Admin,
    /// May read and write.
    Member,
}

impl Role {
    /// Reads `admin` or `member`, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.to_ascii_lowercase().as_str() {
            "admin" => Ok(Self::Admin),
            "member" => Ok(Self::Member),
            _ => Err(Problem::new("must be \"admin\" or \"member\"")),
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}

/// Who pays for translations (contract, Billing).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSpendingMode {
    /// Whoever sends the message.
    Own,
    /// Whoever created the conversation.
    Creator,
}

impl TokenSpendingMode {
    /// Reads `self` or `creator`, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.to_ascii_lowercase().as_str() {
            "self" => Ok(Self::Own),
            "creator" => Ok(Self::Creator),
            _ => Err(Problem::new("must be \"self\" or \"creator\"")),
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Creator => "creator",
        }
    }
}

/// A line of text about a group, in NFC: its name (at most 100 characters) or its description (at most 500).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Reads a group's name.
    pub fn name(text: &str) -> Result<Self, Problem> {
        Self::up_to(100, text)
    }

    /// Reads a group's description.
    pub fn description(text: &str) -> Result<Self, Problem> {
        Self::up_to(500, text)
    }

    fn up_to(limit: usize, text: &str) -> Result<Self, Problem> {
        let line: String = text.trim().nfc().collect();
        match line.chars().count() {
            0 => Err(Problem::new("must not be empty")),
            length if length > limit => Err(Problem::new(format!("must be at most {limit} characters long"))),
            _ if line.chars().any(|letter| letter != '\n' && crate::person::invisible(letter)) => {
                Err(Problem::new("must not contain control characters or direction marks"))
            }
            _ => Ok(Self(line)),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An `https` address of a picture, at most 2,048 characters. It is handed to clients, never fetched (security H1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureUrl(String);

impl PictureUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let host = text.strip_prefix("https://").unwrap_or_default();
        let clean = text.len() <= 2048 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if clean && host.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::new("must be an https:// address of at most 2048 characters"))
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A checked wish for a conversation (contract, `conversations-create`).
#[derive(Debug, Clone)]
pub enum NewConversation {
    /// With one other person.
    Direct(UserId),
    /// With several, or nobody yet besides the creator and one more.
    Group(Box<NewGroup>),
}

/// What a new group is made with.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// The others; the creator is not among them.
    pub members: BTreeSet<UserId>,
    /// Name.
    pub name: Option<Line>,
    /// Description.
    pub description: Option<Line>,
    /// Picture.
    pub avatar_url: Option<PictureUrl>,
    /// Whether it can be joined only by invitation.
    pub is_private: bool,
    /// What joining asks for.
    pub password: Option<Password>,
    /// How many people it takes.
    pub max_members: u32,
    /// Language that is mostly written here.
    pub source_language: Option<Language>,
    /// Language that is mostly read here.
    pub target_language: Option<Language>,
    /// Who pays for translations.
    pub token_spending_mode: TokenSpendingMode,
}

/// The two people of a direct conversation in the one order that names it.
pub fn pair(one: &UserId, other: &UserId) -> (UserId, UserId) {
    if one <= other { (one.clone(), other.clone()) } else { (other.clone(), one.clone()) }
}

/// Whom a creator invites: at least one person, nobody twice, not the creator (who is in anyway); at most `limit`.
pub fn invitees(creator: &UserId, ids: &[UserId], limit: u32) -> Result<BTreeSet<UserId>, Problems> {
    let others: BTreeSet<UserId> = ids.iter().filter(|id| *id != creator).cloned().collect();
    if others.is_empty() {
        return Err(Problems::one("participantIds", "must name at least one other person"));
    }
    if others.len() >= limit as usize {
        return Err(Problems::one("participantIds", format!("must fit a group of at most {limit} people")));
    }
    Ok(others)
}

/// How many messages a member has not read: the conversation's last sequence number less the member's, never negative.
pub fn unread(sequence: u64, last_read: u64) -> u64 {
    sequence.saturating_sub(last_read)
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId::new(Uuid::from_u128(number))
    }

    #[test]
    fn a_pair_has_one_order() {
        assert_eq!(pair(&user(1), &user(2)), pair(&user(2), &user(1)));
    }

    #[test]
    fn the_creator_is_not_an_invitee_and_nobody_comes_twice() {
        let others = invitees(&user(1), &[user(1), user(2), user(2)], 10).unwrap();
        assert_eq!(others.len(), 1);
        assert!(invitees(&user(1), &[user(1)], 10).is_err());
        assert!(invitees(&user(1), &[user(2), user(3)], 2).is_err());
        assert!(invitees(&user(1), &[user(2), user(3)], 3).is_ok());
    }

    #[test]
    fn pictures_are_https() {
        assert!(PictureUrl::parse("https://example.com/a.png?x=1").is_ok());
        for text in ["http://example.com/a.png", "javascript:alert(1)", "https://", "https:// x", "https://[::1]/a"] {
            assert!(PictureUrl::parse(text).is_err(), "{text}");
        }
    }
}
