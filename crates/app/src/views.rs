//! From what is stored to what is shown.

use std::collections::BTreeMap;

use domain::conversation::unread;
use domain::message::{Status, preview};
use domain::{ConversationId, MessageId, Timestamp};
use store::conversations::ConversationRecord;
use store::members::MemberRecord;
use store::messages::MessageRecord;
use store::presence::Presence;
use store::users::UserRecord;
use wire::conversation::ConversationView;
use wire::group::ConversationFacts;
use wire::message::{AttachmentView, MessageView, ReplyView};
use wire::user::{OwnProfile, Participant, SettingsView};

use crate::attachments;
use crate::seeing::Sight;

/// An account as its owner sees it.
pub(crate) fn own_profile(account: &UserRecord) -> OwnProfile {
    OwnProfile {
        id: account.id.clone(),
        email: account.email.clone(),
        username: account.username.clone(),
        display_name: account.display_name.clone(),
        name: account.display_name.clone(),
        preferred_language: account.language.clone(),
        preferred_country: account.country.clone(),
        avatar_url: account.profile_picture.clone().or_else(|| account.avatar_url.clone()),
        profile_picture: account.profile_picture.clone(),
        bio: account.bio.clone(),
        settings: SettingsView {
            notifications_enabled: account.settings.notifications_enabled,
            sound_enabled: account.settings.sound_enabled,
            theme: account.settings.theme.clone(),
        },
        created_at: account.created().to_string(),
    }
}

/// A person as others see them; of an account that is gone, only the id.
pub(crate) fn participant(id: &str, person: Option<&Presence>) -> Participant {
    let shown =
        |pick: fn(&Presence) -> &String, otherwise: &str| person.map_or(otherwise.to_owned(), |it| pick(it).clone());
    let display_name = shown(|person| &person.display_name, "deleted user");
    Participant {
        id: id.to_owned(),
        user_id: id.to_owned(),
        username: shown(|person| &person.username, "deleted"),
        name: display_name.clone(),
        display_name,
        avatar_url: person.and_then(|person| person.avatar_url.clone()),
        preferred_language: shown(|person| &person.language, "en"),
        role: None,
        joined_at: None,
        presence: None,
        is_online: None,
        last_seen: None,
    }
}

/// A person with what they are in a conversation, and what is seen of whether they are there.
pub(crate) fn member(place: &MemberRecord, person: Option<&Presence>, sight: Sight) -> Participant {
    Participant {
        presence: Some(sight.availability.as_str().to_owned()),
        is_online: Some(sight.is_online()),
        last_seen: sight.last_seen,
        ..newcomer(place, person)
    }
}

/// The same for everybody at once, which says nothing of whether they are there: it is not for everybody to know.
pub(crate) fn newcomer(place: &MemberRecord, person: Option<&Presence>) -> Participant {
    Participant {
        role: Some(place.role().as_str().to_owned()),
        joined_at: Some(place.joined().to_string()),
        ..participant(&place.user, person)
    }
}

/// What is the same of a conversation for everybody in it.
pub(crate) fn facts(record: &ConversationRecord) -> ConversationFacts {
    ConversationFacts {
        id: record.id.clone(),
        r#type: record.kind.clone(),
        name: record.name.clone(),
        description: record.description.clone(),
        avatar_url: record.avatar_url.clone(),
        participant_count: record.member_count,
        is_private: record.is_private,
        has_password: record.password_hash.is_some(),
        max_members: record.max_members,
    }
}

/// How one reader sees a message besides its words.
pub(crate) struct Seen<'a> {
    /// Where it was sent.
    pub conversation: &'a ConversationId,
    /// Its sender.
    pub sender: Option<&'a Presence>,
    /// The reader's language.
    pub language: &'a str,
    /// Its words in that language, if they differ.
    pub translation: Option<String>,
    /// How far the others have come.
    pub status: Status,
    /// Who of them has read it.
    pub read_by: Vec<String>,
    /// The message it answers as it is now, if it is there.
    pub answered: Option<&'a MessageRecord>,
}

/// Up to so many members a message says who has read it; in larger groups one message is asked for alone.
pub(crate) const RECEIPTS_UP_TO: usize = 100;

/// How far the others have come with a message, and who of them has read it.
pub(crate) fn receipts(members: &[MemberRecord], message: &MessageRecord) -> (Status, Vec<String>) {
    if members.len() > RECEIPTS_UP_TO || members.iter().any(MemberRecord::is_cut_off) {
        return (Status::Sent, Vec::new());
    }
    let sequence = message.id().map(MessageId::sequence).unwrap_or_default();
    let others = || members.iter().filter(|member| member.user != message.sender);
    let readers = others().filter(|member| member.progress().read >= sequence).map(|member| member.user.clone());
    (Status::of(sequence, others().map(MemberRecord::progress)), readers.collect())
}

/// Emoji to the people who reacted with it.
pub(crate) fn reactions(message: &MessageRecord) -> BTreeMap<String, Vec<String>> {
    message.reactions.iter().map(|(emoji, people)| (emoji.clone(), people.iter().cloned().collect())).collect()
}

/// Id of the message that this one answers.
pub(crate) fn answered_id(message: &MessageRecord) -> Option<MessageId> {
    MessageId::parse(&message.reply_to.as_ref()?.id).ok()
}

/// A message as one reader sees it.
pub(crate) fn message(message: &MessageRecord, seen: Seen<'_>) -> MessageView {
    let sender = participant(&message.sender, seen.sender);
    let attachment = message.attachment.as_ref().map(|attached| AttachmentView {
        id: attached.id.clone(),
        key: attached.key.clone(),
        file_name: attached.file_name.clone(),
        content_type: attached.content_type.clone(),
        file_size: attached.file_size,
        category: attachments::category(&attached.content_type).to_owned(),
        state: attached.state().as_str().to_owned(),
        uploaded_by: message.sender.clone(),
        created_at: Timestamp::from_millis(attached.created_at.unwrap_or(message.created_at)).to_string(),
    });
    MessageView {
        id: message.id.clone(),
        conversation_id: seen.conversation.to_string(),
        seq: message.id().map(MessageId::sequence).unwrap_or_default(),
        sender_id: message.sender.clone(),
        sender_name: sender.display_name.clone(),
        sender,
        r#type: message.kind.clone(),
        original_content: message.content.clone(),
        content: message.content.clone(),
        original_language: message.language.clone(),
        translated_content: seen.translation.unwrap_or_else(|| message.content.clone()),
        target_language: seen.language.to_owned(),
        status: seen.status.as_str().to_owned(),
        mentions: message.mentions.iter().cloned().collect(),
        reactions: reactions(message),
        read_by: seen.read_by,
        attachments: attachment.iter().cloned().collect(),
        attachment,
        reply_to: message.reply_to.as_ref().map(|reply| ReplyView {
            message_id: reply.id.clone(),
            content: seen.answered.map(|answered| preview(&answered.content)).unwrap_or_default(),
            sender_id: reply.sender.clone(),
            sender_name: reply.sender_name.clone(),
            r#type: reply.kind.clone(),
        }),
        edited: message.edited_at.is_some(),
        edited_at: message.edited_at.map(|at| Timestamp::from_millis(at).to_string()),
        deleted: message.deleted_at.is_some(),
        deleted_at: message.deleted_at.map(|at| Timestamp::from_millis(at).to_string()),
        timestamp: message.created().to_string(),
        created_at: message.created().to_string(),
    }
}

/// A conversation as one member sees it.
pub(crate) fn conversation(
    record: &ConversationRecord,
    place: &MemberRecord,
    participants: Vec<Participant>,
    last_message: Option<MessageView>,
    now: Timestamp,
) -> ConversationView {
    let muted_until = place.muted(now).map(|until| until.to_string());
    ConversationView {
        id: record.id.clone(),
        r#type: record.kind.clone(),
        name: record.name.clone(),
        description: record.description.clone(),
        avatar_url: record.avatar_url.clone(),
        participants,
        participant_count: record.member_count,
        last_message,
        unread_count: unread(record.seq, place.last_read_seq.max(place.hidden_up_to_seq.unwrap_or_default())),
        muted: muted_until.is_some(),
        muted_until,
        pinned: place.pinned,
        archived: place.archived,
        is_private: record.is_private,
        has_password: record.password_hash.is_some(),
        max_members: record.max_members,
        source_language: record.source_language.clone(),
        target_language: record.target_language.clone(),
        token_spending_mode: record.token_spending_mode.clone(),
        created_at: Timestamp::from_millis(record.created_at).to_string(),
        updated_at: record.updated().to_string(),
    }
}
