//! Identifiers: a prefix that says of what, then letters, digits and dashes only, so that none can smuggle a `#` from
//! one part of a key into the next (security I3).

use std::fmt;

use uuid::Uuid;

use crate::problem::Problem;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What every one of these starts with.
            pub const PREFIX: &'static str = $prefix;

            /// From a fresh UUID.
            pub fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Reads an identifier; anything else than the prefix and a UUID in its canonical form is refused.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                parse_uuid($prefix, text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!($prefix, "{}"), self.0.as_hyphenated())
            }
        }
    };
}

identifier!(
    /// A person's account: `user_` and a UUIDv4.
    UserId,
    "user_"
);
identifier!(
    /// A conversation: `conv_` and a UUIDv4.
    ConversationId,
    "conv_"
);
identifier!(
    /// An attachment: `att_` and a UUIDv4.
    AttachmentId,
    "att_"
);
identifier!(
    /// A sign-in on one device, the family of its refresh tokens: `sess_` and a UUIDv4.
    SessionId,
    "sess_"
);

impl UserId {
    /// Who stands in the place of everybody whose account was erased: no account has this id.
    pub const ERASED: Self = Self(Uuid::nil());
}

fn parse_uuid(prefix: &str, text: &str) -> Result<Uuid, Problem> {
    let bad = || Problem::new(format!("must be an identifier such as {prefix}0b3a…"));
    let rest = text.strip_prefix(prefix).ok_or_else(bad)?;
    let uuid = Uuid::try_parse(rest).map_err(|_| bad())?;
    // One spelling only: braces, upper case or missing dashes would be a second name for the same thing.
    if rest == uuid.as_hyphenated().to_string() { Ok(uuid) } else { Err(bad()) }
}

/// A message: `msg_` and a UUIDv8 that holds the conversation's sequence number in its first 48 bits and 74 random bits
/// after it, so that identifier, key and order are one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(Uuid);

impl MessageId {
    /// What every one of these starts with.
    pub const PREFIX: &'static str = "msg_";

    /// Highest sequence number that fits (2⁴⁸ − 1).
    pub const MAX_SEQUENCE: u64 = (1 << 48) - 1;

    /// The message with this place in its conversation. A sequence over [`Self::MAX_SEQUENCE`] is cut to it, which at a
    /// thousand messages a second takes nine thousand years.
    pub fn new(sequence: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&sequence.min(Self::MAX_SEQUENCE).to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        Self(Uuid::new_v8(bytes))
    }

    /// The first identifier a message with this sequence number could have: a border between pages.
    pub fn floor(sequence: u64) -> Self {
        Self::new(sequence, [0; 10])
    }

    /// Reads an identifier.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let uuid = parse_uuid(Self::PREFIX, text)?;
        if uuid.get_version_num() == 8 { Ok(Self(uuid)) } else { Err(Problem::new("is not a message identifier")) }
    }

    /// What it was made of besides its place.
    pub fn random(self) -> [u8; 10] {
        let mut random = [0; 10];
        random.copy_from_slice(&self.0.as_bytes()[6..]);
        random
    }

    /// Place in the conversation, counted from 1.
    pub fn sequence(self) -> u64 {
        let bytes = self.0.as_bytes();
        bytes[..6].iter().fold(0, |sequence, byte| (sequence << 8) | u64::from(*byte))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "msg_{}", self.0.as_hyphenated())
    }
}

/// A notification: `note_` and a UUIDv8 that holds when it happened in its first 48 bits, in milliseconds since the epoch,
/// and 74 bits after it that tell it from others of that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotificationId(Uuid);

impl NotificationId {
    /// What every one of these starts with.
    pub const PREFIX: &'static str = "note_";

    /// The notification of something at a time.
    pub fn new(at: crate::Timestamp, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&u64::try_from(at.millis()).unwrap_or_default().to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        Self(Uuid::new_v8(bytes))
    }

    /// Reads an identifier.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let uuid = parse_uuid(Self::PREFIX, text)?;
        if uuid.get_version_num() == 8 { Ok(Self(uuid)) } else { Err(Problem::new("is not a notification identifier")) }
    }
}

impl fmt::Display for NotificationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "note_{}", self.0.as_hyphenated())
    }
}

/// A live socket, named by API Gateway: opaque, at most 128 characters of base64 (gateway fact W-04).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// Takes an identifier as API Gateway gave it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
        if !text.is_empty() && text.len() <= 128 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::new("is not a connection identifier"))
        }
    }

    /// The identifier as API Gateway spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn has_one_spelling() {
        let id = UserId::new(Uuid::from_u128(7));
        assert_eq!(UserId::parse(&id.to_string()), Ok(id.clone()));
        let upper = id.to_string().to_uppercase().replace("USER_", "user_");
        for text in ["", "user_", "user_abc123", "conv_00000000-0000-0000-0000-000000000007", "user_7#CONV"] {
            assert!(UserId::parse(text).is_err(), "{text}");
        }
        assert!(UserId::parse("user_{00000000-0000-0000-0000-000000000007}").is_err());
        assert_eq!(upper == id.to_string(), UserId::parse(&upper).is_ok());
    }

    proptest! {
        #[test]
        fn message_ids_sort_like_their_sequence(a in 0..=MessageId::MAX_SEQUENCE, b in 0..=MessageId::MAX_SEQUENCE, x: [u8; 10], y: [u8; 10]) {
            let (first, second) = (MessageId::new(a, x), MessageId::new(b, y));
            prop_assert_eq!(first.sequence(), a);
            if a != b {
                prop_assert_eq!(first.to_string() < second.to_string(), a < b);
            }
            prop_assert!(MessageId::floor(a) <= first);
            prop_assert_eq!(MessageId::new(a, first.random()), first);
            prop_assert_eq!(MessageId::parse(&first.to_string()), Ok(first));
        }

        #[test]
        fn nothing_with_a_separator_is_an_identifier(text in ".*#.*") {
            prop_assert!(UserId::parse(&text).is_err());
            prop_assert!(MessageId::parse(&text).is_err());
            prop_assert!(ConnectionId::parse(&text).is_err());
        }
    }
}
