//! Items as an export shows them: without what is secret, and without what is others'.

use domain::attachment::{AttachmentKey, FileName, FileState};
use domain::{ConversationId, Timestamp, UserId};
use store::attachments::AttachmentRecord;
use store::blocks::BlockRecord;
use store::conversations::ConversationRecord;
use store::devices::DeviceRecord;
use store::friends::FriendRecord;
use store::members::MemberRecord;
use store::messages::{AttachedRecord, MessageRecord};
use store::notes::NoteRecord;
use store::places::LeftRecord;
use store::presence::Presence;
use store::users::Identity;
use wire::export::{
    ExportedConnection, ExportedConversation, ExportedDevice, ExportedFile, ExportedIdentity, ExportedMessage,
    ExportedNotification, ExportedPlace, ExportedTie,
};

use crate::error::{Error, Result};
use crate::files::Files;

pub(super) fn time(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string()
}

pub(super) fn identity(identity: Identity) -> ExportedIdentity {
    ExportedIdentity { issuer: identity.issuer, subject: identity.subject }
}

pub(super) fn connections(face: &Presence) -> Vec<ExportedConnection> {
    let shown = face.connections.values().map(|connection| ExportedConnection {
        session_id: connection.session.clone(),
        opened_at: time(connection.since),
        viewing: connection.viewing.clone().filter(|room| !room.is_empty()),
    });
    shown.collect()
}

pub(super) fn device(record: DeviceRecord) -> ExportedDevice {
    ExportedDevice { platform: record.platform, session_id: record.session, registered_at: time(record.registered_at) }
}

pub(super) fn friend(record: FriendRecord) -> ExportedTie {
    ExportedTie { user_id: record.user, tie: record.tie, since: time(record.since) }
}

/// A block of the caller's. That others have blocked the caller is theirs.
pub(super) fn block(record: BlockRecord) -> Option<ExportedTie> {
    let since = time(record.blocked_at?);
    Some(ExportedTie { user_id: record.user, tie: "blocked".to_owned(), since })
}

pub(super) fn place(conversation: &ConversationId, message: &str) -> ExportedPlace {
    ExportedPlace { conversation_id: conversation.to_string(), message_id: message.to_owned() }
}

pub(super) fn notification(record: NoteRecord) -> ExportedNotification {
    ExportedNotification {
        id: record.id,
        r#type: record.kind,
        actor_id: record.actor,
        conversation_id: record.conversation,
        message_id: record.message,
        emoji: record.emoji,
        created_at: time(record.created_at),
        read_at: record.read_at.map(time),
    }
}

/// Where the caller is no more: what is in it is not the caller's to see.
pub(super) fn left(record: LeftRecord) -> ExportedConversation {
    ExportedConversation {
        id: record.conversation,
        left_at: Some(time(record.left_at)),
        ..ExportedConversation::default()
    }
}

pub(super) fn conversation(record: &ConversationRecord, place: &MemberRecord, user: &UserId) -> ExportedConversation {
    ExportedConversation {
        id: record.id.clone(),
        r#type: Some(record.kind.clone()),
        name: record.name.clone(),
        created: record.creator == user.to_string(),
        role: Some(place.role.clone()),
        joined_at: Some(time(place.joined_at)),
        left_at: None,
        last_read_seq: Some(place.last_read_seq),
        last_delivered_seq: Some(place.last_delivered_seq),
        deleted_up_to_seq: place.hidden_up_to_seq,
        muted_until: place.muted_until.map(time),
        pinned: place.pinned,
        archived: place.archived,
        updated_at: place.updated_at.map(time),
    }
}

/// A message of the caller's, but for its file.
pub(super) fn message(room: &ConversationId, record: &MessageRecord) -> ExportedMessage {
    ExportedMessage {
        id: record.id.clone(),
        conversation_id: room.to_string(),
        r#type: record.kind.clone(),
        content: record.content.clone(),
        language: record.language.clone(),
        answers: record.reply_to.as_ref().map(|answered| answered.id.clone()),
        attachment: None,
        created_at: time(record.created_at),
        edited_at: record.edited_at.map(time),
        deleted_at: record.deleted_at.map(time),
    }
}

/// A file that was sent: where it is, unless nobody may have it (security F7, F8).
pub(super) async fn file(files: &Files, record: &AttachedRecord) -> Result<ExportedFile> {
    let download_url = match record.state() {
        FileState::Ready => {
            let internal = |problem: domain::Problem| Error::internal(problem.0);
            let media = AttachmentKey::parse(&record.key).map_err(internal)?.media;
            let name = FileName::parse(&record.file_name).map_err(internal)?;
            Some(files.download_url(&record.key, media, &name.disposition(media)).await?)
        }
        FileState::Pending | FileState::Refused => None,
    };
    Ok(ExportedFile {
        id: record.id.clone(),
        key: record.key.clone(),
        file_name: record.file_name.clone(),
        content_type: record.content_type.clone(),
        file_size: record.file_size,
        download_url,
    })
}

pub(super) fn upload(record: &AttachmentRecord) -> ExportedFile {
    ExportedFile {
        id: record.id.clone(),
        key: record.key.clone(),
        file_name: record.file_name.clone(),
        content_type: record.content_type.clone(),
        file_size: record.file_size,
        download_url: None,
    }
}
