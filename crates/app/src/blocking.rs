//! Blocking people, and what a block keeps apart (security D7).
//!
//! What passes between two people alone ends, from either side: a new direct conversation, and in the one they have
//! messages, changes of messages, reactions, files, typing, and who has received and read what. Neither finds the other
//! by a search or brings the other into a group, and neither sees whether the other is there. In groups that others
//! brought them into, both read and write as everybody does.

use domain::{Problems, Timestamp, UserId};
use store::blocks::{self, BlockRecord};
use store::presence::{self, Presence};
use store::{Consistency, Table};
use wire::block::{BlockBody, BlockedBody, BlockedPerson};
use wire::page::PageQuery;

use crate::audit::{Deed, did};
use crate::error::{Error, Result};
use crate::tokens::Actor;
use crate::{opaque, views};

/// Blocks somebody. Blocking them again changes nothing, and nobody is told.
pub async fn block(table: &Table, actor: &Actor, user: &UserId, now: Timestamp) -> Result<BlockBody> {
    if *user == actor.user {
        return Err(Problems::one("userId", "must be somebody else").into());
    }
    let known = presence::of(table, [user], Consistency::Eventual).await?;
    if !known.contains_key(user) {
        return Err(Error::NotFound("User"));
    }
    blocks::block(table, &actor.user, user, now).await?;
    did(Some(&actor.user), Deed::Blocked).to(user).note();
    Ok(BlockBody { success: true, user_id: user.to_string() })
}

/// Blocks somebody no more; also whoever is not blocked, or is nobody.
pub async fn unblock(table: &Table, actor: &Actor, user: &UserId) -> Result<BlockBody> {
    blocks::unblock(table, &actor.user, user).await?;
    did(Some(&actor.user), Deed::Unblocked).to(user).note();
    Ok(BlockBody { success: true, user_id: user.to_string() })
}

/// Those whom the caller has blocked, page by page.
pub async fn blocked(table: &Table, actor: &Actor, query: &PageQuery) -> Result<BlockedBody> {
    let (size, after) = query.check(|text| UserId::parse(&opaque::read(text)?).ok())?;
    let (page, next) = blocks::page(table, &actor.user, after.as_ref(), size).await?;
    let users = page.iter().map(BlockRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let faces = presence::of(table, &users, Consistency::Eventual).await?;
    let people = page
        .iter()
        .zip(&users)
        .map(|(block, user)| blocked_person(&block.user, faces.get(user), block.blocked_at.unwrap_or_default()));
    Ok(BlockedBody { users: people.collect(), next_cursor: next.map(|user| opaque::written(&user.to_string())) })
}

fn blocked_person(id: &str, face: Option<&Presence>, since: i64) -> BlockedPerson {
    let person = views::participant(id, face);
    BlockedPerson {
        id: person.id,
        username: person.username,
        display_name: person.display_name,
        name: person.name,
        avatar_url: person.avatar_url,
        blocked_at: Timestamp::from_millis(since).to_string(),
    }
}

/// Why somebody cannot be reached because of a block, for whoever holds it. The blocker knows of it; to the other one the
/// blocker is nobody.
pub(crate) fn refusal(block: &BlockRecord) -> Error {
    if block.blocked_at.is_some() {
        Error::Forbidden("you have blocked this person: unblock them first")
    } else {
        Error::NotFound("User")
    }
}

/// Refuses to bring people together with whoever asks for it, if there is a block between them. A query.
pub(crate) async fn refuse_among(
    table: &Table,
    actor: &Actor,
    people: impl IntoIterator<Item = &UserId>,
) -> Result<()> {
    let blocks = blocks::among(table, &actor.user, people).await?;
    // What tells less comes first.
    let worst = blocks.values().min_by_key(|block| block.blocked_at.is_some());
    worst.map_or(Ok(()), |block| Err(refusal(block)))
}
