//! What goes over the socket.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conversation::ConversationView;
use crate::error::{Code, ErrorBody};
use crate::friend::{FriendRequestView, FriendView};
use crate::group::ConversationFacts;
use crate::message::MessageView;
use crate::notification::NotificationView;
use crate::schema;
use crate::sync::SyncBody;
use crate::user::Participant;

/// A client's frame: `{ "action": …, "data": … }`, or the older clients' `{ "type": …, "payload": … }`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientFrame {
    /// What to do.
    #[serde(alias = "type")]
    pub action: String,
    /// With what.
    #[serde(alias = "payload", default)]
    pub data: serde_json::Value,
}

/// What the server sends on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action")]
pub enum Event {
    /// A new message, to every connection of every participant, the sender's own too. To the sender it is the
    /// acknowledgement and carries the client's `tempId`.
    #[serde(rename = "message:receive", rename_all = "camelCase")]
    MessageReceive {
        /// The message as this reader sees it.
        message: Box<MessageView>,
        /// The client's name for it, on the sender's connections.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        temp_id: Option<String>,
    },
    /// A translation that arrived after its message.
    #[serde(rename = "message:updated", rename_all = "camelCase")]
    MessageUpdated {
        /// The message as this reader now sees it.
        message: Box<MessageView>,
    },
    /// The words of a message were changed.
    #[serde(rename = "message:edited", rename_all = "camelCase")]
    MessageEdited {
        /// The message as this reader now sees it.
        message: Box<MessageView>,
    },
    /// A message was deleted for everybody.
    #[serde(rename = "message:deleted", rename_all = "camelCase")]
    MessageDeleted {
        /// Where it was sent.
        #[schemars(with = "schema::ConversationId")]
        conversation_id: String,
        /// Which.
        #[schemars(with = "schema::MessageId")]
        message_id: String,
        /// By whom.
        #[schemars(with = "schema::UserId")]
        deleted_by: String,
        /// When.
        #[schemars(with = "schema::Instant")]
        deleted_at: String,
    },
    /// Somebody reacted to a message, or took it back.
    #[serde(rename = "message:reaction", rename_all = "camelCase")]
    MessageReaction {
        /// Where it was sent.
        #[schemars(with = "schema::ConversationId")]
        conversation_id: String,
        /// Which.
        #[schemars(with = "schema::MessageId")]
        message_id: String,
        /// When it was sent.
        #[schemars(with = "schema::Instant")]
        message_timestamp: String,
        /// All reactions as they are now: emoji to the people who reacted with it.
        #[schemars(with = "BTreeMap<String, Vec<schema::UserId>>")]
        reactions: BTreeMap<String, Vec<String>>,
        /// Whose reaction it is.
        #[schemars(with = "schema::UserId")]
        user_id: String,
        /// Which one.
        emoji: String,
    },
    /// Somebody has read a message of the receiver's, and all before it.
    #[serde(rename = "message:read", rename_all = "camelCase")]
    MessageRead {
        /// Where it was sent.
        #[schemars(with = "schema::ConversationId")]
        conversation_id: String,
        /// Which.
        #[schemars(with = "schema::MessageId")]
        message_id: String,
        /// When it was sent.
        #[schemars(with = "schema::Instant")]
        message_timestamp: String,
        /// Who has read it.
        #[schemars(with = "schema::UserId")]
        read_by: String,
        /// The same, under the older clients' name.
        #[schemars(with = "schema::UserId")]
        user_id: String,
        /// When.
        #[schemars(with = "schema::Instant")]
        read_at: String,
    },
    /// A message of the receiver's, and all before it, is on a device of somebody.
    #[serde(rename = "message:delivered", rename_all = "camelCase")]
    MessageDelivered {
        /// Where it was sent.
        #[schemars(with = "schema::ConversationId")]
        conversation_id: String,
        /// Which.
        #[schemars(with = "schema::MessageId")]
        message_id: String,
        /// When it was sent.
        #[schemars(with = "schema::Instant")]
        message_timestamp: String,
        /// Whose device.
        #[schemars(with = "schema::UserId")]
        delivered_to: String,
        /// When.
        #[schemars(with = "schema::Instant")]
        delivered_at: String,
    },
    /// Somebody begins or stops typing.
    #[serde(rename = "message:typing", rename_all = "camelCase")]
    MessageTyping {
        /// Where.
        #[schemars(with = "schema::ConversationId")]
        conversation_id: String,
        /// Who.
        #[schemars(with = "schema::UserId")]
        user_id: String,
        /// That person's display name, as older clients read it.
        user_name: String,
        /// Whether they began.
        is_typing: bool,
    },
    /// The reader is in a new conversation.
    #[serde(rename = "conversation:new", rename_all = "camelCase")]
    ConversationNew {
        /// The conversation as this member sees it.
        conversation: Box<ConversationView>,
    },
    /// What is the same of a group for everybody has changed, or somebody's role in it.
    #[serde(rename = "conversation:updated", rename_all = "camelCase")]
    ConversationUpdated {
        /// Which.
        conversation_id: String,
        /// Who changed it.
        updated_by: String,
        /// What it is now.
        conversation: ConversationFacts,
        /// Whose role changed, with the new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Participant")]
        participant: Option<Box<Participant>>,
    },
    /// A conversation has ended for everybody.
    #[serde(rename = "conversation:deleted", rename_all = "camelCase")]
    ConversationDeleted {
        /// Which.
        conversation_id: String,
        /// Who ended it.
        deleted_by: String,
        /// When.
        deleted_at: String,
    },
    /// This connection is looking at a conversation now.
    #[serde(rename = "conversation:joined", rename_all = "camelCase")]
    ConversationJoined {
        /// Which.
        conversation_id: String,
    },
    /// This connection looks at a conversation no more.
    #[serde(rename = "conversation:left", rename_all = "camelCase")]
    ConversationLeft {
        /// Which.
        conversation_id: String,
    },
    /// Somebody is new in a group.
    #[serde(rename = "participant:joined", rename_all = "camelCase")]
    ParticipantJoined {
        /// Which.
        conversation_id: String,
        /// Who.
        participant: Box<Participant>,
        /// How many people there are now.
        participant_count: u32,
        /// Who brought them in.
        added_by: String,
    },
    /// Somebody is in a group no more.
    #[serde(rename = "participant:left", rename_all = "camelCase")]
    ParticipantLeft {
        /// Which.
        conversation_id: String,
        /// Who.
        user_id: String,
        /// That person's username.
        username: String,
        /// How many people there are now.
        participant_count: u32,
        /// Who removed them, unless they left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        removed_by: Option<String>,
    },
    /// Somebody came, went, or said how much they are there.
    #[serde(rename = "presence:changed", rename_all = "camelCase")]
    PresenceChanged {
        /// Who.
        user_id: String,
        /// `online`, `away` or `offline`.
        status: String,
        /// Whether that is anything but `offline`.
        is_online: bool,
        /// When they last came or went.
        last_seen: Option<String>,
    },
    /// Somebody asks the receiver for friendship.
    #[serde(rename = "friend:request", rename_all = "camelCase")]
    FriendRequest {
        /// Who, and when.
        request: Box<FriendRequestView>,
    },
    /// Somebody whom the receiver had asked is a friend now.
    #[serde(rename = "friend:accepted", rename_all = "camelCase")]
    FriendAccepted {
        /// Who.
        friend: Box<FriendView>,
    },
    /// Something happened that the receiver is notified of.
    #[serde(rename = "notification:new", rename_all = "camelCase")]
    NotificationNew {
        /// What.
        notification: Box<NotificationView>,
        /// How many are unread now, counted up to 1,000.
        unread_count: usize,
    },
    /// The answer to `ping`.
    #[serde(rename = "pong", rename_all = "camelCase")]
    Pong {
        /// When it was answered.
        timestamp: String,
    },
    /// What changed while the client was away: the answer to `sync`, to the asking connection alone.
    #[serde(rename = "sync")]
    Sync(Box<SyncBody>),
    /// What the sending connection asked for could not be done.
    #[serde(rename = "error", rename_all = "camelCase")]
    Error {
        /// The action that was asked for; empty if the frame could not be read.
        request: String,
        /// The client's name for the message it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        temp_id: Option<String>,
        /// What a client decides by.
        code: Code,
        /// A sentence for a person.
        message: String,
        /// Each bad field with its sentences.
        details: std::collections::BTreeMap<String, Vec<String>>,
    },
}

impl Event {
    /// The error body as a frame.
    pub fn error(request: impl Into<String>, temp_id: Option<String>, body: ErrorBody) -> Self {
        let ErrorBody { message, code, details } = body;
        Self::Error { request: request.into(), temp_id, code, message, details }
    }
}
