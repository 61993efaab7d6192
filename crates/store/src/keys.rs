//! Every key of the table: one constructor per access pattern, identifiers in, a key out.
//!
//! Identifiers cannot contain `#` ([`domain::id`]), and whatever a client chose (addresses, names, `tempId`) is encoded
//! first, so no part of a key can reach into the next (security I3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::device::DeviceToken;
use domain::invitation::InviteCode;
use domain::person::{Email, Phrase, Username};
use domain::{
    AttachmentId, ConnectionId, ConversationId, Language, MessageId, NotificationId, SessionId, Timestamp, UserId,
};
use sha2::{Digest, Sha256};

/// A primary key of the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Partition key, attribute `PK`.
    pub pk: String,
    /// Sort key, attribute `SK`.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// Sort keys of members start with this.
pub const MEMBER_PREFIX: &str = "MEMBER#";
/// Sort keys of messages start with this.
pub const MESSAGE_PREFIX: &str = "MSG#";
/// Sort keys of files start with this.
pub const ATTACHMENT_PREFIX: &str = "ATT#";
/// Sort keys of changes start with this.
pub const CHANGE_PREFIX: &str = "CHG#";

/// Sort keys of sessions start with this.
pub const SESSION_PREFIX: &str = "SESSION#";

/// Sort keys of devices start with this.
pub const DEVICE_PREFIX: &str = "DEVICE#";

/// Sort keys of what was pushed start with this.
pub const PUSHED_PREFIX: &str = "PUSHED#";

/// Sort keys of blocks start with this.
pub const BLOCK_PREFIX: &str = "BLOCK#";

/// Sort keys of notifications start with this.
pub const NOTE_PREFIX: &str = "NOTE#";

/// Partitions of connections start with this.
pub const CONNECTION_PREFIX: &str = "CONNECTION#";

/// Sort key of what others see of a person.
pub const PRESENCE: &str = "PRESENCE";

/// Sort keys of friends, and of requests for friendship, start with this.
pub const FRIEND_PREFIX: &str = "FRIEND#";

/// Sort keys of what leads to a report start with this.
pub const REPORT_PREFIX: &str = "REPORT#";

/// Sort keys of conversations that somebody was in start with this.
pub const LEFT_PREFIX: &str = "LEFT#";

/// Sort keys of messages that somebody deleted for themselves start with this.
pub const HIDDEN_PREFIX: &str = "HIDDEN#";

/// Partition of the people whose accounts were deleted and are not erased yet.
pub const ERASING: &str = "ERASING";

/// Partition of the conversations that have ended and are not cleared yet.
pub const ENDED: &str = "ENDED";

/// Sort key of how far somebody's notifications are read.
pub const NOTES: &str = "NOTES";

const CLAIM: &str = "CLAIM";

/// A person's account.
pub fn profile(user: &UserId) -> Key {
    Key::new(person(user), "PROFILE")
}

/// What others see of a person, and their live connections: the one item that fan-out reads per person.
pub fn presence(user: &UserId) -> Key {
    Key::new(person(user), PRESENCE)
}

/// A sign-in on one device.
pub fn session(user: &UserId, session: &SessionId) -> Key {
    Key::new(person(user), format!("{SESSION_PREFIX}{session}"))
}

/// How often a person called in this minute, and which of that person's access tokens no longer hold.
pub fn access(user: &UserId) -> Key {
    Key::new(person(user), "ACCESS")
}

/// Whose connection an id is, since when.
pub fn connection(id: &ConnectionId) -> Key {
    Key::new(format!("{CONNECTION_PREFIX}{id}"), CLAIM)
}

/// A ticket of somebody for one socket, under its hash.
pub fn ticket(user: &UserId, hash: &str) -> Key {
    Key::new(person(user), format!("TICKET#{hash}"))
}

/// Who signs in as this subject of an issuer.
pub fn identity(issuer: &str, subject: &str) -> Key {
    Key::new(format!("IDENTITY#{}#{}", encoded(issuer), encoded(subject)), CLAIM)
}

/// A sign-in at a provider that a browser has begun, under the hash of its state.
pub fn sign_in_flow(hash: &str) -> Key {
    Key::new(format!("FLOW#{hash}"), "FLOW")
}

/// Who has this address.
pub fn email(email: &Email) -> Key {
    Key::new(format!("EMAIL#{}", encoded(&email.folded())), CLAIM)
}

/// Who has this username.
pub fn username(username: &Username) -> Key {
    Key::new(format!("USERNAME#{}", encoded(&username.folded())), CLAIM)
}

/// A conversation.
pub fn conversation(id: &ConversationId) -> Key {
    Key::new(room(id), "META")
}

/// That a conversation has ended and something of it may be left. All of these are together.
pub fn ended(id: &ConversationId) -> Key {
    Key::new(ENDED, id.to_string())
}

/// That an account was deleted and something of the person may be left. All of these are together.
pub fn erasing(user: &UserId) -> Key {
    Key::new(ERASING, user.to_string())
}

/// That somebody was in a conversation: what that person wrote there is found by it.
pub fn left(user: &UserId, conversation: &ConversationId) -> Key {
    Key::new(person(user), format!("{LEFT_PREFIX}{conversation}"))
}

/// Somebody's place in a conversation.
pub fn member(conversation: &ConversationId, user: &UserId) -> Key {
    Key::new(room(conversation), format!("{MEMBER_PREFIX}{user}"))
}

/// The same place found from the person: key in `GSI1`.
pub fn membership(conversation: &ConversationId, user: &UserId) -> Key {
    Key::new(person(user), room(conversation))
}

/// The one conversation of two people, given in their one order ([`domain::conversation::pair`]).
pub fn direct((one, other): &(UserId, UserId)) -> Key {
    Key::new(format!("DIRECT#{one}#{other}"), CLAIM)
}

/// Which group the code of an invitation opens.
pub fn invite(code: &InviteCode) -> Key {
    Key::new(format!("CODE#{}", code.as_str()), CLAIM)
}

/// A message: its id carries the order.
pub fn message(conversation: &ConversationId, id: MessageId) -> Key {
    Key::new(room(conversation), format!("{MESSAGE_PREFIX}{id}"))
}

/// A send seen before: the client's name for it is hashed, whatever it contains.
pub fn send(conversation: &ConversationId, sender: &UserId, temp_id: &domain::message::TempId) -> Key {
    Key::new(room(conversation), format!("SENT#{sender}#{}", hex::encode(Sha256::digest(temp_id.as_str()))))
}

/// A change of a message, under the time it happened at.
pub fn change(conversation: &ConversationId, at: Timestamp, message: MessageId) -> Key {
    Key::new(room(conversation), format!("{}#{message}", moment(at)))
}

/// Where the changes of a conversation since a time begin.
pub fn changes_since(conversation: &ConversationId, from: Timestamp) -> Key {
    Key::new(room(conversation), moment(from))
}

/// A change for one person alone, in a conversation or of one message in it, under the time it happened at.
pub fn own_change(user: &UserId, at: Timestamp, conversation: &ConversationId, message: Option<MessageId>) -> Key {
    let message = message.map_or_else(String::new, |id| format!("#{id}"));
    Key::new(person(user), format!("{}#{conversation}{message}", moment(at)))
}

/// Where the changes for one person alone since a time begin.
pub fn own_changes_since(user: &UserId, from: Timestamp) -> Key {
    Key::new(person(user), moment(from))
}

/// A message that somebody deleted for themselves.
pub fn hidden(user: &UserId, conversation: &ConversationId, message: MessageId) -> Key {
    Key::new(person(user), format!("{HIDDEN_PREFIX}{conversation}#{message}"))
}

/// A file of a conversation, from the moment its upload is allowed.
pub fn attachment(conversation: &ConversationId, id: &AttachmentId) -> Key {
    Key::new(room(conversation), format!("{ATTACHMENT_PREFIX}{id}"))
}

/// What somebody is found by; phrases that begin alike are together.
pub fn search(phrase: &Phrase, user: &UserId) -> Key {
    Key::new(found_by(phrase.beginning()), format!("{phrase}#{user}"))
}

/// What lies between somebody and another person: who of them blocked the other. Each of the two has one.
pub fn block(user: &UserId, other: &UserId) -> Key {
    Key::new(person(user), format!("{BLOCK_PREFIX}{other}"))
}

/// A device of somebody that notifications go to.
pub fn device(user: &UserId, token: &DeviceToken) -> Key {
    Key::new(person(user), format!("{DEVICE_PREFIX}{}", hashed(token)))
}

/// Whose device a token is: one person's at a time.
pub fn device_owner(token: &DeviceToken) -> Key {
    Key::new(format!("DEVICE#{}", hashed(token)), CLAIM)
}

/// That a message goes to a device of somebody, or went.
pub fn pushed(user: &UserId, message: MessageId, token: &DeviceToken) -> Key {
    Key::new(person(user), format!("{PUSHED_PREFIX}{message}#{}", hashed(token)))
}

/// What somebody is to a person: a friend, or who has asked, or was asked, for friendship.
pub fn friend(user: &UserId, other: &UserId) -> Key {
    Key::new(person(user), format!("{FRIEND_PREFIX}{other}"))
}

/// A notification of somebody: its id carries the time.
pub fn note(user: &UserId, id: NotificationId) -> Key {
    Key::new(person(user), format!("{NOTE_PREFIX}{id}"))
}

/// Up to which notification somebody has read all of them.
pub fn notes_read(user: &UserId) -> Key {
    Key::new(person(user), NOTES)
}

/// A report of somebody, of a day (`2026-03-14`), under the digest of what it is about.
pub fn report(day: &str, digest: &str) -> Key {
    Key::new(reports(day), digest)
}

/// What leads from a person to a report about or by them.
pub fn report_lead(user: &UserId, day: &str, digest: &str) -> Key {
    Key::new(person(user), format!("{REPORT_PREFIX}{day}#{digest}"))
}

/// A translation of the text with this hash.
pub fn translation(hash: &str, target: &Language) -> Key {
    Key::new(format!("TRANSLATION#{hash}"), target.as_str())
}

/// Somebody's use of something within the minute, or the hour, that begins with this minute.
pub fn rate(scope: &str, who: &str, minute: i64) -> Key {
    Key::new(rates(scope, who), minute.to_string())
}

/// Partition of somebody's use of something.
pub fn rates(scope: &str, who: &str) -> String {
    format!("RATE#{scope}#{}", encoded(who))
}

/// Partition of the phrases with this beginning.
pub fn found_by(beginning: &str) -> String {
    format!("SEARCH#{beginning}")
}

/// Partition of the reports of a day.
pub fn reports(day: &str) -> String {
    format!("REPORTS#{day}")
}

/// Partition of everything about a person; also the partition of their memberships in `GSI1`.
pub fn person(user: &UserId) -> String {
    format!("USER#{user}")
}

/// Partition of everything in a conversation.
pub fn room(conversation: &ConversationId) -> String {
    format!("CONV#{conversation}")
}

/// A time as the beginning of a change's key: fifteen digits of milliseconds sort as the times do.
fn moment(at: Timestamp) -> String {
    format!("{CHANGE_PREFIX}{:015}", at.millis().max(0))
}

pub(crate) fn hashed(token: &DeviceToken) -> String {
    hex::encode(Sha256::digest(token.as_str()))
}

/// Text that a client chose, in letters that mean nothing in a key.
fn encoded(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_a_client_chose_cannot_reach_into_the_next_part() {
        let (conversation, user) = (ConversationId::new(Uuid::nil()), UserId::new(Uuid::nil()));
        for text in ["a#b", "#", "USER#x", "é#\u{0}"] {
            let temp_id = domain::message::TempId::parse(text).unwrap();
            assert_eq!(send(&conversation, &user, &temp_id).sk.matches('#').count(), 2);
            assert_eq!(rate("login", text, 1).pk.matches('#').count(), 2);
        }
    }

    #[test]
    fn two_spellings_of_one_address_are_one_claim() {
        let key = |text| email(&Email::parse(text).unwrap());
        assert_eq!(key("Ana@Example.com"), key("ana@example.com"));
    }
}
