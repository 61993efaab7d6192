//! What is pushed: docs/push.md.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::conversation::Kind;
use domain::message::excerpt;
use sha2::{Digest, Sha256};
use store::messages::MessageRecord;
use store::presence::Presence;
use wire::push::PushedMessage;

use super::Told;
use super::goals::Goal;
use crate::views;

/// How long a push service keeps it for a device that is off: after a day nobody wants to hear of it.
pub(super) const GOOD_FOR: Duration = Duration::from_hours(24);

/// What one device is told.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) content: PushedMessage,
    /// Whether it makes a sound.
    pub(super) sound: bool,
    /// Whether it concerns its reader in person: then a sleeping device is woken at once.
    pub(super) urgent: bool,
}

impl Notice {
    pub(super) fn of(told: &Told<'_>, sender: Option<&Presence>, goal: &Goal) -> Self {
        let Told { conversation, message, translations, .. } = told;
        let translated = translations.get(&goal.language);
        let language = if translated.is_some() { goal.language.as_str() } else { message.language.as_str() };
        let words = said(message, translated.map_or(&message.content, |text| text));
        let sender = views::participant(&message.sender, sender);
        let direct = conversation.kind == Kind::Direct.as_str();
        let (title, body) = match conversation.name.as_ref().filter(|_| !direct) {
            Some(name) => (name.clone(), format!("{}: {words}", sender.display_name)),
            None => (sender.display_name.clone(), words),
        };
        let content = PushedMessage {
            r#type: "message".to_owned(),
            title,
            body,
            language: language.to_owned(),
            conversation_id: conversation.id.clone(),
            conversation_type: conversation.kind.clone(),
            message_id: message.id.clone(),
            message_type: message.kind.clone(),
            seq: told.id.sequence(),
            sender_id: message.sender.clone(),
            sender_name: sender.display_name,
            mentioned: goal.mentioned,
            timestamp: message.created().to_string(),
        };
        Self { content, sound: goal.sound, urgent: goal.mentioned || direct }
    }

    /// One name for everything of a conversation, which says nothing of it: at most 32 characters of base64url
    /// (RFC 8030, section 5.4). Of what waits for a device that is off, the latest is kept.
    pub(super) fn topic(&self) -> String {
        URL_SAFE_NO_PAD.encode(&Sha256::digest(&self.content.conversation_id)[..24])
    }
}

/// The beginning of the words, or the file's name where there are none.
fn said(message: &MessageRecord, words: &str) -> String {
    match &message.attachment {
        Some(file) if words.trim().is_empty() => format!("📎 {}", excerpt(&file.file_name)),
        _ => excerpt(words),
    }
}
