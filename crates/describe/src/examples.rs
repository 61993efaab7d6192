//! Two people and what they say, for every worked example.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use wire::conversation::ConversationView;
use wire::message::{MessageView, ReplyView};
use wire::sync::{MarkersView, SyncBody};
use wire::user::{OwnProfile, Participant, SettingsView};
use wire::{Code, ErrorBody};

pub(crate) const ANA: &str = "user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10";
pub(crate) const LUIS: &str = "user_b7a1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
pub(crate) const CONVERSATION: &str = "conv_0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a";
pub(crate) const FIRST_MESSAGE: &str = "msg_00000000-0001-8f3a-9c2d-4b5e6f708192";
pub(crate) const SECOND_MESSAGE: &str = "msg_00000000-0002-8a1b-8c3d-5e6f708192a3";
const ANA_JOINED: &str = "2026-03-14T08:00:00.000Z";
const STARTED: &str = "2026-03-14T09:26:00.000Z";
pub(crate) const SENT: &str = "2026-03-14T09:26:53.589Z";
pub(crate) const ANSWERED: &str = "2026-03-14T09:27:10.120Z";
/// Not a token: a JSON Web Token has three parts like this.
pub(crate) const ACCESS_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyXzVmMGMifQ.c2lnbmF0dXJl";

/// Nor is this: a person, a session, and where the secret would be.
pub(crate) fn refresh_token() -> String {
    format!("{ANA}.sess_3c4d5e6f-7081-4293-a4b5-c6d7e8f90a1b.c2VjcmV0")
}

/// A value of the API's own types as JSON.
pub(crate) fn json(value: &impl Serialize) -> Value {
    json!(value)
}

pub(crate) fn ana_to_herself() -> OwnProfile {
    OwnProfile {
        id: ANA.into(),
        email: "ana@example.com".into(),
        username: "ana".into(),
        display_name: "Ana Smith".into(),
        name: "Ana Smith".into(),
        preferred_language: "en".into(),
        preferred_country: "US".into(),
        avatar_url: None,
        profile_picture: None,
        bio: Some("Runs, reads, sleeps.".into()),
        settings: SettingsView { notifications_enabled: true, sound_enabled: true, theme: "system".into() },
        created_at: ANA_JOINED.into(),
    }
}

fn person(id: &str, username: &str, name: &str, language: &str) -> Participant {
    Participant {
        id: id.into(),
        user_id: id.into(),
        username: username.into(),
        display_name: name.into(),
        name: name.into(),
        avatar_url: None,
        preferred_language: language.into(),
        role: None,
        joined_at: None,
        presence: None,
        is_online: None,
        last_seen: None,
    }
}

fn ana() -> Participant {
    person(ANA, "ana", "Ana Smith", "en")
}

fn luis() -> Participant {
    person(LUIS, "luis", "Luis García", "es")
}

/// Ana's first message, as Luis gets it: in Spanish, if the translation is there.
pub(crate) fn hello(translated: bool) -> MessageView {
    let original = "Hello, how are you?";
    MessageView {
        id: FIRST_MESSAGE.into(),
        conversation_id: CONVERSATION.into(),
        seq: 1,
        sender_id: ANA.into(),
        sender: ana(),
        sender_name: "Ana Smith".into(),
        r#type: "text".into(),
        original_content: original.into(),
        content: original.into(),
        original_language: "en".into(),
        translated_content: if translated { "Hola, ¿cómo estás?" } else { original }.into(),
        target_language: "es".into(),
        status: "sent".into(),
        mentions: Vec::new(),
        reactions: BTreeMap::new(),
        read_by: Vec::new(),
        attachment: None,
        attachments: Vec::new(),
        reply_to: None,
        edited: false,
        edited_at: None,
        deleted: false,
        deleted_at: None,
        timestamp: SENT.into(),
        created_at: SENT.into(),
    }
}

/// The same message with other words, as Luis gets it.
pub(crate) fn edited() -> MessageView {
    let original = "Hello, how are you all?";
    MessageView {
        original_content: original.into(),
        content: original.into(),
        translated_content: "Hola, ¿cómo estáis?".into(),
        edited: true,
        edited_at: Some(ANSWERED.into()),
        ..hello(true)
    }
}

/// The same message as its sender sees it.
pub(crate) fn hello_to_ana() -> MessageView {
    MessageView { target_language: "en".into(), ..hello(false) }
}

/// Luis' answer, as Ana sees it.
pub(crate) fn answer() -> MessageView {
    MessageView {
        id: SECOND_MESSAGE.into(),
        seq: 2,
        sender_id: LUIS.into(),
        sender: luis(),
        sender_name: "Luis García".into(),
        original_content: "Muy bien, gracias.".into(),
        content: "Muy bien, gracias.".into(),
        original_language: "es".into(),
        translated_content: "Very well, thank you.".into(),
        target_language: "en".into(),
        reply_to: Some(ReplyView {
            message_id: FIRST_MESSAGE.into(),
            content: "Hello, how are you?".into(),
            sender_id: ANA.into(),
            sender_name: "Ana Smith".into(),
            r#type: "text".into(),
        }),
        timestamp: ANSWERED.into(),
        created_at: ANSWERED.into(),
        ..hello(false)
    }
}

/// Their conversation as Ana sees it, before anybody wrote.
pub(crate) fn started() -> ConversationView {
    ConversationView {
        id: CONVERSATION.into(),
        r#type: "direct".into(),
        name: None,
        description: None,
        avatar_url: None,
        participants: vec![ana(), luis()],
        participant_count: 2,
        last_message: None,
        unread_count: 0,
        muted: false,
        muted_until: None,
        pinned: false,
        archived: false,
        is_private: true,
        has_password: false,
        max_members: 2,
        source_language: None,
        target_language: None,
        token_spending_mode: "self".into(),
        created_at: STARTED.into(),
        updated_at: STARTED.into(),
    }
}

/// Their conversation as Ana sees it, with an answer that she has not read.
pub(crate) fn answered() -> ConversationView {
    let last = MessageView { reply_to: None, ..answer() };
    ConversationView { last_message: Some(last), unread_count: 1, updated_at: ANSWERED.into(), ..started() }
}

/// What changed for Ana while she was away.
pub(crate) fn changed() -> SyncBody {
    SyncBody {
        conversations: vec![answered()],
        messages: vec![answer()],
        receipts: vec![MarkersView {
            conversation_id: CONVERSATION.into(),
            user_id: LUIS.into(),
            delivered_seq: 2,
            read_seq: 2,
        }],
        cursor: "MTc3MzQ4MDQzMDEyMA".into(),
        ..SyncBody::default()
    }
}

/// Luis as a member of a group.
pub(crate) fn member() -> Participant {
    Participant {
        role: Some("member".into()),
        joined_at: Some(STARTED.into()),
        presence: Some("online".into()),
        is_online: Some(true),
        last_seen: Some(ANSWERED.into()),
        ..luis()
    }
}

/// A group as Ana sees it.
pub(crate) fn group() -> ConversationView {
    ConversationView {
        r#type: "group".into(),
        name: Some("Project team".into()),
        description: Some("Everything about the move".into()),
        is_private: true,
        has_password: true,
        max_members: 50,
        ..started()
    }
}

/// Bad fields with what is wrong with them.
pub(crate) fn invalid(fields: &[(&str, &str)]) -> ErrorBody {
    let details = fields.iter().map(|(field, sentence)| ((*field).to_owned(), vec![(*sentence).to_owned()]));
    ErrorBody { details: details.collect(), ..error(Code::ValidationError, "the request is not valid") }
}

pub(crate) fn unauthorized() -> ErrorBody {
    error(Code::Unauthorized, "a valid access token is required")
}

pub(crate) fn not_found(what: &str) -> ErrorBody {
    error(Code::NotFound, &format!("{what} not found"))
}

pub(crate) fn too_large() -> ErrorBody {
    error(Code::PayloadTooLarge, "the request body is too large")
}

pub(crate) fn limited() -> ErrorBody {
    error(Code::RateLimited, "too many requests: try again later")
}

pub(crate) fn defect() -> ErrorBody {
    error(Code::InternalError, "something went wrong (request JKJaXmPLvHcESHA=)")
}

pub(crate) fn error(code: Code, message: &str) -> ErrorBody {
    ErrorBody { message: message.to_owned(), code, details: BTreeMap::new() }
}
