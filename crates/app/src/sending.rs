//! Sending a message: first stored, then shown to everybody, each in their language.

use std::time::Duration;

use domain::attachment::FileState;
use domain::message::Draft;
use domain::translatable::Fingerprint;
use domain::{AttachmentId, ConnectionId, ConversationId, Language, MessageId, Problems, Timestamp, UserId};
use store::conversations::LastMessage;
use store::members::Marker;
use store::messages::{AttachedRecord, MessageRecord, ReplyRecord};
use store::sends::{self, Claim};
use store::{Consistency, StoreError, Table, conversations, members, messages, presence};
use wire::frame::Event;
use wire::message::MessageView;

use crate::audience::{Audience, Shown};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::inspection::Inspector;
use crate::membership::{Gathering, gather};
use crate::tokens::Actor;
use crate::translation::Translator;
use crate::{attachments, fresh, limits, telling, views};

/// How often, and how long between, a retry looks whether the first try is done.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// How much may be sent.
#[derive(Debug, Clone, Copy)]
pub struct SendLimits {
    /// Events a minute over all of a person's sockets.
    pub events_per_minute: u32,
    /// Messages a minute of a person in one conversation.
    pub messages_per_minute: u32,
    /// Characters of a message.
    pub message_characters: usize,
}

/// What sending works with.
#[derive(Debug, Clone)]
pub struct Outbox {
    /// The table.
    pub table: Table,
    /// The live connections.
    pub push: Push,
    /// The translator.
    pub translator: Translator,
    /// The bucket.
    pub files: Files,
    /// Who inspects what is sent.
    pub inspector: Inspector,
    /// The limits.
    pub limits: SendLimits,
}

impl Outbox {
    /// Counts an event of a person that came to nothing.
    pub async fn count_event(&self, actor: &Actor, now: Timestamp) -> Result<()> {
        limits::socket_event(&self.table, actor, self.limits.events_per_minute, None, now).await.map(drop)
    }
}

/// Who asks for something, and so how the answer reaches them.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    /// A connection: it hears of it like everybody else, and of a retry alone.
    Connection(&'a ConnectionId),
    /// An HTTP request, which was counted as one already: the answer is the request's.
    Request,
}

impl Asker<'_> {
    /// How long a translation that missed the deadline is waited for after everybody got the original. The functions'
    /// own time limit is longer; nobody lets a request wait for what concerns others.
    pub(crate) fn patience(self) -> Duration {
        match self {
            Self::Connection(_) => Duration::from_secs(15),
            Self::Request => Duration::from_secs(2),
        }
    }
}

/// A message that was sent, as its sender sees it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub message: MessageView,
    /// Whether it was sent now, and not by an earlier try.
    pub is_new: bool,
}

/// Sends a message: every connection of every participant gets `message:receive`, the sender's with the client's name
/// for it. A retry of a send that was done before is answered to whoever asks alone.
pub async fn send(outbox: &Outbox, actor: &Actor, asker: Asker<'_>, draft: &Draft, now: Timestamp) -> Result<Sent> {
    let table = &outbox.table;
    let count = count(outbox, actor, asker, &draft.conversation, now);
    let (counted, gathering) = tokio::join!(count, gather(table, actor, draft.conversation.clone()));
    counted?;
    let gathering = &gathering?.to_speak()?;
    let answered = reply(table, draft).await?;
    let attached = attachments::take((table, &outbox.files, &outbox.inspector), gathering, draft, now).await?;
    Send { outbox, gathering, asker, draft, attached: attached.as_ref(), now }.run(answered).await
}

/// Counts a message, or what is as dear as one.
pub(crate) async fn count(
    Outbox { table, limits, .. }: &Outbox,
    actor: &Actor,
    asker: Asker<'_>,
    conversation: &ConversationId,
    now: Timestamp,
) -> Result<()> {
    let message_limit = (conversation, limits.messages_per_minute);
    let counted = match asker {
        Asker::Connection(_) => {
            limits::socket_event(table, actor, limits.events_per_minute, Some(message_limit), now).await
        }
        Asker::Request => limits::message(table, actor, message_limit, now).await,
    };
    counted.map(drop)
}

/// One send on its way.
#[derive(Clone, Copy)]
struct Send<'a> {
    outbox: &'a Outbox,
    gathering: &'a Gathering,
    asker: Asker<'a>,
    draft: &'a Draft,
    attached: Option<&'a AttachedRecord>,
    now: Timestamp,
}

/// The answered message: what is kept of it with the answer, and itself as it is now.
type Answered = (ReplyRecord, MessageRecord);

impl Send<'_> {
    async fn run(self, answered: Option<Answered>) -> Result<Sent> {
        let Self { outbox: Outbox { table, .. }, gathering, draft, now, .. } = self;
        if let Some(temp_id) = &draft.temp_id {
            let send = (gathering.id(), gathering.sender(), temp_id);
            let earlier = match sends::claim(table, send, now).await? {
                Claim::Mine => None,
                Claim::Sent(id) => Some(id),
                Claim::Busy => Some(first_try(table, send).await?),
            };
            if let Some(id) = earlier {
                return self.repeat(answered, id).await;
            }
        }
        let audience = Audience::of(table, gathering).await?;
        let message = self.written(&audience, answered.as_ref());
        let Some(id) = place(table, gathering.id(), &message, fresh::bytes()?).await? else {
            return Err(Error::NotFound("Conversation"));
        };
        let message = MessageRecord { id: id.to_string(), ..message };
        if let Some(temp_id) = &draft.temp_id {
            let send = (gathering.id(), gathering.sender(), temp_id);
            if !sends::settle(table, send, now, id).await? {
                // This try was so slow that a retry has taken the send over.
                let id = first_try(table, send).await?;
                return self.repeat(answered, id).await;
            }
        }
        self.store(id, &message).await?;
        self.tell(&audience, answered.as_ref(), &message).await
    }

    /// The message as it will be stored, but for its id.
    fn written(self, audience: &Audience, answered: Option<&Answered>) -> MessageRecord {
        let draft = self.draft;
        let language = domain::language::detect(draft.content.as_str(), audience.sender_language());
        MessageRecord {
            id: String::new(),
            sender: audience.sender_id().to_string(),
            kind: draft.kind.as_str().to_owned(),
            content: draft.content.as_str().to_owned(),
            language: language.as_str().to_owned(),
            translate: draft.kind.is_translated(draft.translate_document),
            reply_to: answered.map(|(kept, _)| kept.clone()),
            attachment: self.attached.cloned(),
            created_at: self.now.millis(),
            edited_at: None,
            deleted_at: None,
            mentions: audience.mentioned(draft.content.as_str()),
            reactions: store::reactions::Reactions::new(),
        }
    }

    /// Stores the message; its sender has read it.
    async fn store(self, id: MessageId, message: &MessageRecord) -> Result<()> {
        let Self { outbox: Outbox { table, .. }, gathering, now, .. } = self;
        let place = (gathering.id(), gathering.sender());
        tokio::try_join!(
            messages::put(table, gathering.id(), id, message),
            members::move_marker(table, place, Marker::Read, id.sequence(), now),
            note_file(table, gathering.id(), message, id),
        )?;
        Ok(())
    }

    /// Has the message's file inspected, if it is to be and is not yet.
    async fn inspect(self, message: &MessageRecord) {
        if let Some(id) = pending_file(message) {
            self.outbox.inspector.ask(self.gathering.id(), &id).await;
        }
    }

    /// Shows a stored message to everybody who is there.
    async fn tell(self, audience: &Audience, answered: Option<&Answered>, message: &MessageRecord) -> Result<Sent> {
        let shown = self.shown(answered, message);
        let own = audience.own_view(&shown);
        let receive = |message| Event::MessageReceive { message, temp_id: None };
        let words = telling::Words { shown, own: self.acknowledgement(own.clone()), event: &receive };
        let told = telling::tell(self.outbox, audience, &words, self.asker.patience(), self.now);
        // At the same time: whoever gets the message downloads its file a moment later.
        let (told, ()) = tokio::join!(told, self.inspect(message));
        told?;
        Ok(Sent { message: own, is_new: true })
    }

    /// What the sender's own connections get: the message with the client's name for it.
    fn acknowledgement(self, message: MessageView) -> Event {
        let temp_id = self.draft.temp_id.as_ref().map(|name| name.as_str().to_owned());
        Event::MessageReceive { message: Box::new(message), temp_id }
    }

    fn shown<'a>(&'a self, answered: Option<&'a Answered>, message: &'a MessageRecord) -> Shown<'a> {
        let answered = answered.map(|(_, now)| now);
        Shown { conversation: self.gathering.id(), message, answered, members: self.gathering.records() }
    }

    /// Answers a retry with the message that the first try became, to whoever asks alone. If the first try ended between
    /// noting the message and storing it, this one finishes its work.
    async fn repeat(self, answered: Option<Answered>, id: MessageId) -> Result<Sent> {
        let Self { outbox: Outbox { table, push, .. }, gathering, .. } = self;
        for _ in 0..LOOKS {
            if let Some(message) = messages::by_id(table, gathering.id(), id).await? {
                note_file(table, gathering.id(), &message, id).await?;
                self.inspect(&message).await;
                let audience = Audience::of_sender(table, gathering).await?;
                let answered = match views::answered_id(&message) {
                    Some(id) => messages::by_id(table, gathering.id(), id).await?,
                    None => None,
                };
                let shown = Shown { answered: answered.as_ref(), ..self.shown(None, &message) };
                let view = audience.own_view(&shown);
                if let Asker::Connection(connection) = self.asker {
                    push.answer(connection, &self.acknowledgement(view.clone())).await?;
                }
                return Ok(Sent { message: view, is_new: false });
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let audience = Audience::of(table, gathering).await?;
        let message = MessageRecord { id: id.to_string(), ..self.written(&audience, answered.as_ref()) };
        self.store(id, &message).await?;
        self.tell(&audience, answered.as_ref(), &message).await
    }
}

/// The file of a message that waits to be inspected.
fn pending_file(message: &MessageRecord) -> Option<AttachmentId> {
    let attached = message.attachment.as_ref().filter(|attached| attached.state() == FileState::Pending)?;
    AttachmentId::parse(&attached.id).ok()
}

/// Notes with a file that is to be inspected which message it belongs to.
async fn note_file(
    table: &Table,
    conversation: &ConversationId,
    message: &MessageRecord,
    id: MessageId,
) -> std::result::Result<(), StoreError> {
    match pending_file(message) {
        Some(file) => store::attachments::sent_with(table, conversation, &file, id).await,
        None => Ok(()),
    }
}

/// The answered message, found by its id in the same conversation; the client's words for it are ignored (security C6).
async fn reply(table: &Table, draft: &Draft) -> Result<Option<Answered>> {
    let Some(id) = draft.reply_to else { return Ok(None) };
    let unknown = || Problems::one("replyTo.messageId", "is not a message of this conversation");
    let message = messages::by_id(table, &draft.conversation, id).await?.ok_or_else(unknown)?;
    if message.deleted_at.is_some() {
        return Err(Problems::one("replyTo.messageId", "is a message that was deleted").into());
    }
    let sender = UserId::parse(&message.sender).map_err(|problem| Error::internal(problem.0))?;
    let people = presence::of(table, [&sender], Consistency::Eventual).await?;
    let kept = ReplyRecord {
        id: message.id.clone(),
        sender_name: views::participant(&message.sender, people.get(&sender)).display_name,
        sender: message.sender.clone(),
        kind: message.kind.clone(),
    };
    Ok(Some((kept, message)))
}

/// Gives the message its place: the next sequence number of the conversation, and its id with it.
async fn place(
    table: &Table,
    conversation: &ConversationId,
    message: &MessageRecord,
    random: [u8; 10],
) -> Result<Option<MessageId>> {
    let last = latest(message, random);
    let placed = conversations::next_place(table, conversation, &last).await?;
    Ok(placed.map(|conversation| MessageId::new(conversation.seq, random)))
}

/// A message as its conversation shows it as the latest.
pub(crate) fn latest(message: &MessageRecord, random: [u8; 10]) -> LastMessage {
    let content = LastMessage::beginning(&message.content);
    let whole = content.len() == message.content.len();
    let language = Language::parse(&message.language).unwrap_or_else(|_| Language::english());
    LastMessage {
        random: hex::encode(random),
        sender: message.sender.clone(),
        kind: message.kind.clone(),
        fingerprint: (!whole).then(|| Fingerprint::of(&message.content, language).as_str().to_owned()),
        content,
        language: message.language.clone(),
        translate: message.translate,
        created_at: message.created_at,
        edited_at: message.edited_at,
        deleted_at: message.deleted_at,
        mentions: message.mentions.clone(),
    }
}

/// What the first try of the same send became, which is at it right now.
async fn first_try(table: &Table, send: sends::Send<'_>) -> Result<MessageId> {
    for _ in 0..LOOKS {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        if let Some(id) = sends::became(table, send).await? {
            return Ok(id);
        }
    }
    Err(Error::Conflict("this message is still being sent"))
}
