//! Inspecting files before anybody else can download them: pictures are made anew (security F8), and with a scanner for
//! malware nothing is shown before it has passed (security F7).
//!
//! What was sent is held where no address leads until then, and what can be downloaded was written from it (decision 20).

use std::time::Duration;

use domain::attachment::{AttachmentKey, Category, FileState, MediaType, PictureKey};
use domain::{AttachmentId, ConversationId, Language, MessageId, Problem, Timestamp, UserId};
use imaging::{Format, Limits};
use serde::{Deserialize, Serialize};
use store::changes::{self, Change};
use store::messages::MessageRecord;
use store::{Consistency, Table, attachments, members, messages};
use tokio::time::Instant;
use wire::frame::Event;

use crate::audience::{Audience, Shown};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::invoking::Invoker;
use crate::translation::{Source, Translator};
use crate::views;

/// Most bytes of a picture that is made anew: all of it is in memory.
const MOST: u64 = 64 * 1024 * 1024;
/// What Amazon `GuardDuty` calls an object in which it found nothing.
const CLEAN: &str = "NO_THREATS_FOUND";
/// How long between two looks whether it has been scanned.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Who looks for malware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalwareScan {
    /// Nobody.
    None,
    /// Amazon `GuardDuty`, which tags objects with what it found.
    GuardDuty,
}

/// Has files inspected by a function of one's own.
#[derive(Debug, Clone)]
pub struct Inspector {
    invoker: Option<Invoker>,
    scan: MalwareScan,
}

/// Which file to inspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// `conv_…`
    pub conversation_id: String,
    /// `att_…`
    pub attachment_id: String,
}

impl Inspector {
    /// By the function that this begins, if files are sent at all.
    pub fn new(invoker: Option<Invoker>, scan: MalwareScan) -> Self {
        Self { invoker, scan }
    }

    /// Whether files of this type are inspected.
    pub(crate) fn inspects(&self, media: MediaType) -> bool {
        self.scans() || media.category() == Category::Image
    }

    /// Whether every file is looked through for malware.
    pub(crate) fn scans(&self) -> bool {
        self.scan != MalwareScan::None
    }

    /// Asks. What is not taken is asked for again by whoever wants to download it.
    pub(crate) async fn ask(&self, conversation: &ConversationId, id: &AttachmentId) {
        if let Some(invoker) = &self.invoker {
            let asked = Asked { conversation_id: conversation.to_string(), attachment_id: id.to_string() };
            invoker.begin(&asked).await;
        }
    }
}

/// How files are inspected.
#[derive(Debug, Clone, Copy)]
pub struct Inspection {
    /// What a picture may be.
    pub limits: Limits,
    /// How long making a picture anew may take.
    pub time: Duration,
    /// Who looks for malware.
    pub scan: MalwareScan,
    /// How long one try waits for that.
    pub scan_time: Duration,
}

/// Why a picture is not shown.
pub(crate) enum Unseen {
    /// It never will be.
    Refused(Problem),
    /// Not now.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Unseen {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

enum Scanned {
    Clean,
    Bad,
    NotYet,
}

impl Inspection {
    /// Inspects what was sent, and puts what can be downloaded under its key. What became of it, and its length; harmless
    /// to interrupt and to repeat.
    async fn attachment(&self, files: &Files, key: &AttachmentKey, size: u64) -> Result<(FileState, u64)> {
        let (held, shown) = (key.held(), key.to_string());
        match self.scanned(files, &held).await? {
            Scanned::Clean => {}
            Scanned::NotYet => return Err(Error::internal("the file has not been scanned yet")),
            Scanned::Bad => {
                files.remove(&[&shown, &held]).await?;
                return Ok((FileState::Refused, size));
            }
        }
        if key.media.category() != Category::Image {
            let copied = files.copy(&held, &shown, key.media).await?;
            return Ok((if copied { FileState::Ready } else { FileState::Refused }, size));
        }
        // What is gone was inspected by somebody else just now, and settled; or nobody has it any more.
        let Some(bytes) = files.read(&held, MOST, None).await? else { return Ok((FileState::Refused, size)) };
        match self.remade(bytes, key.media).await {
            Ok(bytes) => {
                let size = bytes.len() as u64;
                files.write(&shown, key.media, bytes).await?;
                Ok((FileState::Ready, size))
            }
            Err(problem) => {
                tracing::info!(problem = problem.0.as_ref() as &str, "a picture is not shown");
                files.remove(&[&shown, &held]).await?;
                Ok((FileState::Refused, size))
            }
        }
    }

    /// Inspects an uploaded picture of a person, and puts what is shown under its key.
    pub(crate) async fn picture(
        &self,
        files: &Files,
        key: &PictureKey,
        e_tag: &str,
    ) -> std::result::Result<(), Unseen> {
        let changed = || Unseen::Refused(Problem::new("was changed while it was looked at"));
        let (mut place, mut mark) = (key.upload(), Some(e_tag));
        if self.scan != MalwareScan::None {
            // The scanner says what it found in one object, so it must be one that nobody writes to again.
            if files.look(&key.held()).await?.is_none()
                && !files.keep(&key.upload(), &key.held(), key.media, e_tag).await?
            {
                return Err(changed());
            }
            (place, mark) = (key.held(), None);
            match self.scanned(files, &place).await? {
                Scanned::Clean => {}
                Scanned::NotYet => return Err(Error::Conflict("the picture is being inspected; try again").into()),
                Scanned::Bad => {
                    files.remove(&[&place, &key.upload()]).await?;
                    return Err(Unseen::Refused(Problem::new("is dangerous")));
                }
            }
        }
        let bytes = files.read(&place, MOST, mark).await?.ok_or_else(changed)?;
        let bytes = self.remade(bytes, key.media).await.map_err(Unseen::Refused)?;
        files.write(&key.to_string(), key.media, bytes).await?;
        if place != key.upload() {
            files.remove(&[&place]).await?;
        }
        Ok(())
    }

    /// What the scanner says of an object, within a time.
    async fn scanned(&self, files: &Files, key: &str) -> Result<Scanned> {
        if self.scan == MalwareScan::None {
            return Ok(Scanned::Clean);
        }
        let until = Instant::now() + self.scan_time;
        loop {
            match files.verdict(key).await? {
                Some(verdict) if verdict == CLEAN => return Ok(Scanned::Clean),
                Some(verdict) => {
                    tracing::warn!(verdict, "a file is refused");
                    return Ok(Scanned::Bad);
                }
                None if Instant::now() >= until => return Ok(Scanned::NotYet),
                None => tokio::time::sleep(BETWEEN_LOOKS).await,
            }
        }
    }

    /// The picture anew, in a thread of its own: whoever waits can give up.
    async fn remade(&self, bytes: Vec<u8>, media: MediaType) -> std::result::Result<Vec<u8>, Problem> {
        let Some(format) = Format::of_media(media.as_str()) else {
            return Err(Problem::new("is not a type of picture"));
        };
        let limits = self.limits;
        let work = tokio::task::spawn_blocking(move || imaging::remade(&bytes, format, limits));
        match tokio::time::timeout(self.time, work).await {
            Ok(Ok(Ok(bytes))) => Ok(bytes),
            Ok(Ok(Err(refused))) => Err(Problem::new(refused.to_string())),
            // A decoder that fell over something that was made for it.
            Ok(Err(_)) => Err(Problem::new("is broken")),
            Err(_) => Err(Problem::new("takes too long to look at")),
        }
    }
}

/// Inspects a file that was sent, notes what became of it, and tells everybody who is to see it. Harmless to interrupt and
/// to repeat; of what is gone meanwhile nothing is left.
pub async fn inspect(
    (table, files, push, translator): (&Table, &Files, &Push, &Translator),
    inspection: &Inspection,
    (conversation, id): (&ConversationId, &AttachmentId),
    now: Timestamp,
) -> Result<()> {
    let find = || attachments::get(table, conversation, id, now);
    let Some(before) = find().await? else { return Ok(()) };
    let key = AttachmentKey::parse(&before.key).map_err(|problem| Error::internal(problem.0))?;
    if before.state() == FileState::Pending {
        let outcome = inspection.attachment(files, &key, before.file_size).await?;
        attachments::settle(table, conversation, id, outcome).await?;
    }
    let Some(settled) = find().await? else {
        // Its message was deleted at the same time (security F9).
        return files.remove(&[&key.to_string(), &key.held()]).await;
    };
    files.remove(&[&key.held()]).await?;
    // Of a message that is not stored yet, its retry knows what was found.
    let Some(message) = settled.message.as_deref() else { return Ok(()) };
    let message = MessageId::parse(message).map_err(|problem| Error::internal(problem.0))?;
    let outcome = (settled.state(), settled.file_size);
    changes::note(table, conversation, Change::Message(message), now).await?;
    match messages::settle_file(table, conversation, message, outcome).await? {
        Some(message) => tell((table, push, translator), conversation, &message, now).await,
        None => Ok(()),
    }
}

/// Tells everybody in the conversation how the message is now, each in their language as far as that is known.
async fn tell(
    (table, push, translator): (&Table, &Push, &Translator),
    conversation: &ConversationId,
    message: &MessageRecord,
    now: Timestamp,
) -> Result<()> {
    let sender = UserId::parse(&message.sender).map_err(|problem| Error::internal(problem.0))?;
    let members = members::of_conversation(table, conversation, usize::MAX, Consistency::Strong).await?;
    let audience = Audience::of_members(table, &sender, &members).await?;
    let answered = match views::answered_id(message) {
        Some(id) => messages::by_id(table, conversation, id).await?,
        None => None,
    };
    let shown = Shown { conversation, message, answered: answered.as_ref(), members: &members };
    let language = Language::parse(&message.language).unwrap_or_else(|_| Language::english());
    let source = Source { text: &message.content, language };
    let known = translator.known(source, audience.targets().filter(|_| message.translate), now).await;
    let updated = |message| Event::MessageUpdated { message };
    let mut parcels = audience.to_sender(&updated(Box::new(audience.own_view(&shown))))?;
    parcels.extend(audience.to_readers(&shown, |target| Some(known.get(&target).cloned()), updated)?);
    push.deliver(table, parcels, now).await
}
