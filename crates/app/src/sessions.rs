//! Sessions: one for each sign-in, kept alive by refresh tokens that work once, ended one by one or together.

use std::time::Duration;

use domain::{SessionId, Timestamp, UserId};
use futures_util::future::try_join_all;
use store::sessions::{self, Exchanged, Rotation, SessionRecord};
use store::{Table, access};
use wire::auth::{SessionView, TokensBody};

use crate::accounts::SignInDesk;
use crate::audit::{Deed, did};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::tokens::{Actor, RefreshToken};
use crate::{devices, fresh, sockets};

/// How long the token that was used last still gives the one that it gave: for a client that lost the answer, or that
/// asked twice at once (security B5).
const GRACE: Duration = Duration::from_secs(30);

/// Exchanges a refresh token for the next pair of tokens. Each works once; of any number of exchanges at once one makes
/// the next token, and within [`GRACE`] the others get the same, so that one line is alive. A token that was used before
/// that is in two hands: the whole session ends (security B5).
pub async fn refresh(
    table: &Table,
    push: &Push,
    desk: &SignInDesk,
    token: &RefreshToken,
    now: Timestamp,
) -> Result<TokensBody> {
    let Actor { user, session: id } = &token.actor;
    let unknown = Error::InvalidRefreshToken("no such session");
    let Some(mut session) = sessions::get(table, user, id, now).await? else { return Err(unknown) };
    let used_hash = token.hash();
    if session.refresh_hash == used_hash {
        let salt = hex::encode(fresh::bytes::<32>()?);
        let next = token.next(&salt);
        let end = desk.lengths.end(session.remembered, Timestamp::from_millis(session.created_at), now);
        let rotation = Rotation { used_hash: used_hash.clone(), salt, at: now.millis() };
        match sessions::exchange(table, user, id, &rotation, &next.hash(), end).await? {
            Exchanged::Done => return tokens(desk, &next, now),
            Exchanged::Refused(as_it_is) => session = *as_it_is,
            Exchanged::Unknown => return Err(unknown),
        }
    }
    if let Some(next) = given_before(&session, token, now) {
        return tokens(desk, &next, now);
    }
    if session.family_hash != token.family_hash() {
        return Err(Error::InvalidRefreshToken("not a token of this session"));
    }
    tracing::warn!("a refresh token was used again: its session ends");
    did(Some(user), Deed::RefreshTokenReused).session(id).note();
    end(table, push, user, std::slice::from_ref(id), now).await?;
    Err(Error::InvalidRefreshToken("used before"))
}

/// What this token was exchanged for, if that was the last exchange, a moment ago, and is still the token that works.
fn given_before(session: &SessionRecord, token: &RefreshToken, now: Timestamp) -> Option<RefreshToken> {
    let rotation = session.rotation.as_ref()?;
    let recent = now <= Timestamp::from_millis(rotation.at).plus(GRACE);
    let next = token.next(&rotation.salt);
    (recent && rotation.used_hash == token.hash() && session.refresh_hash == next.hash()).then_some(next)
}

fn tokens(desk: &SignInDesk, next: &RefreshToken, now: Timestamp) -> Result<TokensBody> {
    Ok(TokensBody {
        access_token: desk.issuer.access_token(&next.actor, now)?,
        refresh_token: next.text(),
        expires_in: desk.issuer.access_seconds,
    })
}

/// The caller's sessions, the one used last first.
pub async fn list(table: &Table, actor: &Actor, now: Timestamp) -> Result<Vec<SessionView>> {
    let mut all = sessions::of_user(table, &actor.user, now).await?;
    all.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
    Ok(all.into_iter().map(|session| view(session, actor)).collect())
}

/// A session as its person sees it.
pub(crate) fn view(session: SessionRecord, actor: &Actor) -> SessionView {
    SessionView {
        current: session.id == actor.session.to_string(),
        created_at: Timestamp::from_millis(session.created_at).to_string(),
        last_used_at: Timestamp::from_millis(session.last_used_at).to_string(),
        expires_at: session.expires().to_string(),
        device: session.device,
        id: session.id,
    }
}

/// Ends one of the caller's sessions.
pub async fn revoke(table: &Table, push: &Push, actor: &Actor, session: &SessionId, now: Timestamp) -> Result<()> {
    if sessions::get(table, &actor.user, session, now).await?.is_none() {
        return Err(Error::NotFound("Session"));
    }
    end(table, push, &actor.user, std::slice::from_ref(session), now).await?;
    did(Some(&actor.user), Deed::SessionRevoked).session(session).note();
    Ok(())
}

/// Ends the caller's session, or all of them.
pub async fn logout(table: &Table, push: &Push, actor: &Actor, all: bool, now: Timestamp) -> Result<()> {
    let mut ids = if all { of(table, &actor.user, now).await? } else { Vec::new() };
    // Its access token must not outlive this, also where the session itself is gone.
    if !ids.contains(&actor.session) {
        ids.push(actor.session.clone());
    }
    end(table, push, &actor.user, &ids, now).await?;
    for session in &ids {
        did(Some(&actor.user), Deed::LoggedOut).session(session).note();
    }
    Ok(())
}

/// Ends all sessions of a person but the one that is kept.
pub(crate) async fn end_others(
    table: &Table,
    push: &Push,
    user: &UserId,
    kept: Option<&SessionId>,
    now: Timestamp,
) -> Result<()> {
    let mut ids = of(table, user, now).await?;
    ids.retain(|id| Some(id) != kept);
    if ids.is_empty() { Ok(()) } else { end(table, push, user, &ids, now).await }
}

async fn of(table: &Table, user: &UserId, now: Timestamp) -> Result<Vec<SessionId>> {
    let all = sessions::of_user(table, user, now).await?;
    Ok(all.iter().filter_map(|session| SessionId::parse(&session.id).ok()).collect())
}

/// Ends sessions: their refresh tokens work no more, then their access tokens; their devices are told nothing any more,
/// and their sockets close (security B8).
pub(crate) async fn end(table: &Table, push: &Push, user: &UserId, ids: &[SessionId], now: Timestamp) -> Result<()> {
    try_join_all(ids.iter().map(|id| sessions::delete(table, user, id))).await?;
    access::end(table, user, ids, now).await?;
    devices::end_with(table, user, ids).await?;
    sockets::close(table, push, user, ids, now).await
}
