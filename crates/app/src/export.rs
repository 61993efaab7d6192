//! Everything that is kept about a person, for that person, part by part (security J1, [decision
//! 27](../../../docs/adr/0027-exports-come-in-parts.md)). What is left out, and why, is in `docs/data-model.md`.

mod cursor;
mod rooms;
mod shown;

use domain::person::Availability;
use domain::{Problems, Timestamp};
use store::belongings::{self, Belongings};
use store::{Consistency, Table, presence, search, users};
use wire::export::{ExportBody, ExportQuery, ExportedAccount};
use wire::page::forged;

use self::cursor::Place;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::tokens::Actor;
use crate::{erasure, sessions, views};

/// One part: what is in the person's own partition, as often as it takes, and then what is in the conversations that
/// they are or were in, in the order of their ids.
pub async fn part(
    table: &Table,
    files: &Files,
    actor: &Actor,
    query: &ExportQuery,
    now: Timestamp,
) -> Result<ExportBody> {
    let mut problems = Problems::new();
    let place = problems.allow("cursor", query.cursor.as_deref(), Place::parse);
    match problems.finish(Some(place))? {
        None => own(table, actor, None, now).await,
        Some(Place::Own(after)) => own(table, actor, Some(&after), now).await,
        Some(Place::Room(start, after)) => {
            let all = erasure::conversations(table, &actor.user).await?;
            if !all.contains(&start) {
                return Err(Problems::one("cursor", forged().0).into());
            }
            rooms::part(table, files, &actor.user, all, (start, after)).await
        }
    }
}

/// A page of the person's own partition; the first one with the account.
async fn own(table: &Table, actor: &Actor, after: Option<&str>, now: Timestamp) -> Result<ExportBody> {
    let account = async { if after.is_none() { account(table, actor, now).await.map(Some) } else { Ok(None) } };
    let found = async { Ok(belongings::own(table, &actor.user, after).await?) };
    let (account, found) = tokio::try_join!(account, found)?;
    let Belongings { sessions, devices, friends, blocks, hidden, left, notes, notes_read_up_to, next } = found;
    let next = match next {
        Some(sk) => Some(Place::Own(sk)),
        None => erasure::conversations(table, &actor.user).await?.pop_first().map(|first| Place::Room(first, None)),
    };
    let living = sessions.into_iter().filter(|session| session.lives(now));
    Ok(ExportBody {
        account: account.map(Box::new),
        sessions: living.map(|session| sessions::view(session, actor)).collect(),
        devices: devices.into_iter().map(shown::device).collect(),
        friends: friends.into_iter().map(shown::friend).collect(),
        blocked: blocks.into_iter().filter_map(shown::block).collect(),
        hidden: hidden.iter().map(|(conversation, message)| shown::place(conversation, &message.to_string())).collect(),
        notifications: notes.into_iter().map(shown::notification).collect(),
        notifications_read_up_to: notes_read_up_to,
        conversations: left.into_iter().map(shown::left).collect(),
        next_cursor: next.map(|place| place.to_string()),
        ..ExportBody::default()
    })
}

async fn account(table: &Table, actor: &Actor, now: Timestamp) -> Result<ExportedAccount> {
    let (account, faces) =
        tokio::try_join!(users::by_id(table, &actor.user), presence::of(table, [&actor.user], Consistency::Eventual))?;
    let account = account.ok_or(Error::NotFound("User"))?;
    let face = faces.get(&actor.user);
    Ok(ExportedAccount {
        profile: views::own_profile(&account),
        email_verified: account.email_verified,
        has_password: account.password_hash.is_some(),
        found_by: search::phrases_of(&account).iter().map(ToString::to_string).collect(),
        presence: face.map_or(Availability::Offline, |face| face.availability(now)).as_str().to_owned(),
        last_seen: face.and_then(|face| face.seen_at).map(shown::time),
        connections: face.map(shown::connections).unwrap_or_default(),
        identities: account.identities.into_iter().map(shown::identity).collect(),
    })
}
