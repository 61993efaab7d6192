//! What the table's stream tells: items as they were and as they are, read as what they are of.

use domain::notification::Kind;
use domain::{ConversationId, MessageId, Timestamp, UserId};
use serde::Deserialize;
use serde_dynamo::AttributeValue;

use crate::devices::DeviceRecord;
use crate::error::StoreError;
use crate::keys::{CONNECTION_PREFIX, DEVICE_PREFIX, MESSAGE_PREFIX, NOTE_PREFIX, PRESENCE};
use crate::messages::MessageRecord;
use crate::notes::{NoteRecord, Occasion};
use crate::reactions;

type Image = serde_dynamo::Item;

/// One record of the stream, as Lambda hands it to a function (gateway fact E-03).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamRecord {
    event_name: String,
    dynamodb: Images,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Image,
    #[serde(default)]
    new_image: Option<Image>,
    #[serde(default)]
    old_image: Option<Image>,
    sequence_number: String,
    #[serde(default)]
    approximate_creation_date_time: f64,
}

/// What a record is of.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// Somebody has a new notification.
    Notified(UserId, Box<NoteRecord>),
    /// A message is new, or is not what it was.
    Said(Box<Said>),
    /// A connection of somebody's may have ended without a goodbye.
    Faded(UserId),
    /// A device is registered no more, as it was.
    Unregistered(Box<DeviceRecord>),
    /// Nothing that anything follows from.
    Nothing,
}

/// A message that is new, or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Where.
    pub conversation: ConversationId,
    /// Which.
    pub id: MessageId,
    /// As it is.
    pub message: MessageRecord,
    /// As it was, if it was there.
    pub before: Option<MessageRecord>,
    /// About when it became so: whole seconds on AWS, the same however often it is told.
    pub at: Timestamp,
}

impl Said {
    /// What a notification of this message is of.
    pub fn occasion<'a>(&'a self, kind: Kind, actor: &'a UserId, emoji: Option<&'a str>) -> Occasion<'a> {
        Occasion { kind, actor, conversation: Some(&self.conversation), message: Some(self.id), emoji }
    }
}

impl StreamRecord {
    /// Names its place in the stream, for telling that it could not be handled (gateway fact E-06).
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// What it is of.
    pub fn happened(&self) -> Result<Happened, StoreError> {
        let Images { keys, new_image, old_image, approximate_creation_date_time, .. } = &self.dynamodb;
        let part = |name: &str| match keys.get(name) {
            Some(AttributeValue::S(value)) => Ok(value.as_str()),
            _ => Err(StoreError::unreadable(format!("a record without {name}"))),
        };
        let (pk, sk) = (part("PK")?, part("SK")?);
        if pk.starts_with(CONNECTION_PREFIX) {
            return faded(self.event_name == "REMOVE", old_image.as_ref());
        }
        if let (None, Some(old), true) = (new_image, old_image, sk.starts_with(DEVICE_PREFIX)) {
            let device = serde_dynamo::from_item(old.clone()).map_err(StoreError::unreadable)?;
            return Ok(Happened::Unregistered(Box::new(device)));
        }
        let Some(new) = new_image else { return Ok(Happened::Nothing) };
        if let (Some(user), PRESENCE, true) = (pk.strip_prefix("USER#"), sk, new.contains_key("lostAt")) {
            return Ok(Happened::Faded(UserId::parse(user).map_err(StoreError::unreadable)?));
        }
        if let (Some(user), Some(_), "INSERT") =
            (pk.strip_prefix("USER#"), sk.strip_prefix(NOTE_PREFIX), self.event_name.as_str())
        {
            let user = UserId::parse(user).map_err(StoreError::unreadable)?;
            let note = serde_dynamo::from_item(new.clone()).map_err(StoreError::unreadable)?;
            return Ok(Happened::Notified(user, Box::new(note)));
        }
        let (Some(conversation), Some(id)) = (pk.strip_prefix("CONV#"), sk.strip_prefix(MESSAGE_PREFIX)) else {
            return Ok(Happened::Nothing);
        };
        #[allow(clippy::cast_possible_truncation, reason = "milliseconds of a time of ours fit")]
        let at = Timestamp::from_millis((approximate_creation_date_time * 1000.0) as i64);
        Ok(Happened::Said(Box::new(Said {
            conversation: ConversationId::parse(conversation).map_err(StoreError::unreadable)?,
            id: MessageId::parse(id).map_err(StoreError::unreadable)?,
            message: message(new)?,
            before: old_image.as_ref().map(message).transpose()?,
            at,
        })))
    }
}

/// The end of what said whose a connection was: whose it was.
fn faded(is_gone: bool, old_image: Option<&Image>) -> Result<Happened, StoreError> {
    match old_image.filter(|_| is_gone).map(|image| image.get("userId")) {
        Some(Some(AttributeValue::S(user))) => {
            Ok(Happened::Faded(UserId::parse(user).map_err(StoreError::unreadable)?))
        }
        Some(_) => Err(StoreError::unreadable("a connection that was nobody's")),
        None => Ok(Happened::Nothing),
    }
}

fn message(image: &Image) -> Result<MessageRecord, StoreError> {
    let people = |value: &AttributeValue| match value {
        AttributeValue::Ss(people) => Some(people.iter().cloned().collect()),
        _ => None,
    };
    let reactions = image
        .iter()
        .filter_map(|(name, value)| Some((reactions::emoji_of(name)?.to_owned(), people(value)?)))
        .collect();
    let record: MessageRecord = serde_dynamo::from_item(image.clone()).map_err(StoreError::unreadable)?;
    Ok(MessageRecord { reactions, ..record })
}
