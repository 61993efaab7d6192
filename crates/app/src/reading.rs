//! One message, and translations that are asked for alone.

use domain::language::detect;
use domain::message::{Content, Status};
use domain::{Language, MessageId, Timestamp};
use store::members::{self, MemberRecord};
use store::messages::{self, MessageRecord};
use store::{Consistency, Table, hidden, presence};
use wire::message::{MessageDetailsBody, PreviewBody, ReceiptView, TranslationBody};

use crate::error::{Error, Result};
use crate::membership::Membership;
use crate::tokens::Actor;
use crate::translation::{Source, Translator};
use crate::{limits, listing, readers};

/// A message as the caller sees it, with how far each other member has come with it.
pub async fn message(
    table: &Table,
    translator: &Translator,
    membership: &Membership,
    id: MessageId,
    now: Timestamp,
) -> Result<MessageDetailsBody> {
    let message = found(table, membership, id).await?;
    let sender = message.sender.clone();
    let (mut shown, members) =
        tokio::try_join!(listing::shown(table, translator, membership, vec![message], now), async {
            Ok(members::of_conversation(table, membership.id(), usize::MAX, Consistency::Eventual).await?)
        },)?;
    let message = shown.pop().ok_or(Error::NotFound("Message"))?;
    let others = members.iter().filter(|member| member.user != sender);
    let receipts = others.map(|member| receipt(member, id)).collect();
    Ok(MessageDetailsBody { message, receipts })
}

fn receipt(member: &MemberRecord, id: MessageId) -> ReceiptView {
    let known = if member.is_cut_off() { None } else { Some(member.progress()) };
    let status = Status::of(id.sequence(), known);
    ReceiptView { user_id: member.user.clone(), status: status.as_str().to_owned() }
}

/// A message in a language that the caller names.
pub async fn translation(
    table: &Table,
    translator: &Translator,
    membership: &Membership,
    (id, target): (MessageId, Language),
    per_minute: u32,
    now: Timestamp,
) -> Result<TranslationBody> {
    limits::translation(table, membership.user(), per_minute, now).await?;
    let message = found(table, membership, id).await?;
    let hidden = hidden::among(table, membership.user(), [(membership.id(), id)]).await?;
    if !hidden.is_empty() {
        return Err(Error::NotFound("Message"));
    }
    let language = Language::parse(&message.language).unwrap_or_else(|_| Language::english());
    let source = Source { text: &message.content, language };
    let translated = translator.on_demand(source, target, now).await?;
    Ok(TranslationBody {
        message_id: message.id,
        conversation_id: membership.id().to_string(),
        translated_content: translated.unwrap_or_else(|| message.content.clone()),
        original_content: message.content,
        original_language: message.language,
        target_language: target.as_str().to_owned(),
    })
}

/// A text in another language, before it is sent.
pub async fn preview(
    table: &Table,
    translator: &Translator,
    actor: &Actor,
    (content, target): (&Content, Language),
    per_minute: u32,
    now: Timestamp,
) -> Result<PreviewBody> {
    limits::translation(table, &actor.user, per_minute, now).await?;
    let own = presence::of(table, [&actor.user], Consistency::Eventual).await?;
    let preferred = own.get(&actor.user).map_or_else(Language::english, readers::preferred);
    let text = content.as_str();
    let language = detect(text, preferred);
    let translated = translator.on_demand(Source { text, language }, target, now).await?;
    Ok(PreviewBody {
        original_content: text.to_owned(),
        translated_content: translated.unwrap_or_else(|| text.to_owned()),
        detected_language: language.as_str().to_owned(),
        target_language: target.as_str().to_owned(),
    })
}

/// A message that this member can see.
async fn found(table: &Table, membership: &Membership, id: MessageId) -> Result<MessageRecord> {
    let message = messages::by_id(table, membership.id(), id).await?;
    message.filter(|_| !membership.place().hides(id.sequence())).ok_or(Error::NotFound("Message"))
}
