//! Friends: asking, accepting, declining, parting.

use domain::friendship::Tie;
use domain::{Timestamp, UserId};
use store::friends::{self, Block, FriendRecord, Standing};
use store::presence::Presence;
use store::{Consistency, Table, presence};
use wire::frame::Event;
use wire::friend::{AskedBody, FriendBody, FriendRequestView, FriendRequestsBody, FriendView, FriendsBody};
use wire::page::PageQuery;

use crate::broadcast::to_person;
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::seeing::Sight;
use crate::tokens::Actor;
use crate::views;

/// How often two people's standing is looked at again when it changed meanwhile.
const TRIES: usize = 5;

/// What came of asking somebody.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What the two are now.
    pub body: AskedBody,
    /// Whether this call made it so.
    pub is_new: bool,
}

/// Asks somebody for friendship. Who was asked by that person already accepts with it, so that of two who ask each other
/// at once both become friends. Whom the other one blocks finds nobody there (security D7).
pub async fn ask(table: &Table, push: &Push, actor: &Actor, other: &UserId, now: Timestamp) -> Result<Asked> {
    for _ in 0..TRIES {
        let standing = friends::standing(table, &actor.user, other).await?;
        let known = both(&standing)?;
        if standing.block == Some(Block::Own) {
            return Err(Error::Conflict("you have blocked this person"));
        }
        let is_new = match tie(standing.friend.as_ref())? {
            Some((Tie::Friends, _)) => return Err(Error::Conflict("you are friends already")),
            Some((Tie::Outgoing, since)) => return Ok(Asked { body: requested(known.1, since), is_new: false }),
            Some((Tie::Incoming, _)) => {
                if friends::accept(table, &actor.user, other, now).await? {
                    let friend = accepted(table, push, (actor, other), known, now).await?;
                    let body = AskedBody { status: "friends".to_owned(), request: None, friend: Some(friend) };
                    return Ok(Asked { body, is_new: true });
                }
                false
            }
            None => friends::ask(table, &actor.user, other, now).await?,
        };
        if is_new {
            let event = Event::FriendRequest { request: request(known.0, Tie::Incoming, now) };
            to_person(table, push, (other, known.1), &event, now).await?;
            return Ok(Asked { body: requested(known.1, now), is_new: true });
        }
    }
    Err(Error::Conflict("what you two are to each other is being changed"))
}

/// Accepts a request. Accepting it again changes nothing; 404 where there is none.
pub async fn accept(table: &Table, push: &Push, actor: &Actor, other: &UserId, now: Timestamp) -> Result<FriendBody> {
    for _ in 0..TRIES {
        let standing = friends::standing(table, &actor.user, other).await?;
        let known = both(&standing)?;
        match tie(standing.friend.as_ref())? {
            Some((Tie::Friends, since)) => return Ok(FriendBody { friend: friend(known.1, since, now) }),
            Some((Tie::Incoming, _)) if standing.block.is_none() => {
                if friends::accept(table, &actor.user, other, now).await? {
                    let friend = accepted(table, push, (actor, other), known, now).await?;
                    return Ok(FriendBody { friend });
                }
            }
            _ => return Err(Error::NotFound("Request")),
        }
    }
    Err(Error::Conflict("what you two are to each other is being changed"))
}

/// Declines a request; who asked is not told. 404 where there is none.
pub async fn decline(table: &Table, actor: &Actor, other: &UserId) -> Result<()> {
    if friends::part(table, &actor.user, other, Tie::Incoming).await? {
        Ok(())
    } else {
        Err(Error::NotFound("Request"))
    }
}

/// Ends a friendship, or takes a request back; the other one is not told. 404 where there is neither.
pub async fn remove(table: &Table, actor: &Actor, other: &UserId) -> Result<()> {
    for tie in [Tie::Friends, Tie::Outgoing] {
        if friends::part(table, &actor.user, other, tie).await? {
            return Ok(());
        }
    }
    Err(Error::NotFound("Friend"))
}

/// One page of the caller's friends, with how much each is there.
pub async fn list(table: &Table, actor: &Actor, query: &PageQuery, now: Timestamp) -> Result<FriendsBody> {
    let (found, next_cursor) = page(table, actor, &[Tie::Friends], query).await?;
    let friends = found.iter().map(|(record, face)| friend_of(record, face.as_ref(), now));
    Ok(FriendsBody { friends: friends.collect(), next_cursor })
}

/// One page of the requests to and from the caller that nobody has answered.
pub async fn requests(table: &Table, actor: &Actor, query: &PageQuery) -> Result<FriendRequestsBody> {
    let (found, next_cursor) = page(table, actor, &[Tie::Incoming, Tie::Outgoing], query).await?;
    let view = |(record, face): &(FriendRecord, Option<Presence>)| FriendRequestView {
        user: views::participant(&record.user, face.as_ref()),
        direction: record.tie.clone(),
        created_at: Timestamp::from_millis(record.since).to_string(),
    };
    Ok(FriendRequestsBody { requests: found.iter().map(view).collect(), next_cursor })
}

type Page = (Vec<(FriendRecord, Option<Presence>)>, Option<String>);

async fn page(table: &Table, actor: &Actor, ties: &[Tie], query: &PageQuery) -> Result<Page> {
    let (size, after) = query.check(|text| UserId::parse(text).ok())?;
    let (found, more) = friends::page(table, &actor.user, ties, after.as_ref(), size).await?;
    let ids = found.iter().map(FriendRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let mut faces = presence::of(table, &ids, Consistency::Eventual).await?;
    let next = found.last().filter(|_| more).map(|record| record.user.clone());
    let found = found.into_iter().zip(&ids).map(|(record, id)| (record, faces.remove(id)));
    Ok((found.collect(), next))
}

/// Two people: the caller and the other one.
type Both<'a> = (&'a Presence, &'a Presence);

/// What is known of both. Who does not exist, or blocks the caller, is not there.
fn both(standing: &Standing) -> Result<Both<'_>> {
    let own = standing.own.as_ref().ok_or(Error::Unauthorized("the account is gone"))?;
    let there = standing.other.as_ref().filter(|_| standing.block != Some(Block::Theirs));
    Ok((own, there.ok_or(Error::NotFound("User"))?))
}

fn tie(record: Option<&FriendRecord>) -> Result<Option<(Tie, Timestamp)>> {
    let read = |record: &FriendRecord| Ok((record.tie()?, Timestamp::from_millis(record.since)));
    record.map(read).transpose()
}

/// Tells who had asked that they are friends now.
async fn accepted(
    table: &Table,
    push: &Push,
    (_, other): (&Actor, &UserId),
    known: Both<'_>,
    now: Timestamp,
) -> Result<FriendView> {
    let event = Event::FriendAccepted { friend: Box::new(friend(known.0, now, now)) };
    to_person(table, push, (other, known.1), &event, now).await?;
    Ok(friend(known.1, now, now))
}

fn requested(other: &Presence, since: Timestamp) -> AskedBody {
    let request = request(other, Tie::Outgoing, since);
    AskedBody { status: "requested".to_owned(), request: Some(*request), friend: None }
}

fn request(other: &Presence, direction: Tie, since: Timestamp) -> Box<FriendRequestView> {
    Box::new(FriendRequestView {
        user: views::participant(&other.id, Some(other)),
        direction: direction.as_str().to_owned(),
        created_at: since.to_string(),
    })
}

fn friend(other: &Presence, since: Timestamp, now: Timestamp) -> FriendView {
    let record = FriendRecord { user: other.id.clone(), tie: Tie::Friends.as_str().to_owned(), since: since.millis() };
    friend_of(&record, Some(other), now)
}

fn friend_of(record: &FriendRecord, face: Option<&Presence>, now: Timestamp) -> FriendView {
    let shown = views::participant(&record.user, face);
    let sight = face.map_or(Sight::NOTHING, |face| Sight::of(face, now));
    FriendView {
        id: shown.id,
        user_id: shown.user_id,
        username: shown.username,
        display_name: shown.display_name,
        name: shown.name,
        avatar_url: shown.avatar_url,
        preferred_language: shown.preferred_language,
        status: sight.availability.as_str().to_owned(),
        is_online: sight.is_online(),
        last_seen: sight.last_seen,
        friends_since: Timestamp::from_millis(record.since).to_string(),
    }
}
