//! What changed for somebody who was away: page by page, with one cursor, over HTTP and over the socket.
//!
//! Everything is found by time. What is written at the same moment as it is read might be missed, so each time counts
//! from half a minute before the last one: longer than any function runs. A client applies the same change twice without
//! harm.

mod cursor;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use domain::{ConversationId, MessageId, Timestamp, UserId};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use store::blocks::{self, Around};
use store::changes::{self, OwnChange};
use store::conversations::{self, ConversationRecord};
use store::members::{self, MemberRecord};
use store::messages::{self, MessageRecord, Span};
use store::{Consistency, Table};
use wire::conversation::ConversationView;
use wire::message::MessageView;
use wire::sync::{HiddenMessageView, MarkersView, SyncBody, SyncWish};

use crate::error::{Error, Result};
use crate::membership::{Membership, enter};
use crate::tokens::Actor;
use crate::translation::Translator;
use crate::{listing, views};
pub use cursor::Cursor;
use cursor::Place;

/// How long before the last time a page begins.
const OVERLAP: Duration = Duration::from_secs(30);
/// Member queries under way at once.
const AT_ONCE: usize = 16;
/// Changes for oneself alone that are told at once.
const OWN_CHANGES: usize = 1_000;

/// How much one page may hold: its bytes are what its way out can carry.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Bytes, about.
    bytes: usize,
}

impl Size {
    /// An HTTP answer, of which Lambda takes 6 MB.
    pub const RESPONSE: Self = Self { bytes: 2_000_000 };
    /// A frame, of which API Gateway takes 128 KB (gateway fact M-03).
    pub const FRAME: Self = Self { bytes: 90_000 };
}

/// One page of what changed. Without a cursor there is only one to begin with.
pub async fn page(
    table: &Table,
    translator: &Translator,
    actor: &Actor,
    wish: &SyncWish<Cursor>,
    size: Size,
    now: Timestamp,
) -> Result<SyncBody> {
    let Some(cursor) = &wish.since else {
        return Ok(SyncBody { cursor: Cursor::at(now).to_string(), ..SyncBody::default() });
    };
    let oldest = now.millis() - i64::try_from(changes::KEPT.as_millis()).unwrap_or(i64::MAX);
    if cursor.since.millis() < oldest {
        return Ok(SyncBody { cursor: Cursor::at(now).to_string(), reset: true, ..SyncBody::default() });
    }
    let overlap = i64::try_from(OVERLAP.as_millis()).unwrap_or_default();
    let from = Timestamp::from_millis(cursor.since.millis().min(now.millis()) - overlap);
    let until = cursor.until.unwrap_or(now);

    let rooms = moved(table, actor, from, cursor.place.as_ref()).await?;
    let mut budget = Budget { items: wish.limit, bytes: size.bytes };
    let mut parts = Vec::new();
    let mut next = None;
    for room in rooms {
        if budget.is_spent() {
            next = Some(Place::beginning(room.id));
            break;
        }
        let resumed = cursor.resumed(&room.id);
        let (part, rest) = collect(table, actor, room, resumed, from, &mut budget).await?;
        parts.extend(part);
        if rest.is_some() {
            next = rest;
            break;
        }
    }
    let blocks = if parts.is_empty() { Around::default() } else { blocks::around(table, &actor.user).await? };
    let views = try_join_all(parts.into_iter().map(|part| part.shown(table, translator, &blocks, now))).await?;

    let mut body = SyncBody { has_more: next.is_some(), ..SyncBody::default() };
    body.cursor = match next {
        Some(place) => Cursor { since: cursor.since, until: Some(until), place: Some(place) },
        None => Cursor::at(until),
    }
    .to_string();
    for (conversation, messages, receipts) in views {
        body.conversations.extend(conversation);
        body.messages.extend(messages);
        body.receipts.extend(receipts);
    }
    if cursor.place.is_none() {
        own(table, actor, from, &mut body).await?;
    }
    Ok(body)
}

/// A conversation in which something changed.
struct Room {
    id: ConversationId,
    record: ConversationRecord,
    /// The other members whose markers moved.
    markers: Vec<MemberRecord>,
}

/// The caller's conversations in which something changed, in the order of their ids, from a place on.
async fn moved(table: &Table, actor: &Actor, from: Timestamp, place: Option<&Place>) -> Result<Vec<Room>> {
    let places = members::of_user(table, &actor.user).await?;
    let places: HashMap<ConversationId, MemberRecord> =
        places.into_iter().map(|place| Ok((place.conversation()?, place))).collect::<Result<_>>()?;
    let wanted = places.keys().filter(|id| place.is_none_or(|place| **id >= place.conversation));
    let records = conversations::by_ids(table, wanted).await?;
    let since = from.millis();
    let rooms = records.into_iter().filter_map(|(id, record)| Some((places.get(&id)?, id, record)));
    let rooms = rooms.filter(|(place, _, record)| !place.hides(record.seq));
    let rooms = stream::iter(rooms).map(|(place, id, record)| async move {
        let markers = others(table, actor, &id, &record, since).await?;
        let times = [Some(record.updated_at), record.changed_at, place.updated_at, Some(place.joined_at)];
        let changed = !markers.is_empty() || times.into_iter().flatten().any(|time| time >= since);
        Ok::<_, Error>(changed.then_some(Room { id, record, markers }))
    });
    let mut rooms: Vec<Room> =
        rooms.buffer_unordered(AT_ONCE).try_filter_map(async |room| Ok(room)).try_collect().await?;
    rooms.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rooms)
}

/// The other members whose markers moved. In large groups nobody is told who has read what.
async fn others(
    table: &Table,
    actor: &Actor,
    id: &ConversationId,
    record: &ConversationRecord,
    since: i64,
) -> Result<Vec<MemberRecord>> {
    let count = usize::try_from(record.member_count).unwrap_or(usize::MAX);
    let mut members = match record.pair().into_iter().find(|user| *user != actor.user) {
        _ if count > views::RECEIPTS_UP_TO || record.seq == 0 => Vec::new(),
        Some(other) => members::get(table, id, &other).await?.into_iter().collect(),
        None => members::of_conversation(table, id, views::RECEIPTS_UP_TO, Consistency::Eventual).await?,
    };
    let own = actor.user.to_string();
    members.retain(|member| {
        member.user != own && !member.is_cut_off() && member.updated_at.is_some_and(|time| time >= since)
    });
    Ok(members)
}

/// What is left of a page.
struct Budget {
    items: usize,
    bytes: usize,
}

impl Budget {
    fn is_spent(&self) -> bool {
        self.items == 0 || self.bytes == 0
    }

    fn take(&mut self, bytes: usize) {
        self.items = self.items.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// A message is shown with its words up to three times, and with everybody of so many who has read it.
    fn take_message(&mut self, message: &MessageRecord, readers: usize) {
        let reactions: usize = message.reactions.values().map(|people| 60 + 45 * people.len()).sum();
        self.take(1_500 + 3 * message.content.len() + reactions + 45 * readers);
    }
}

/// What a page tells of one conversation.
struct Part {
    membership: Membership,
    is_first: bool,
    messages: Vec<MessageRecord>,
    markers: Vec<MemberRecord>,
}

type Told = (Option<ConversationView>, Vec<MessageView>, Vec<MarkersView>);

/// Reads what changed in one conversation, as far as the page has room; where the next page goes on, if there is more.
/// Whoever is no longer in it gets nothing (security C5).
async fn collect(
    table: &Table,
    actor: &Actor,
    room: Room,
    resumed: Option<Place>,
    from: Timestamp,
    budget: &mut Budget,
) -> Result<(Option<Part>, Option<Place>)> {
    let membership = match enter(table, actor, room.id.clone()).await {
        Ok(membership) => membership,
        Err(Error::NotFound(_)) => return Ok((None, None)),
        Err(error) => return Err(error),
    };
    let Room { id, record, markers } = room;
    let members = usize::try_from(record.member_count).unwrap_or(usize::MAX);
    let readers = if members > views::RECEIPTS_UP_TO { 0 } else { members };
    let is_first = resumed.is_none();
    let mut part = Part { membership, is_first, messages: Vec::new(), markers };
    let mut place = if let Some(place) = resumed {
        place
    } else {
        budget.take(2_000 + 450 * members.min(100));
        let border = if record.updated_at >= from.millis() {
            messages::border_since(table, &id, record.seq, from).await?
        } else {
            MessageId::floor(record.seq + 1)
        };
        Place { conversation: id.clone(), border: border.sequence(), next: border.sequence(), changed: from }
    };
    if place.next <= record.seq {
        if budget.is_spent() {
            return Ok((Some(part), Some(place)));
        }
        let span = Span::After(MessageId::floor(place.next));
        let (page, mut more) = messages::page(table, &id, span, budget.items).await?;
        for message in page {
            if budget.is_spent() {
                more = true;
                break;
            }
            budget.take_message(&message, readers);
            place.next = message.id()?.sequence() + 1;
            part.messages.push(message);
        }
        if more {
            return Ok((Some(part), Some(place)));
        }
        place.next = record.seq + 1;
    }
    if record.changed_at.is_none_or(|time| time < from.millis()) {
        return Ok((Some(part), None));
    }
    if budget.is_spent() {
        return Ok((Some(part), Some(place)));
    }
    let asked = budget.items + 1;
    let found = changes::since(table, &id, place.changed, asked).await?;
    let all = found.len() < asked;
    // New messages are told as they are now already.
    let wanted: BTreeSet<MessageId> =
        found.iter().map(|(_, message)| *message).filter(|message| message.sequence() < place.border).collect();
    let mut changed = messages::by_ids(table, &id, wanted).await?;
    // The next page begins with the last change of this one, which is told twice rather than one of its millisecond not
    // at all.
    let start = place.changed;
    let onward = |at: Timestamp| if at > start { at } else { Timestamp::from_millis(start.millis() + 1) };
    for (at, message) in found {
        if budget.is_spent() {
            place.changed = onward(at);
            return Ok((Some(part), Some(place)));
        }
        place.changed = at;
        if let Some(message) = changed.remove(&message) {
            budget.take_message(&message, readers);
            part.messages.push(message);
        }
    }
    place.changed = onward(place.changed);
    Ok((Some(part), (!all).then_some(place)))
}

impl Part {
    async fn shown(mut self, table: &Table, translator: &Translator, blocks: &Around, now: Timestamp) -> Result<Told> {
        self.messages.sort_by(|one, other| one.id.cmp(&other.id));
        let conversation = async {
            if !self.is_first {
                return Ok(None);
            }
            let details = listing::conversation_amid(table, &self.membership, None, blocks, now).await?;
            Ok::<_, Error>(Some(details.conversation))
        };
        let messages = listing::shown(table, translator, &self.membership, self.messages, now);
        let (conversation, messages) = tokio::try_join!(conversation, messages)?;
        let id = self.membership.id().to_string();
        let markers = self.markers.iter().filter(|_| self.is_first);
        let receipts = markers.map(|member| {
            let progress = member.progress();
            MarkersView {
                conversation_id: id.clone(),
                user_id: member.user.clone(),
                delivered_seq: progress.delivered,
                read_seq: progress.read,
            }
        });
        Ok((conversation, messages, receipts.collect()))
    }
}

/// What changed for the caller alone.
async fn own(table: &Table, actor: &Actor, from: Timestamp, body: &mut SyncBody) -> Result<()> {
    let changes = changes::own_since(table, &actor.user, from, OWN_CHANGES).await?;
    let mut gone = BTreeSet::new();
    for (_, change) in changes {
        match change {
            OwnChange::Hidden(conversation, message) => body
                .hidden_messages
                .push(HiddenMessageView { conversation_id: conversation.to_string(), message_id: message.to_string() }),
            OwnChange::Gone(conversation) => drop(gone.insert(conversation)),
        }
    }
    // Somebody may have come back meanwhile, or the next message brought it back.
    let back = try_join_all(gone.iter().map(|id| is_back(table, &actor.user, id))).await?;
    body.gone_conversations = gone.iter().zip(back).filter(|(_, back)| !back).map(|(id, _)| id.to_string()).collect();
    Ok(())
}

async fn is_back(table: &Table, user: &UserId, id: &ConversationId) -> Result<bool> {
    let found = conversations::with_member(table, id, user).await?;
    Ok(found.is_some_and(|(record, place)| !place.hides(record.seq)))
}
