//! The messages of a conversation, page by page, in the reader's language.

use std::collections::{BTreeSet, HashMap};

use domain::{ConversationId, Language, MessageId, Problem, Problems, Timestamp, UserId};
use store::members::{self, MemberRecord};
use store::messages::{self, MessageRecord, Span};
use store::presence::{self, Presence};
use store::{Consistency, Table, hidden};
use wire::message::{ListMessagesQuery, MessageView, MessagesBody};
use wire::page::page_size;

use crate::error::Result;
use crate::membership::Membership;
use crate::translation::{Source, Translator};
use crate::{readers, views};

/// Where a page lies, as the client asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Span(Span),
    Until(Timestamp),
}

/// One page of a conversation, oldest first. What has no translation for the reader yet is translated now, within the
/// deadline, and kept.
pub async fn messages(
    table: &Table,
    translator: &Translator,
    membership: &Membership,
    query: &ListMessagesQuery,
    now: Timestamp,
) -> Result<MessagesBody> {
    let (size, asked) = checked(query)?;
    let span = match asked {
        Asked::Span(span) => span,
        Asked::Until(time) => {
            let latest = membership.conversation().seq;
            Span::Before(messages::border_at(table, membership.id(), latest, time).await?)
        }
    };
    let some = match span {
        Span::Latest => membership.conversation().seq > 0,
        Span::Before(id) => id.sequence() > 1,
        Span::After(id) => id.sequence() < membership.conversation().seq,
    };
    let ((page, has_more), members) = tokio::try_join!(
        async { Ok(messages::page(table, membership.id(), span, size).await?) },
        receipts(table, membership, some),
    )?;
    let border = if matches!(span, Span::After(_)) { page.last() } else { page.first() };
    let next_cursor = border.filter(|_| has_more).map(|message| message.id.clone());
    let messages = with_receipts(table, translator, membership, page, async { Ok(members) }, now).await?;
    Ok(MessagesBody { messages, has_more, next_cursor })
}

/// Messages of one conversation as its member sees them, without those that this member deleted for themselves.
pub(crate) async fn shown(
    table: &Table,
    translator: &Translator,
    membership: &Membership,
    page: Vec<MessageRecord>,
    now: Timestamp,
) -> Result<Vec<MessageView>> {
    let members = receipts(table, membership, !page.is_empty());
    with_receipts(table, translator, membership, page, members, now).await
}

/// The same, with everybody's progress from elsewhere.
async fn with_receipts(
    table: &Table,
    translator: &Translator,
    membership: &Membership,
    mut page: Vec<MessageRecord>,
    members: impl Future<Output = Result<Vec<MemberRecord>>>,
    now: Timestamp,
) -> Result<Vec<MessageView>> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(Vec::new()) };
    let (first, last) = (first.id()?, last.id()?);
    let hidden = async { Ok(hidden::between(table, membership.user(), membership.id(), (first, last)).await?) };
    let (hidden, members, faces, answered) =
        tokio::try_join!(hidden, members, faces(table, membership, &page), answered(table, membership.id(), &page),)?;
    let place = membership.place();
    page.retain(|message| message.id().is_ok_and(|id| !hidden.contains(&id) && !place.hides(id.sequence())));
    let reader = faces.get(membership.user());
    let translations = translations(translator, membership, reader, &page, now).await;
    let views = page.iter().zip(translations).map(|(message, translation)| {
        let (status, read_by) = views::receipts(&members, message);
        let sender = UserId::parse(&message.sender).ok().and_then(|sender| faces.get(&sender));
        let seen = views::Seen {
            conversation: membership.id(),
            sender,
            language: reader.map_or("en", |reader| &reader.language),
            translation,
            status,
            read_by,
            answered: views::answered_id(message).and_then(|id| answered.get(&id)),
        };
        views::message(message, seen)
    });
    Ok(views.collect())
}

/// The messages that those of a page answer, as they are now: what was edited or deleted does not live on in its answers
/// (security D6). Those on the page itself are not asked for.
async fn answered(
    table: &Table,
    conversation: &ConversationId,
    page: &[MessageRecord],
) -> Result<HashMap<MessageId, MessageRecord>> {
    let wanted: BTreeSet<MessageId> = page.iter().filter_map(views::answered_id).collect();
    let on_page = page.iter().filter_map(|message| Some((message.id().ok()?, message.clone())));
    let mut known: HashMap<_, _> = on_page.filter(|(id, _)| wanted.contains(id)).collect();
    let missing = wanted.into_iter().filter(|id| !known.contains_key(id)).collect::<Vec<_>>();
    known.extend(messages::by_ids(table, conversation, missing).await?);
    Ok(known)
}

fn checked(query: &ListMessagesQuery) -> Result<(usize, Asked)> {
    let mut problems = Problems::new();
    let size = page_size(&mut problems, query.limit.as_deref());
    let cursor = problems.allow("cursor", query.cursor.as_deref(), |text| {
        let id = MessageId::parse(text).map(|id| Asked::Span(Span::Before(id)));
        let time = || Timestamp::parse(text).map(Asked::Until);
        id.ok().or_else(time).ok_or_else(|| Problem::new("must be what nextCursor gave, or a timestamp"))
    });
    let before = problems.allow("before", query.before.as_deref(), MessageId::parse);
    let after = problems.allow("after", query.after.as_deref(), MessageId::parse);
    let borders = [query.cursor.is_some(), query.before.is_some(), query.after.is_some()];
    if borders.into_iter().filter(|given| *given).count() > 1 {
        problems.add("cursor", "cannot be combined with before or after, nor these with each other");
    }
    let span = before.map(Span::Before).or(after.map(Span::After)).map(Asked::Span);
    problems.finish(Some((size, cursor.or(span).unwrap_or(Asked::Span(Span::Latest))))).map_err(Into::into)
}

/// Everybody's progress, where it is shown; not asked for when there is nothing to show.
async fn receipts(table: &Table, membership: &Membership, some: bool) -> Result<Vec<MemberRecord>> {
    let members = usize::try_from(membership.conversation().member_count).unwrap_or(usize::MAX);
    if !some || members > views::RECEIPTS_UP_TO {
        return Ok(Vec::new());
    }
    Ok(members::of_conversation(table, membership.id(), usize::MAX, Consistency::Eventual).await?)
}

/// The reader and every sender of the page.
async fn faces(table: &Table, membership: &Membership, page: &[MessageRecord]) -> Result<HashMap<UserId, Presence>> {
    let senders = page.iter().filter_map(|message| UserId::parse(&message.sender).ok());
    let people: BTreeSet<UserId> = senders.chain([membership.user().clone()]).collect();
    Ok(presence::of(table, &people, Consistency::Eventual).await?)
}

/// The words in the reader's language, in the order of the page; none for the reader's own.
async fn translations(
    translator: &Translator,
    membership: &Membership,
    reader: Option<&Presence>,
    page: &[MessageRecord],
    now: Timestamp,
) -> Vec<Option<String>> {
    let Some(target) = reader.map(readers::language) else { return vec![None; page.len()] };
    translator.page(&sources(membership, page.iter(), target), target, now).await.texts
}

/// The words of messages, to be read in a language: the caller's own, and those that nobody translates, are in it already.
pub(crate) fn sources<'a>(
    membership: &Membership,
    messages: impl Iterator<Item = &'a MessageRecord>,
    target: Language,
) -> Vec<Source<'a>> {
    let own = membership.user().to_string();
    let written = |message: &MessageRecord| {
        let language = Language::parse(&message.language).ok().filter(|_| message.translate && message.sender != own);
        // A text in the target language is one that needs no translation.
        language.unwrap_or(target)
    };
    messages.map(|message| Source { text: &message.content, language: written(message) }).collect()
}
