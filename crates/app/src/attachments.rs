//! Files of conversations: uploading, sending with a message, downloading.

use std::time::Duration;

use domain::attachment::{AttachmentKey, FileName, FileState, MediaType};
use domain::message::Draft;
use domain::{Problem, Problems, Timestamp};
use sha2::{Digest, Sha256};
use store::Table;
use store::attachments::{self, AttachmentRecord, UNSENT};
use store::messages::AttachedRecord;
use tokio::time::Instant;
use wire::attachment::{DownloadBody, Upload, UploadBody};

use crate::error::{Error, Result};
use crate::files::{DOWNLOAD_FOR, Files, UPLOAD_FOR};
use crate::fresh;
use crate::inspection::Inspector;
use crate::membership::{Gathering, Membership};

/// How long between two looks whether a file has been inspected.
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);
const BEING_INSPECTED: &str = "the file is being inspected; ask again in a moment";

/// Where a member can upload a file of this conversation to. Its key is made here; nothing of it is the client's
/// (security F2). What is not sent within a day is gone.
pub async fn upload_url(
    table: &Table,
    files: &Files,
    membership: &Membership,
    upload: &Upload,
    now: Timestamp,
) -> Result<UploadBody> {
    let key = AttachmentKey { conversation: membership.id().clone(), id: fresh::attachment(), media: upload.media };
    let record = AttachmentRecord {
        id: key.id.to_string(),
        uploader: membership.user().to_string(),
        key: key.to_string(),
        file_name: upload.file_name.as_str().to_owned(),
        content_type: upload.media.as_str().to_owned(),
        file_size: upload.file_size,
        created_at: now.millis(),
        e_tag: None,
        sent_as: None,
        state: None,
        message: None,
        expires_at: Some(now.plus(UNSENT).seconds()),
    };
    attachments::put(table, &key.conversation, &key.id, &record).await?;
    let (upload_url, headers) = files.upload_url(&key.upload(), upload.media, upload.file_size, upload.once).await?;
    Ok(UploadBody {
        upload_url,
        headers,
        attachment_id: record.id,
        key: record.key,
        category: upload.media.category().as_str().to_owned(),
        expires_in: UPLOAD_FOR.as_secs(),
    })
}

/// Where a member can download a file of this conversation from. One that is being inspected is waited for within a time;
/// what still waits for its message is its uploader's alone (security F7, F8).
pub async fn download_url(
    (table, files, inspector): (&Table, &Files, &Inspector),
    membership: &Membership,
    key: &AttachmentKey,
    patience: Duration,
    now: Timestamp,
) -> Result<DownloadBody> {
    let find = async || {
        let record = attachments::get(table, membership.id(), &key.id, now).await?;
        record.filter(|record| record.key == key.to_string()).ok_or(Error::NotFound("Attachment"))
    };
    let mut record = find().await?;
    let until = Instant::now() + patience;
    while record.state() == FileState::Pending && Instant::now() < until {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        record = find().await?;
    }
    let name = FileName::parse(&record.file_name).map_err(|problem| Error::internal(problem.0))?;
    let place = match record.state() {
        FileState::Pending => {
            // Whoever was to inspect it may have been interrupted.
            inspector.ask(membership.id(), &key.id).await;
            return Err(Error::Conflict(BEING_INSPECTED));
        }
        FileState::Refused => return Err(Error::NotFound("Attachment")),
        FileState::Ready if record.sent_as.is_some() => record.key,
        FileState::Ready if record.uploader != membership.user().to_string() => {
            return Err(Error::NotFound("Attachment"));
        }
        FileState::Ready if inspector.scans() => return Err(Error::Conflict(BEING_INSPECTED)),
        FileState::Ready => key.upload(),
    };
    Ok(DownloadBody {
        download_url: files.download_url(&place, key.media, &name.disposition(key.media)).await?,
        expires_in: DOWNLOAD_FOR.as_secs(),
    })
}

/// Takes the file that a draft names for its message: an upload of the sender's in this conversation, of the announced
/// type and length, that went with no other message (security F5). It is copied to where nobody can write, exactly as
/// it was looked at, so that what was sent never changes (security F4). A retry by the client's name for the message
/// takes the same file again.
pub(crate) async fn take(
    (table, files, inspector): (&Table, &Files, &Inspector),
    gathering: &Gathering,
    draft: &Draft,
    now: Timestamp,
) -> Result<Option<AttachedRecord>> {
    let Some(id) = &draft.attachment else { return Ok(None) };
    let refused = |problem: Problem| Error::from(Problems::one("attachment.id", problem.0));
    let unknown = || refused(Problem::new("is not an upload of yours in this conversation"));
    let sender = gathering.sender();
    let find = || attachments::get(table, gathering.id(), id, now);
    let record = find().await?.filter(|record| record.uploader == sender.to_string()).ok_or_else(unknown)?;
    let key = AttachmentKey::parse(&record.key).map_err(|problem| Error::internal(problem.0))?;
    if !key.media.category().suits(draft.kind) {
        return Err(refused(Problem::new(format!("is no file for a message of type {}", draft.kind.as_str()))));
    }
    let send = match &draft.temp_id {
        Some(name) => hex::encode(Sha256::digest(name.as_str())),
        None => hex::encode(fresh::bytes::<16>()?),
    };

    let mut was_taken = record.sent_as.is_some();
    let taken = if was_taken {
        record
    } else {
        let object = files.look(&key.upload()).await?;
        let object = object.ok_or_else(|| refused(Problem::new("was not uploaded yet")))?;
        object.check(key.media, record.file_size).map_err(refused)?;
        let state = if inspector.inspects(key.media) { FileState::Pending } else { FileState::Ready };
        let whose = (sender, send.as_str());
        if let Some(taken) = attachments::take(table, gathering.id(), id, whose, &object.e_tag, state).await? {
            taken
        } else {
            was_taken = true;
            find().await?.ok_or_else(unknown)?
        }
    };
    if taken.sent_as.as_deref() != Some(&send) {
        return Err(refused(Problem::new("was sent with another message")));
    }
    let state = taken.state();
    let place = if inspector.inspects(key.media) { key.held() } else { key.to_string() };
    let e_tag = taken.e_tag.unwrap_or_default();
    // Of one that has been inspected already nothing is held any more.
    let is_due = state == FileState::Pending || place == taken.key;
    if is_due && !files.keep(&key.upload(), &place, key.media, &e_tag).await? {
        // Another upload has come meanwhile: then it is there already, or it was too quick a change to be sent. What is
        // held nobody may look at here; if it is not there, the inspection refuses it.
        let is_there = if state == FileState::Pending { was_taken } else { files.look(&place).await?.is_some() };
        if !is_there {
            return Err(refused(Problem::new("was changed while it was sent")));
        }
    }
    Ok(Some(AttachedRecord {
        id: taken.id,
        key: taken.key,
        file_name: taken.file_name,
        content_type: taken.content_type,
        file_size: taken.file_size,
        created_at: Some(taken.created_at),
        state: Some(state.as_str().to_owned()),
    }))
}

/// Removes the file of a message that was deleted for everybody (security F9). Nobody can download it from the moment
/// its record is gone.
pub(crate) async fn remove(table: &Table, files: &Files, attached: &AttachedRecord) -> Result<()> {
    let Ok(key) = AttachmentKey::parse(&attached.key) else { return Ok(()) };
    attachments::remove(table, &key.conversation, &key.id).await?;
    files.remove(&[&key.to_string(), &key.held(), &key.upload()]).await
}

/// What an attachment of this type holds, in the word of the API.
pub(crate) fn category(content_type: &str) -> &'static str {
    MediaType::parse(content_type).map_or("document", |media| media.category().as_str())
}
