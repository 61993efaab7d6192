//! Blocking people, and what a block keeps apart (security D7).
//!
//! What passes between two people alone ends, from either side: a new direct conversation, and in the one they have
//! messages, changes of messages, reactions, files, typing, and who has received and read what. Neither finds the other
//! by a search or brings the other into a group, and neither sees whether the other is there. In groups that others
//! brought them into, both read and write as everybody does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Problem, Problems, Timestamp, UserId};
use store::blocks::{self, BlockRecord};
use store::presence::{self, Presence};
use store::{Consistency, Table};
use wire::block::{BlockBody, BlockedBody, BlockedPerson};
use wire::page::PageQuery;

use crate::error::{Error, Result};
use crate::tokens::Actor;
use crate::views;

/// People a page has at most, and unless asked for otherwise.
const LARGEST_PAGE: usize = 100;
const PAGE: usize = 50;

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
    Ok(BlockBody { success: true, user_id: user.to_string() })
}

/// Blocks somebody no more; also whoever is not blocked, or is nobody.
pub async fn unblock(table: &Table, actor: &Actor, user: &UserId) -> Result<BlockBody> {
    blocks::unblock(table, &actor.user, user).await?;
    Ok(BlockBody { success: true, user_id: user.to_string() })
}

/// Those whom the caller has blocked, page by page.
pub async fn blocked(table: &Table, actor: &Actor, query: &PageQuery) -> Result<BlockedBody> {
    let mut problems = Problems::new();
    let size = problems.allow("limit", query.limit.as_deref(), |text| match text.parse() {
        Ok(count) if (1..=LARGEST_PAGE).contains(&count) => Ok(count),
        _ => Err(Problem::new(format!("must be a whole number from 1 to {LARGEST_PAGE}"))),
    });
    let after = problems.allow("cursor", query.cursor.as_deref(), cursor);
    problems.finish(Some(()))?;

    let (page, next) = blocks::page(table, &actor.user, after.as_ref(), size.unwrap_or(PAGE)).await?;
    let users = page.iter().map(BlockRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let faces = presence::of(table, &users, Consistency::Eventual).await?;
    let people = page
        .iter()
        .zip(&users)
        .map(|(block, user)| blocked_person(&block.user, faces.get(user), block.blocked_at.unwrap_or_default()));
    Ok(BlockedBody { users: people.collect(), next_cursor: next.map(|user| URL_SAFE_NO_PAD.encode(user.to_string())) })
}

fn cursor(text: &str) -> std::result::Result<UserId, Problem> {
    let read = || UserId::parse(&String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?).ok();
    read().ok_or_else(|| Problem::new("must be what nextCursor gave"))
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
