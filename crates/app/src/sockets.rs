//! Live connections: opening, closing, and how many a person may have.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{SessionId, Timestamp, UserId};
use futures_util::future::{join_all, try_join_all};
use store::{Consistency, Live, Table, live, presence, sessions, tickets};

use crate::attendance;
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::fresh;
use crate::tokens::{Actor, Admission, fingerprint};

/// How long a ticket is good for (contract, `auth-ws-ticket`).
pub const TICKET: Duration = Duration::from_secs(30);

/// A ticket with which one socket can be opened, once, within seconds: in the address of a socket it is worth nothing to
/// whoever finds it in a log. It begins with its owner's id, so that it is kept with everything else of that person. The
/// socket may be used as long as the token that the ticket was asked for with.
pub async fn ticket(table: &Table, Admission { actor, until }: &Admission, now: Timestamp) -> Result<String> {
    let ticket = format!("{}.{}", actor.user, URL_SAFE_NO_PAD.encode(fresh::bytes::<32>()?));
    tickets::put(table, &fingerprint(&ticket), (&actor.user, &actor.session), *until, now.plus(TICKET)).await?;
    Ok(ticket)
}

/// Whose ticket this is, the first time it is asked in time.
pub async fn redeem(table: &Table, ticket: &str, now: Timestamp) -> Result<Admission> {
    let owner = ticket.split_once('.').and_then(|(user, _)| UserId::parse(user).ok());
    let user = owner.ok_or(Error::Unauthorized("the ticket is malformed"))?;
    let taken = tickets::take(table, &user, &fingerprint(ticket), now).await?;
    let (session, until) = taken.ok_or(Error::Unauthorized("the ticket is unknown, used or too old"))?;
    Ok(Admission { actor: Actor { user, session }, until })
}

/// Notes a new connection. A person has at most `limit` of them: one more closes the oldest (contract, `ws-authorizer`).
pub async fn connect(
    table: &Table,
    push: &Push,
    Actor { user, session }: &Actor,
    connection: &Live,
    limit: usize,
    now: Timestamp,
) -> Result<()> {
    // Whoever has a token of a session that ended long ago does not even seem to have been there (security C1).
    if sessions::get(table, user, session, now).await?.is_none() {
        return Err(Error::Unauthorized("the session has ended"));
    }
    let known = presence::connect(table, (user, session), connection).await?;
    let presence = known.ok_or(Error::Unauthorized("the account is gone"))?;
    // Noted first and looked again: a session that ends meanwhile either closes this connection or is seen here to have
    // ended (security B8).
    if sessions::get(table, user, session, now).await?.is_none() {
        presence::disconnect(table, user, connection, now).await?;
        return Err(Error::Unauthorized("the session has ended"));
    }
    // Before the handshake is over, so before anything can be posted to it: whoever had the same id and is still noted
    // with it, because their goodbye was lost, would have their messages read by this person (security C12).
    if let Some((owner, before)) = live::claim(table, user, connection).await? {
        presence::lose(table, &owner, &before, now).await?;
    }
    let mut others = presence.oldest_first();
    others.retain(|other| other.id != connection.id);
    let surplus = others.len().saturating_sub(limit.saturating_sub(1));
    others.truncate(surplus);
    for oldest in &others {
        push.close(&oldest.id).await;
    }
    // Closing one makes it say goodbye itself; one that was dead already does not.
    forget(table, user, &others, now).await?;
    attendance::arrived(table, push, user, &presence, now).await;
    Ok(())
}

/// Closes the connections that these sessions opened.
pub(crate) async fn close(
    table: &Table,
    push: &Push,
    user: &UserId,
    sessions: &[SessionId],
    now: Timestamp,
) -> Result<()> {
    let known = presence::of(table, [user], Consistency::Strong).await?;
    let connections = known.get(user).map(|presence| presence.opened_by(sessions)).unwrap_or_default();
    join_all(connections.iter().map(|connection| push.close(&connection.id))).await;
    forget(table, user, &connections, now).await
}

async fn forget(table: &Table, user: &UserId, connections: &[Live], now: Timestamp) -> Result<()> {
    let forgotten = connections.iter().map(|connection| presence::lose(table, user, connection, now));
    Ok(try_join_all(forgotten).await.map(drop)?)
}

/// Forgets a connection that was closed, and tells others if it was the last ([`attendance::departed`]).
pub async fn disconnect(
    table: &Table,
    push: &Push,
    user: &UserId,
    connection: &Live,
    settled: Duration,
    now: Timestamp,
) -> Result<()> {
    match presence::disconnect(table, user, connection, now).await? {
        Some(presence) => attendance::departed(table, push, user, &presence, settled, now).await,
        None => Ok(()),
    }
}
