//! What others see of a person, and where that person can be reached right now.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::person::Availability;
use domain::{ConnectionId, ConversationId, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::live::Live;
use crate::table::{Consistency, Item, Table, attributes, decode, number, text};
use crate::users::UserRecord;

/// Item `USER#u` / `PRESENCE`: the one item that fan-out reads per person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// `user_…`
    pub id: String,
    /// Unique name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// Picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Language this person reads.
    pub language: String,
    /// Country, for the regional variant.
    pub country: String,
    /// Live connections by their id.
    pub connections: BTreeMap<String, Connection>,
    /// When the last connection was opened or closed, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<i64>,
    /// What this person said of being there since the last connection was opened; absent is `online`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<String>,
    /// What others were last told of this person's being there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// When they were told, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<i64>,
    /// When a device of this person was last registered, in milliseconds since the epoch; without it there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_at: Option<i64>,
    /// Whether this person wants no notifications pushed: a copy of a setting.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub notifications_off: bool,
    /// Whether they make no sound: a copy of a setting.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sound_off: bool,
}

/// A live connection of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// When it was opened, in milliseconds since the epoch.
    pub since: i64,
    /// When the token ends that opened it, in milliseconds since the epoch. What was opened before this was noted has
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// The session whose token opened it: it is closed when that session ends.
    pub session: String,
    /// The conversation it is looking at: absent if it never said, empty if it looks at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewing: Option<String>,
}

impl Presence {
    /// Of a new account, not connected.
    pub(crate) fn new(user: &UserRecord) -> Self {
        Self {
            id: user.id.clone(),
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            avatar_url: user.profile_picture.clone().or_else(|| user.avatar_url.clone()),
            language: user.language.clone(),
            country: user.country.clone(),
            connections: BTreeMap::new(),
            seen_at: None,
            availability: None,
            told: None,
            told_at: None,
            push_at: None,
            notifications_off: !user.settings.notifications_enabled,
            sound_off: !user.settings.sound_enabled,
        }
    }

    /// Live connections, the longest open first.
    pub fn oldest_first(&self) -> Vec<Live> {
        let mut all: Vec<_> = self.connections.iter().filter_map(live).collect();
        all.sort_by(|one, other| (one.since, one.id.as_str()).cmp(&(other.since, other.id.as_str())));
        all
    }

    /// Live connections that what moves in a conversation just now (typing) is for: those that look at it, and those of
    /// clients that never say what they look at.
    pub fn watching(&self, conversation: &ConversationId) -> Vec<Live> {
        let name = conversation.to_string();
        let theirs =
            self.connections.iter().filter(|(_, live)| live.viewing.as_ref().is_none_or(|viewing| *viewing == name));
        theirs.filter_map(live).collect()
    }

    /// Whether this person sees what comes into a conversation now: is there, and not away, and a live connection has
    /// joined it. Who never said what they look at is told twice rather than not at all.
    pub fn looks_at(&self, conversation: &ConversationId, now: Timestamp) -> bool {
        let name = conversation.to_string();
        let looking = self.connections.iter().filter(|(_, live)| live.viewing.as_ref() == Some(&name));
        self.availability(now) == Availability::Online
            && looking.filter_map(live).any(|connection| !connection.has_ended(now))
    }

    /// Whether this person is there, for others to see: nobody is without a connection over which something may be told.
    /// One that has outlived its token, or API Gateway's limit, is none, whoever has forgotten to say goodbye (ADR 24).
    pub fn availability(&self, now: Timestamp) -> Availability {
        let said = self.availability.as_deref().and_then(|text| Availability::parse(text).ok());
        if self.is_connected(now) { said.unwrap_or(Availability::Online) } else { Availability::Offline }
    }

    /// Whether there is a connection over which something may be told.
    pub fn is_connected(&self, now: Timestamp) -> bool {
        self.connections.iter().filter_map(live).any(|connection| !connection.has_ended(now))
    }

    /// Whether others know how much this person is there.
    pub fn is_told(&self, now: Timestamp) -> bool {
        // Who was never told of is taken for absent.
        self.told.as_deref().unwrap_or(Availability::Offline.as_str()) == self.availability(now).as_str()
    }

    /// Live connections that these sessions opened.
    pub fn opened_by(&self, sessions: &[SessionId]) -> Vec<Live> {
        let names: Vec<_> = sessions.iter().map(ToString::to_string).collect();
        let theirs = self.connections.iter().filter(|(_, connection)| names.contains(&connection.session));
        theirs.filter_map(live).collect()
    }
}

fn live((id, connection): (&String, &Connection)) -> Option<Live> {
    let until = connection.until.map(Timestamp::from_millis);
    Some(Live::new(ConnectionId::parse(id).ok()?, Timestamp::from_millis(connection.since), until))
}

/// The presence of these people, a hundred a call, all calls at once. Who does not exist is not in the answer.
pub async fn of(
    table: &Table,
    people: impl IntoIterator<Item = &UserId>,
    consistency: Consistency,
) -> Result<HashMap<UserId, Presence>, StoreError> {
    let wanted: HashMap<_, _> = people.into_iter().map(|user| (keys::presence(user), user.clone())).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let items = table.get_items(wanted.keys().cloned().collect(), consistency).await?;
    let known = items.into_iter().filter_map(|(key, item)| wanted.get(&key).map(|user| (user.clone(), item)));
    known.map(|(user, item)| Ok((user, decode(item)?))).collect()
}

/// Notes a new connection and returns the person's presence with it; nothing if there is no such person (any more).
/// 1 write unit.
pub async fn connect(
    table: &Table,
    (user, session): (&UserId, &SessionId),
    connection: &Live,
) -> Result<Option<Presence>, StoreError> {
    let opened: Item = [
        ("since", number(connection.since.millis())),
        ("until", number(connection.until.millis())),
        ("session", text(session.to_string())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET #connections.#id = :connection, seenAt = :since REMOVE availability, lostAt")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_names("#connections", "connections")
            .expression_attribute_names("#id", connection.id.as_str())
            .expression_attribute_values(":connection", AttributeValue::M(opened.clone()))
            .expression_attribute_values(":since", number(connection.since.millis()))
    });
    update.await?.map(decode).transpose()
}

/// Forgets a connection of a person, unless the id has been given to another one meanwhile (security C12); the presence
/// without it, nothing if there is no such person (any more). Harmless when it is forgotten already. 1 write unit.
pub async fn disconnect(
    table: &Table,
    user: &UserId,
    connection: &Live,
    now: Timestamp,
) -> Result<Option<Presence>, StoreError> {
    let answer = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::presence(user))))
        .update_expression("SET seenAt = :now REMOVE #connections.#id")
        // What was noted without its token's end was noted by another clock as well.
        .condition_expression(
            "attribute_exists(#connections.#id) AND \
             (#connections.#id.since = :since OR attribute_not_exists(#connections.#id.#until))",
        )
        .expression_attribute_names("#connections", "connections")
        .expression_attribute_names("#id", connection.id.as_str())
        .expression_attribute_names("#until", "until")
        .expression_attribute_values(":since", number(connection.since.millis()))
        .expression_attribute_values(":now", number(now.millis()))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    let item = match answer {
        Ok(answer) => answer.attributes,
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => refused.item().cloned(),
            _ => return Err(StoreError::unavailable("UpdateItem")(error)),
        },
    };
    item.map(decode).transpose()
}

/// Forgets a connection that ended without a goodbye, as [`disconnect`] does. If it was the last, and others take that
/// person for being there, it notes so in the item: the table's stream tells of it, and whoever follows it tells them
/// (ADR 24). 1 write unit, 2 then.
pub async fn lose(table: &Table, user: &UserId, connection: &Live, now: Timestamp) -> Result<(), StoreError> {
    let left = disconnect(table, user, connection, now).await?;
    if left.is_none_or(|left| !left.connections.is_empty() || left.is_told(now)) {
        return Ok(());
    }
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET lostAt = :now")
            .condition_expression("size(#connections) = :none AND told <> :told")
            .expression_attribute_names("#connections", "connections")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":told", text(Availability::Offline.as_str()))
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await.map(drop)
}

/// Takes it upon the caller to tell others that somebody has come (is online) or gone, if that is so and nobody has done it
/// already. 1 write unit.
pub async fn take_telling(table: &Table, user: &UserId, is_there: bool, now: Timestamp) -> Result<bool, StoreError> {
    let (told, condition) = if is_there {
        (Availability::Online, "size(#connections) > :none AND (attribute_not_exists(told) OR told <> :told)")
    } else {
        (Availability::Offline, "size(#connections) = :none AND told <> :told")
    };
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET told = :told, toldAt = :now REMOVE lostAt")
            .condition_expression(condition)
            .expression_attribute_names("#connections", "connections")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":told", text(told.as_str()))
            .expression_attribute_values(":now", number(now.millis()))
    });
    Ok(update.await?.is_some())
}

/// Takes it upon the caller to wait until a time before others are told, unless somebody waits already. 1 write unit.
pub async fn take_waiting(table: &Table, user: &UserId, until: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET waitingUntil = :until")
            .condition_expression(
                "attribute_exists(PK) AND (attribute_not_exists(waitingUntil) OR waitingUntil <= :now)",
            )
            .expression_attribute_values(":until", number(until.millis()))
            .expression_attribute_values(":now", number(now.millis()))
    });
    Ok(update.await?.is_some())
}

/// Notes which conversation a connection is looking at. Harmless when the connection is forgotten already. 1 write unit.
pub async fn look_at(
    table: &Table,
    user: &UserId,
    connection: &ConnectionId,
    conversation: &ConversationId,
) -> Result<(), StoreError> {
    let viewing = text(conversation.to_string());
    view(table, user, connection, viewing, "attribute_exists(#connections.#id)", None).await
}

/// Notes that a connection looks at this conversation no more, if it did; another one stays. 1 write unit.
pub async fn look_away(
    table: &Table,
    user: &UserId,
    connection: &ConnectionId,
    conversation: &ConversationId,
) -> Result<(), StoreError> {
    let before = text(conversation.to_string());
    view(table, user, connection, text(""), "#connections.#id.viewing = :before", Some(before)).await
}

/// Changes what a connection looks at, under a condition on it or on what it looked at `before`.
async fn view(
    table: &Table,
    user: &UserId,
    connection: &ConnectionId,
    viewing: AttributeValue,
    condition: &str,
    before: Option<AttributeValue>,
) -> Result<(), StoreError> {
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        let update = match &before {
            Some(before) => update.expression_attribute_values(":before", before.clone()),
            None => update,
        };
        update
            .update_expression("SET #connections.#id.viewing = :viewing")
            .condition_expression(condition)
            .expression_attribute_names("#connections", "connections")
            .expression_attribute_names("#id", connection.as_str())
            .expression_attribute_values(":viewing", viewing.clone())
    });
    update.await.map(drop)
}

/// Notes what a person says of being there; the presence as it is then, nothing if there is no such person (any more).
/// 1 write unit.
pub async fn set_availability(
    table: &Table,
    user: &UserId,
    availability: Availability,
    now: Timestamp,
) -> Result<Option<Presence>, StoreError> {
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET availability = :availability, seenAt = :now, told = :availability, toldAt = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":availability", text(availability.as_str()))
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await?.map(decode).transpose()
}

/// Notes that somebody is about to have a device that notifications go to. 1 write unit.
pub(crate) async fn may_be_pushed_to(table: &Table, user: &UserId, now: Timestamp) -> Result<(), StoreError> {
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET pushAt = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await.map(drop)
}

/// Notes that somebody has no device any more, unless one was registered since it was looked. 1 write unit.
pub async fn cannot_be_pushed_to(table: &Table, user: &UserId, push_at: i64) -> Result<(), StoreError> {
    let key = keys::presence(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("REMOVE pushAt")
            .condition_expression("pushAt = :seen")
            .expression_attribute_values(":seen", number(push_at))
    });
    update.await.map(drop)
}

/// Takes away what others see of a person whose account is gone. 1 write unit for each KB.
pub async fn remove(table: &Table, user: &UserId) -> Result<(), StoreError> {
    table.remove(&keys::presence(user)).await
}
