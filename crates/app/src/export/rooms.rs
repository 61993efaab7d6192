//! What somebody left in conversations.

use std::collections::BTreeSet;

use domain::{ConversationId, UserId};
use serde::Serialize;
use store::attachments::AttachmentRecord;
use store::belongings::{self, Trace};
use store::messages::MessageRecord;
use store::{Table, conversations};
use wire::export::{ExportBody, ExportedMessage, ExportedReaction, ExportedUpload};

use super::cursor::Place;
use super::shown;
use crate::error::{Error, Result};
use crate::files::Files;

/// Bytes of an answer after which it ends: Lambda's answers have 6 MB at most, and no message is as long as the rest.
const BYTES: usize = 2_000_000;
/// Read units after which a part ends: two megabytes of conversations, and at most one page of 1 MB more.
const UNITS: f64 = 256.0;
/// Read units that looking at a conversation costs at least: so a part looks at 128 of them at most.
const UNITS_PER_ROOM: f64 = 2.0;

/// From a place on, conversation after conversation, as far as one part goes.
pub(super) async fn part(
    table: &Table,
    files: &Files,
    user: &UserId,
    all: BTreeSet<ConversationId>,
    (start, mut after): (ConversationId, Option<String>),
) -> Result<ExportBody> {
    let mut part = Part { files, user, body: ExportBody::default(), bytes: 0 };
    let mut units = 0.0;
    let mut rooms = all.range(start..).peekable();
    for room in rooms.by_ref() {
        units += UNITS_PER_ROOM;
        if after.is_none()
            && let Some((record, place)) = conversations::with_member(table, room, user).await?
        {
            let shown = shown::conversation(&record, &place, user);
            part.bytes += length(&shown)?;
            part.body.conversations.push(shown);
        }
        loop {
            let traces = belongings::in_conversation(table, room, user, after.as_deref()).await?;
            units += traces.units;
            for (key, trace) in traces.found {
                part.add(room, trace).await?;
                if part.bytes >= BYTES {
                    return Ok(part.until(Some(Place::Room(room.clone(), Some(key)))));
                }
            }
            after = traces.next;
            match &after {
                Some(key) if units >= UNITS => {
                    return Ok(part.until(Some(Place::Room(room.clone(), Some(key.clone())))));
                }
                Some(_) => {}
                None => break,
            }
        }
        if units >= UNITS {
            break;
        }
    }
    let next = rooms.peek().map(|next| Place::Room((*next).clone(), None));
    Ok(part.until(next))
}

/// A part that is being put together.
struct Part<'a> {
    files: &'a Files,
    user: &'a UserId,
    body: ExportBody,
    bytes: usize,
}

impl Part<'_> {
    async fn add(&mut self, room: &ConversationId, trace: Trace) -> Result<()> {
        let id = self.user.to_string();
        match trace {
            Trace::Upload(record) if record.uploader == id && record.sent_as.is_none() => self.upload(room, &record),
            // What was sent is told with its message.
            Trace::Upload(_) => Ok(()),
            Trace::Message(message) => self.message(room, &message, &id).await,
        }
    }

    fn upload(&mut self, room: &ConversationId, record: &AttachmentRecord) -> Result<()> {
        let shown = ExportedUpload {
            conversation_id: room.to_string(),
            file: shown::upload(record),
            created_at: shown::time(record.created_at),
        };
        self.bytes += length(&shown)?;
        self.body.uploads.push(shown);
        Ok(())
    }

    /// Of a message of somebody else's nothing but which it is.
    async fn message(&mut self, room: &ConversationId, message: &MessageRecord, id: &str) -> Result<()> {
        if message.sender == id {
            let attachment = match &message.attachment {
                Some(attached) => Some(shown::file(self.files, attached).await?),
                None => None,
            };
            let shown = ExportedMessage { attachment, ..shown::message(room, message) };
            self.bytes += length(&shown)?;
            self.body.messages.push(shown);
        } else if message.mentions.contains(id) {
            let shown = shown::place(room, &message.id);
            self.bytes += length(&shown)?;
            self.body.mentions.push(shown);
        }
        for (emoji, _) in message.reactions.iter().filter(|(_, people)| people.contains(id)) {
            let shown = ExportedReaction {
                conversation_id: room.to_string(),
                message_id: message.id.clone(),
                emoji: emoji.clone(),
            };
            self.bytes += length(&shown)?;
            self.body.reactions.push(shown);
        }
        Ok(())
    }

    fn until(self, next: Option<Place>) -> ExportBody {
        ExportBody { next_cursor: next.map(|place| place.to_string()), ..self.body }
    }
}

/// Bytes that something takes in an answer.
fn length(shown: &impl Serialize) -> Result<usize> {
    Ok(serde_json::to_vec(shown).map_err(Error::internal)?.len())
}
