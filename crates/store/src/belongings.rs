//! What is kept about a person, for that person. It is looked for where an erasure looks ([`crate::erasing`],
//! [`crate::redaction`]): in their own partition, and in the conversations that they are or were in.

use domain::{ConversationId, MessageId, UserId};

use crate::attachments::AttachmentRecord;
use crate::blocks::BlockRecord;
use crate::devices::DeviceRecord;
use crate::erasing::{self, Remains};
use crate::error::StoreError;
use crate::friends::FriendRecord;
use crate::keys;
use crate::messages::MessageRecord;
use crate::notes::NoteRecord;
use crate::places::LeftRecord;
use crate::redaction;
use crate::sessions::SessionRecord;
use crate::table::{Table, decode, key_of};

/// What is in somebody's own partition, as far as one page of it goes; not the account and their presence, which are
/// read by their keys, nor what is kept for a moment.
#[derive(Debug, Default)]
pub struct Belongings {
    /// Sign-ins.
    pub sessions: Vec<SessionRecord>,
    /// Devices that notifications go to.
    pub devices: Vec<DeviceRecord>,
    /// Friends, and requests for friendship.
    pub friends: Vec<FriendRecord>,
    /// Blocks, also those of others.
    pub blocks: Vec<BlockRecord>,
    /// Messages that this person deleted for themselves.
    pub hidden: Vec<(ConversationId, MessageId)>,
    /// Conversations that this person was in.
    pub left: Vec<LeftRecord>,
    /// Notifications.
    pub notes: Vec<NoteRecord>,
    /// Up to which notification all are read.
    pub notes_read_up_to: Option<String>,
    /// The sort key behind which there may be more.
    pub next: Option<String>,
}

/// One page of somebody's own partition, from behind a sort key on. 1 read unit for each 4 KB.
pub async fn own(table: &Table, user: &UserId, after: Option<&str>) -> Result<Belongings, StoreError> {
    let remains = erasing::remains(table, user, after.map(|sk| Remains::before(user, sk))).await?;
    let (items, next) = remains.into_parts()?;
    let mut found = Belongings { next, ..Belongings::default() };
    for item in items {
        let key = key_of(&item)?;
        match key.sk.split_inclusive('#').next().unwrap_or_default() {
            keys::SESSION_PREFIX => found.sessions.push(decode(item)?),
            keys::DEVICE_PREFIX => found.devices.push(decode(item)?),
            keys::FRIEND_PREFIX => found.friends.push(decode(item)?),
            keys::BLOCK_PREFIX => found.blocks.push(decode(item)?),
            keys::HIDDEN_PREFIX => found.hidden.extend(hidden(&key.sk)),
            keys::LEFT_PREFIX => found.left.push(decode(item)?),
            keys::NOTE_PREFIX => found.notes.push(decode(item)?),
            keys::NOTES => found.notes_read_up_to = item.get("readUpTo").and_then(|id| id.as_s().ok()).cloned(),
            _ => {}
        }
    }
    Ok(found)
}

fn hidden(sk: &str) -> Option<(ConversationId, MessageId)> {
    let (conversation, message) = sk.strip_prefix(keys::HIDDEN_PREFIX)?.split_once('#')?;
    Some((ConversationId::parse(conversation).ok()?, MessageId::parse(message).ok()?))
}

/// Something in a conversation that names somebody.
#[derive(Debug)]
pub enum Trace {
    /// A message: of this person, or of another, with a reaction or a mention of this one, or in answer to this one.
    Message(Box<MessageRecord>),
    /// A file that this person uploaded, sent or not.
    Upload(Box<AttachmentRecord>),
}

/// What names somebody on one page of a conversation.
#[derive(Debug)]
pub struct Traces {
    /// By their sort keys, in their order.
    pub found: Vec<(String, Trace)>,
    /// The sort key behind which there may be more.
    pub next: Option<String>,
    /// Read units that it took.
    pub units: f64,
}

/// One page of a conversation, from behind a sort key on. 0.5 read units for each 4 KB of it.
pub async fn in_conversation(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
    after: Option<&str>,
) -> Result<Traces, StoreError> {
    let page = redaction::page(table, conversation, user, after).await?;
    let mut found = Vec::new();
    for (key, item) in page.items {
        if key.sk.starts_with(keys::MESSAGE_PREFIX) {
            found.push((key.sk, Trace::Message(Box::new(MessageRecord::read(item)?))));
        } else if key.sk.starts_with(keys::ATTACHMENT_PREFIX) {
            found.push((key.sk, Trace::Upload(Box::new(decode(item)?))));
        }
    }
    Ok(Traces { found, next: page.next, units: page.units })
}
