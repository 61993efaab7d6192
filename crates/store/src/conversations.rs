//! Conversations.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::conversation::pair;
use domain::{ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::error::StoreError;
use crate::keys;
use crate::members::MemberRecord;
use crate::notes::NoteRecord;
use crate::parts;
use crate::table::{Consistency, Item, Table, Written, decode, encode, number, text};

/// A conversation, item `CONV#c` / `META`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRecord {
    /// `conv_…`
    pub id: String,
    /// `direct` or `group`.
    pub kind: String,
    /// The two people of a direct conversation, so that lists need not ask for its members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pair: Vec<String>,
    /// A group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A group's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A group's picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Whether it can be joined only by invitation.
    #[serde(default)]
    pub is_private: bool,
    /// What joining asks for: Argon2id in PHC form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The code by which people join it, while there is one ([`crate::invites`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite_code: Option<String>,
    /// When the code ends; seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite_expires_at: Option<i64>,
    /// How many people it takes.
    pub max_members: u32,
    /// Language mostly written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_language: Option<String>,
    /// Language mostly read here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_language: Option<String>,
    /// `self` or `creator`.
    pub token_spending_mode: String,
    /// Who made it.
    pub creator: String,
    /// How many people are in it.
    pub member_count: u32,
    /// How many of them are admins of a group. Absent in what 0.1.0 wrote: then its creator alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_count: Option<u32>,
    /// Sequence number of the latest message; 0 before the first.
    #[serde(default)]
    pub seq: u64,
    /// The latest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<LastMessage>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// When something in it last changed that is no new message ([`crate::changes`]); milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<i64>,
}

/// What a list shows of the latest message. Its id is not kept but made: from the conversation's `seq`, which the same
/// update counts up, and these random bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastMessage {
    /// The random part of the message's id, in hex.
    pub random: String,
    /// Who sent it.
    pub sender: String,
    /// Its type.
    pub kind: String,
    /// Its words; of a long message the beginning.
    pub content: String,
    /// Fingerprint of all its words, when `content` is only their beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Language of its words.
    pub language: String,
    /// Whether its words are translated for readers of other languages.
    pub translate: bool,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// When its words were last changed; milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// When it was deleted for everybody; milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// Who is mentioned in its words.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mentions: BTreeSet<String>,
}

impl LastMessage {
    /// How many characters of a message are kept with its conversation: every message rewrites that item.
    const SHOWN: usize = 300;

    /// The beginning of a text, as a list shows it: of the message itself, or of its translation.
    pub fn beginning(text: &str) -> String {
        text.graphemes(true).take(Self::SHOWN).collect()
    }

    /// A translation of all the words, cut like the words themselves.
    pub fn shown(&self, translation: &str) -> String {
        if self.fingerprint.is_some() { Self::beginning(translation) } else { translation.to_owned() }
    }
}

impl ConversationRecord {
    /// When it was made.
    pub fn created(&self) -> Timestamp {
        Timestamp::from_millis(self.created_at)
    }

    /// Id of the latest message.
    pub fn last_message_id(&self) -> Option<MessageId> {
        let random = hex::decode(&self.last_message.as_ref()?.random).ok()?;
        Some(MessageId::new(self.seq, random.try_into().ok()?))
    }

    /// The two people of a direct conversation; nobody for a group.
    pub fn pair(&self) -> Vec<UserId> {
        self.pair.iter().filter_map(|id| UserId::parse(id).ok()).collect()
    }

    /// When the code ends by which people join it, if there is one.
    pub fn invite(&self) -> Option<(&str, Timestamp)> {
        let until = Timestamp::from_millis(self.invite_expires_at?.saturating_mul(1_000));
        Some((self.invite_code.as_deref()?, until))
    }

    /// When it was last written to.
    pub fn updated(&self) -> Timestamp {
        Timestamp::from_millis(self.updated_at)
    }
}

/// How often starting a direct conversation is tried that ends at the same moment.
const TRIES: u32 = 5;

/// How making a direct conversation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It is new.
    New,
    /// These two have one already.
    Existing(ConversationId),
    /// One of them has blocked the other.
    Blocked,
}

/// Writes a direct conversation with both members, unless the two have one or one has blocked the other: four items and
/// a check in one transaction, so that two people who start at once end in the same one (security K3), and nobody starts
/// one while being blocked (security D7).
pub async fn create_direct(
    table: &Table,
    (one, other): (&UserId, &UserId),
    record: &ConversationRecord,
    members: &[MemberRecord],
) -> Result<Started, StoreError> {
    let claim = keys::direct(&pair(one, other));
    let mut items = vec![encode(&claim, &Claim { conversation_id: record.id.clone() })?];
    items.push(encode(&keys::conversation(&record.id()?), record)?);
    for member in members {
        items.push(member.item()?);
    }
    let mut parts = Vec::new();
    for item in items {
        parts.push(TransactWriteItem::builder().put(table.put_new(item)?).build());
    }
    // Each of the two has an item while there is a block, whosever it is.
    let block = parts.len();
    parts.push(parts::absent(table, &keys::block(one, other))?);
    for _ in 0..TRIES {
        match table.write_all(&parts).await? {
            Written::Done => return Ok(Started::New),
            Written::Unmet(part) if part == block => return Ok(Started::Blocked),
            Written::Unmet(_) => {}
        }
        // Gone again if it has just been ended.
        if let Some(existing) = find_direct(table, one, other).await? {
            return Ok(Started::Existing(existing));
        }
    }
    Err(StoreError::Unprocessed("TransactWriteItems"))
}

/// The conversation that these two have.
pub async fn find_direct(table: &Table, one: &UserId, other: &UserId) -> Result<Option<ConversationId>, StoreError> {
    let claim: Option<Claim> = table.get(&keys::direct(&pair(one, other)), Consistency::Strong).await?;
    claim.map(|claim| ConversationId::parse(&claim.conversation_id).map_err(StoreError::unreadable)).transpose()
}

/// Writes a group: members first, each with a notification, fifty a transaction; the conversation itself with its creator last, so that
/// nobody sees half a group.
pub async fn create_group(
    table: &Table,
    record: &ConversationRecord,
    members: &[MemberRecord],
) -> Result<(), StoreError> {
    let (creator, others): (Vec<_>, Vec<_>) = members.iter().partition(|member| member.user == record.creator);
    let (by, now) = (UserId::parse(&record.creator).map_err(StoreError::unreadable)?, record.created());
    let note = NoteRecord::added(&record.id()?, &by, now);
    let mut items = Vec::with_capacity(2 * members.len());
    for member in others {
        items.extend([member.item()?, note.item(&member.user()?)?]);
    }
    for member in creator {
        items.push(member.item()?);
    }
    items.push(encode(&keys::conversation(&record.id()?), record)?);
    for chunk in items.chunks(100) {
        let mut parts = Vec::new();
        for item in chunk {
            parts.push(TransactWriteItem::builder().put(table.put_new(item.clone())?).build());
        }
        if table.write_all(&parts).await? != Written::Done {
            return Err(StoreError::Unprocessed("TransactWriteItems"));
        }
    }
    Ok(())
}

/// Conversations by their ids; those that are gone are not in the answer.
pub async fn by_ids(
    table: &Table,
    ids: impl IntoIterator<Item = &ConversationId>,
) -> Result<HashMap<ConversationId, ConversationRecord>, StoreError> {
    let wanted: HashMap<_, _> = ids.into_iter().map(|id| (keys::conversation(id), id.clone())).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let items = table.get_items(wanted.keys().cloned().collect(), Consistency::Strong).await?;
    let known = items.into_iter().filter_map(|(key, item)| wanted.get(&key).map(|id| (id.clone(), item)));
    known.map(|(id, item)| Ok((id, decode(item)?))).collect()
}

/// A conversation and somebody's place in it, by one call (2 read units). Both or nothing: who is not a member learns
/// nothing of the conversation.
pub async fn with_member(
    table: &Table,
    id: &ConversationId,
    user: &UserId,
) -> Result<Option<(ConversationRecord, MemberRecord)>, StoreError> {
    let (meta, place) = (keys::conversation(id), keys::member(id, user));
    let mut items = table.get_items(vec![meta.clone(), place.clone()], Consistency::Strong).await?;
    match (items.remove(&meta), items.remove(&place)) {
        (Some(meta), Some(place)) => Ok(Some((decode(meta)?, decode(place)?))),
        _ => Ok(None),
    }
}

/// Counts the conversation's `seq` up by one and shows the message as the latest: the one update that gives a message
/// its place. Returns the conversation with its new `seq`, nothing if it is gone. 1 write unit for each KB of it.
pub async fn next_place(
    table: &Table,
    id: &ConversationId,
    last_message: &LastMessage,
) -> Result<Option<ConversationRecord>, StoreError> {
    let shown: Item = serde_dynamo::to_item(last_message).map_err(StoreError::unreadable)?;
    let key = keys::conversation(id);
    let update = table.update(&key, |update| {
        update
            .update_expression("ADD seq :one SET lastMessage = :message, updatedAt = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":message", AttributeValue::M(shown.clone()))
            .expression_attribute_values(":now", number(last_message.created_at))
    });
    update.await?.map(decode).transpose()
}

/// What is changed of a group; what is absent stays as it is, and `Some(None)` removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<Option<String>>,
    /// Picture.
    pub avatar_url: Option<Option<String>>,
    /// Hash of what joining asks for.
    pub password_hash: Option<Option<String>>,
    /// How many people it takes.
    pub max_members: Option<u32>,
}

/// Changes a group and returns it as it is then; nothing if it is gone, or has more members than it would take. 1 write
/// unit for each KB of it.
pub async fn set_facts(
    table: &Table,
    id: &ConversationId,
    facts: &Facts,
    now: Timestamp,
) -> Result<Option<ConversationRecord>, StoreError> {
    let texts = [
        ("name", facts.name.clone().map(Some)),
        ("description", facts.description.clone()),
        ("avatarUrl", facts.avatar_url.clone()),
        ("passwordHash", facts.password_hash.clone()),
    ];
    let key = keys::conversation(id);
    let update = table.update(&key, |mut update| {
        let (mut sets, mut removed) = (vec!["changedAt = :now".to_owned()], Vec::new());
        for (name, value) in &texts {
            let Some(value) = value else { continue };
            update = update.expression_attribute_names(format!("#{name}"), *name);
            if let Some(value) = value {
                sets.push(format!("#{name} = :{name}"));
                update = update.expression_attribute_values(format!(":{name}"), text(value));
            } else {
                removed.push(format!("#{name}"));
            }
        }
        let mut condition = "attribute_exists(PK)";
        if let Some(most) = facts.max_members {
            sets.push("maxMembers = :most".to_owned());
            condition = "attribute_exists(PK) AND memberCount <= :most";
            update = update.expression_attribute_values(":most", number(most));
        }
        let remove = if removed.is_empty() { String::new() } else { format!(" REMOVE {}", removed.join(", ")) };
        update
            .update_expression(format!("SET {}{remove}", sets.join(", ")))
            .condition_expression(condition)
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await?.map(decode).transpose()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claim {
    pub(crate) conversation_id: String,
}

impl ConversationRecord {
    fn id(&self) -> Result<ConversationId, StoreError> {
        ConversationId::parse(&self.id).map_err(StoreError::unreadable)
    }
}
