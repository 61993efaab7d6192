//! The conversations of a person, the most recently written first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::message::{Progress, Status};
use domain::translatable::{Fingerprint, needs_translation};
use domain::{ConversationId, Language, Problem, Problems, Timestamp, UserId};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use store::blocks::{self, Around};
use store::conversations::{self, ConversationRecord, LastMessage};
use store::members::{self, MemberRecord};
use store::messages::MessageRecord;
use store::presence::{self, Presence};
use store::translations::{self, Wanted};
use store::{Consistency, Table};
use wire::conversation::{ConversationDetailsBody, ConversationView, ConversationsBody, ListConversationsQuery};
use wire::message::MessageView;
use wire::page::{forged, page_size};

use crate::conversations::SHOWN_PARTICIPANTS;
use crate::error::Result;
use crate::membership::Membership;
use crate::seeing::Sight;
use crate::tokens::Actor;
use crate::{opaque, readers, views};

/// Member queries under way at once.
const AT_ONCE: usize = 16;

/// One page of the caller's conversations. Their order moves with every message and is kept nowhere (a message would
/// cost a write for each member): all are read by key and sorted here.
pub async fn conversations(
    table: &Table,
    actor: &Actor,
    query: &ListConversationsQuery,
    now: Timestamp,
) -> Result<ConversationsBody> {
    let mut problems = Problems::new();
    let size = page_size(&mut problems, query.limit.as_deref());
    let after = problems.allow("cursor", query.cursor.as_deref(), Cursor::parse);
    problems.finish(Some(()))?;

    let places = members::of_user(table, &actor.user).await?;
    let places: HashMap<ConversationId, MemberRecord> =
        places.into_iter().map(|place| Ok((place.conversation()?, place))).collect::<Result<_>>()?;
    let records = conversations::by_ids(table, places.keys()).await?;
    let mut rows: Vec<Row> = records
        .into_iter()
        .filter_map(|(id, record)| places.get(&id).cloned().map(|place| Row { id, record, place, members: Vec::new() }))
        .filter(|row| !row.place.hides(row.record.seq))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.cursor()));
    if let Some(after) = after {
        rows.retain(|row| row.cursor() < after);
    }
    let has_more = rows.len() > size;
    rows.truncate(size);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().to_string());

    let rows: Vec<Row> =
        stream::iter(rows).map(|row| with_members(table, &actor.user, row)).buffered(AT_ONCE).try_collect().await?;
    let faces: BTreeSet<UserId> = rows.iter().flat_map(Row::people).chain([actor.user.clone()]).collect();
    let faces = presence::of(table, &faces, Consistency::Eventual).await?;
    let reader = faces.get(&actor.user);
    let known = translated(table, &actor.user, reader, &rows, now).await?;
    let conversations = rows.iter().map(|row| row.view(&actor.user, &faces, reader, &known, now)).collect();
    Ok(ConversationsBody { conversations, has_more, next_cursor })
}

/// One conversation, with a page of its participants: what each is in it, and whether they are there, but for those with
/// whom there is a block (security D7). 0.5 read units for each of them, and a query for the blocks.
pub async fn conversation(
    table: &Table,
    membership: &Membership,
    after: Option<&UserId>,
    now: Timestamp,
) -> Result<ConversationDetailsBody> {
    conversation_amid(table, membership, after, &blocks::around(table, membership.user()).await?, now).await
}

/// The same, where the blocks around the caller are known.
pub(crate) async fn conversation_amid(
    table: &Table,
    membership: &Membership,
    after: Option<&UserId>,
    blocks: &Around,
    now: Timestamp,
) -> Result<ConversationDetailsBody> {
    let mut members = members::page(table, membership.id(), after, SHOWN_PARTICIPANTS + 1).await?;
    let has_more = members.len() > SHOWN_PARTICIPANTS;
    members.truncate(SHOWN_PARTICIPANTS);
    let participants_cursor = members.last().filter(|_| has_more).map(|last| last.user.clone());
    let row = Row {
        id: membership.id().clone(),
        record: membership.conversation().clone(),
        place: membership.place().clone(),
        members,
    };
    let actor = membership.user();
    let users = row.members.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let faces: BTreeSet<UserId> = row.people().into_iter().chain(users).chain([actor.clone()]).collect();
    let faces = presence::of(table, &faces, Consistency::Eventual).await?;
    let reader = faces.get(actor);
    let known = translated(table, actor, reader, std::slice::from_ref(&row), now).await?;
    let face = |member: &MemberRecord| {
        let user = UserId::parse(&member.user).ok();
        let face = user.as_ref().and_then(|user| faces.get(user));
        let is_apart = user.is_some_and(|user| user != *actor && blocks.hides(&user));
        let sight = face.filter(|_| !is_apart).map_or(Sight::NOTHING, |face| Sight::of(face, now));
        views::member(member, face, sight)
    };
    let participants = row.members.iter().map(face).collect();
    let conversation = ConversationView { participants, ..row.view(actor, &faces, reader, &known, now) };
    Ok(ConversationDetailsBody { conversation, participants_cursor })
}

/// One conversation on its way to being shown.
struct Row {
    id: ConversationId,
    record: ConversationRecord,
    place: MemberRecord,
    members: Vec<MemberRecord>,
}

impl Row {
    fn cursor(&self) -> Cursor {
        Cursor { updated: self.record.updated_at, id: self.id.clone() }
    }

    /// Everybody whose face is shown: the participants, and the sender of the latest message, who may have left.
    fn people(&self) -> Vec<UserId> {
        let mut people = self.participants();
        people.extend(self.record.last_message.as_ref().and_then(|last| UserId::parse(&last.sender).ok()));
        people
    }

    fn participants(&self) -> Vec<UserId> {
        let pair = self.record.pair();
        if pair.is_empty() { self.members.iter().filter_map(|member| member.user().ok()).collect() } else { pair }
    }

    /// How far everybody else has come, as far as it was read.
    fn others(&self, actor: &UserId) -> impl Iterator<Item = Progress> {
        let own = actor.to_string();
        let others = self.members.iter().filter(move |member| member.user != own && !member.is_cut_off());
        others.map(MemberRecord::progress)
    }

    fn view(
        &self,
        actor: &UserId,
        faces: &HashMap<UserId, Presence>,
        reader: Option<&Presence>,
        known: &HashMap<Fingerprint, String>,
        now: Timestamp,
    ) -> ConversationView {
        let face = |id: &UserId| views::participant(&id.to_string(), faces.get(id));
        let participants = self.participants().iter().map(face).collect();
        let last = self.last_message(actor, faces, reader, known);
        views::conversation(&self.record, &self.place, participants, last, now)
    }

    fn last_message(
        &self,
        actor: &UserId,
        faces: &HashMap<UserId, Presence>,
        reader: Option<&Presence>,
        known: &HashMap<Fingerprint, String>,
    ) -> Option<MessageView> {
        let last = self.record.last_message.as_ref()?;
        let id = self.record.last_message_id().filter(|id| !self.place.hides(id.sequence()))?;
        if self.place.hidden_seq == Some(id.sequence()) {
            return None;
        }
        let message = MessageRecord {
            id: id.to_string(),
            sender: last.sender.clone(),
            kind: last.kind.clone(),
            content: last.content.clone(),
            language: last.language.clone(),
            translate: last.translate,
            reply_to: None,
            attachment: None,
            created_at: last.created_at,
            edited_at: last.edited_at,
            deleted_at: last.deleted_at,
            mentions: last.mentions.clone(),
            reactions: BTreeMap::new(),
        };
        let translation = fingerprint(last).and_then(|source| known.get(&source)).map(|text| last.shown(text));
        let sender = UserId::parse(&last.sender).ok().and_then(|sender| faces.get(&sender));
        let seen = views::Seen {
            conversation: &self.id,
            sender,
            language: reader.map_or("en", |reader| &reader.language),
            translation,
            status: Status::of(id.sequence(), self.others(actor)),
            read_by: Vec::new(),
            answered: None,
        };
        Some(views::message(&message, seen))
    }
}

/// The members of a group whose faces are shown; of a direct conversation only the other one's progress, and only where
/// it decides the status of an own message.
async fn with_members(table: &Table, actor: &UserId, mut row: Row) -> Result<Row> {
    let pair = row.record.pair();
    if pair.is_empty() {
        row.members = members::of_conversation(table, &row.id, SHOWN_PARTICIPANTS, Consistency::Eventual).await?;
    } else if row.record.last_message.as_ref().is_some_and(|last| last.sender == actor.to_string())
        && let Some(other) = pair.iter().find(|user| *user != actor)
    {
        row.members.extend(members::get(table, &row.id, other).await?);
    }
    Ok(row)
}

/// The latest messages' words in the reader's language, as far as they were translated before. A list asks nobody to
/// translate: whoever opens the conversation does.
async fn translated(
    table: &Table,
    actor: &UserId,
    reader: Option<&Presence>,
    rows: &[Row],
    now: Timestamp,
) -> Result<HashMap<Fingerprint, String>> {
    let Some(target) = reader.map(readers::language) else { return Ok(HashMap::new()) };
    let own = actor.to_string();
    let wanted = rows
        .iter()
        .filter_map(|row| row.record.last_message.as_ref())
        .filter(|last| last.sender != own && last.translate && needs_translation(&last.content))
        .filter(|last| Language::parse(&last.language).is_ok_and(|language| !language.same_text(target)))
        .filter_map(|last| Some(Wanted { source: fingerprint(last)?, target }));
    let found = translations::get_many(table, wanted, now).await?;
    Ok(found.into_iter().map(|(wanted, text)| (wanted.source, text)).collect())
}

fn fingerprint(last: &LastMessage) -> Option<Fingerprint> {
    match &last.fingerprint {
        Some(kept) => Fingerprint::parse(kept),
        None => Some(Fingerprint::of(&last.content, Language::parse(&last.language).ok()?)),
    }
}

/// A place in the list: newest first, ties by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cursor {
    updated: i64,
    id: ConversationId,
}

impl Cursor {
    fn parse(text: &str) -> std::result::Result<Self, Problem> {
        let read = || {
            let plain = opaque::read(text)?;
            let (updated, id) = plain.split_once(' ')?;
            Some(Self { updated: updated.parse().ok()?, id: ConversationId::parse(id).ok()? })
        };
        read().ok_or_else(forged)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&opaque::written(&format!("{} {}", self.updated, self.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g4_a_cursor_reads_back_and_a_forged_one_does_not() {
        let cursor = Cursor { updated: 1_733_659_200_000, id: ConversationId::new(uuid::Uuid::nil()) };
        assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
        for forged in ["", "x", "2024-12-08T12:00:00.000Z", &opaque::written("1 conv_x")] {
            assert!(Cursor::parse(forged).is_err(), "{forged}");
        }
    }
}
