//! The end of an account, and the erasure of everything that is kept about its owner.
//!
//! From its end on nobody signs in to an account, and its address and name are free. What is kept about the person is
//! erased by a function of its own, which goes on where it was interrupted; messages stay as of a deleted user (decision
//! 22).

mod places;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::attachment::AttachmentKey;
use domain::{ConversationId, Problems, Timestamp, UserId};
use futures_util::future::{join_all, try_join_all};
use serde::{Deserialize, Serialize};
use store::erasing::{self, Mark, Place};
use store::members::{self, MemberRecord};
use store::presence::{self, Presence};
use store::redaction::{self, Page};
use store::users::{self, UserRecord};
use store::{Consistency, Table, live, sessions};

use crate::attendance;
use crate::audit::{Deed, did};
use crate::delivery::Push;
use crate::ending::Cleaner;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::invoking::Invoker;
use crate::limits::OF_PEOPLE;
use crate::passwords;
use crate::tokens::Actor;

/// How long a sign-in is proof enough for somebody who signs in elsewhere.
const RECENT: Duration = Duration::from_mins(10);
/// How often an account is looked at again that is changed at the same moment.
const TRIES: usize = 4;
/// After that time nobody is at it any more: what is still marked was interrupted.
const INTERRUPTED: Duration = Duration::from_mins(20);
/// Interrupted ones that one invocation finishes.
const FINISHED: usize = 10;

/// Asks for the erasure of people whose accounts were deleted.
#[derive(Debug, Clone)]
pub struct Eraser(Invoker);

/// Whom to erase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Erasing {
    /// `user_…`; absent for those alone whose erasure was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

impl Eraser {
    /// By the function that this begins.
    pub fn new(invoker: Invoker) -> Self {
        Self(invoker)
    }

    /// Asks. What is not taken is marked, and finished with the next.
    async fn ask(&self, user: Option<&UserId>) {
        self.0.begin(&Erasing { user_id: user.map(ToString::to_string) }).await;
    }
}

/// What erasing works with.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The table.
    pub table: Table,
    /// The bucket.
    pub files: Files,
    /// The live connections.
    pub push: Push,
    /// Clears conversations that end with their last member.
    pub cleaner: Cleaner,
    /// Goes on in another invocation.
    pub eraser: Eraser,
    /// Pages of conversations that one invocation reads.
    pub pages: usize,
    /// How long the functions run that the person could have begun: so long after the end of the account something of
    /// theirs may still be written.
    pub settled: Duration,
}

/// Deletes the caller's account: with the password, or, where the person signs in elsewhere too, within minutes of a
/// sign-in. At once all its tokens are void, its sockets closed, its address and its name free.
pub async fn delete(
    table: &Table,
    push: &Push,
    eraser: &Eraser,
    actor: &Actor,
    password: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    for _ in 0..TRIES {
        let account = users::by_id(table, &actor.user).await?.ok_or(Error::Unauthorized("the account is gone"))?;
        prove(table, actor, &account, password, now).await?;
        if erasing::begin(table, &actor.user, &account, now).await? {
            did(Some(&actor.user), Deed::AccountDeleted).session(&actor.session).note();
            end_sessions(table, &actor.user, now).await?;
            vanish(table, push, &actor.user, now).await?;
            eraser.ask(Some(&actor.user)).await;
            return Ok(());
        }
    }
    Err(Error::Conflict("the account is being changed at the same time"))
}

async fn prove(
    table: &Table,
    actor: &Actor,
    account: &UserRecord,
    password: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    if let Some(typed) = password {
        let proven = passwords::matches(typed, account.password_hash.as_deref());
        return if proven { Ok(()) } else { Err(Error::InvalidCredentials) };
    }
    if account.identities.is_empty() {
        return Err(Problems::one("password", "is required").into());
    }
    let session = sessions::get(table, &actor.user, &actor.session, now).await?;
    let recent = session.is_some_and(|session| Timestamp::from_millis(session.created_at).plus(RECENT) >= now);
    if recent { Ok(()) } else { Err(Error::Forbidden("sign in again first: the last time was too long ago")) }
}

/// Refresh tokens work no more. Access tokens do not either: what would let them through went with the account.
async fn end_sessions(table: &Table, user: &UserId, now: Timestamp) -> Result<()> {
    let all = sessions::of_user(table, user, now).await?;
    let ids: Vec<_> = all.iter().filter_map(|session| domain::SessionId::parse(&session.id).ok()).collect();
    try_join_all(ids.iter().map(|id| sessions::delete(table, user, id))).await.map(drop)?;
    Ok(())
}

/// Nobody sees the person any more, who is not connected any more.
async fn vanish(table: &Table, push: &Push, user: &UserId, now: Timestamp) -> Result<()> {
    let Some(presence) = forget_connections(table, user).await? else { return Ok(()) };
    join_all(presence.oldest_first().iter().map(|connection| push.close(&connection.id))).await;
    attendance::vanished(table, push, user, &presence, now).await
}

/// Takes away what others see of the person, and whose the connections were; what it was.
async fn forget_connections(table: &Table, user: &UserId) -> Result<Option<Presence>> {
    let Some(presence) = presence::of(table, [user], Consistency::Strong).await?.remove(user) else { return Ok(None) };
    let connections = presence.oldest_first();
    try_join_all(connections.iter().map(|connection| live::forget(table, user, &connection.id))).await?;
    presence::remove(table, user).await?;
    Ok(Some(presence))
}

/// Erases what is kept about somebody whose account was deleted, if it is about anybody, and about some whose erasure was
/// interrupted, or never begun. What is more than one invocation reads is for another. Harmless to interrupt and to
/// repeat; whoever has an account is left alone.
pub async fn erase(erasure: &Erasure, user: Option<&UserId>, now: Timestamp) -> Result<()> {
    let mut pages = erasure.pages;
    let mut all = true;
    if let Some(user) = user {
        // On the heap: what all of this waits for together is more than a stack has.
        all = Box::pin(erase_one(erasure, user, &mut pages, now)).await?;
    }
    if all {
        let before = Timestamp::from_millis(now.millis() - i64::try_from(INTERRUPTED.as_millis()).unwrap_or(i64::MAX));
        let left = erasing::left_over(&erasure.table, before, FINISHED).await?;
        for user in &left {
            all = all && Box::pin(erase_one(erasure, user, &mut pages, now)).await?;
        }
        // Each of these is done now: whether there are more, the next one sees.
        all = all && left.len() < FINISHED;
    }
    if !all {
        tracing::info!("erasing goes on in another invocation");
        erasure.eraser.ask(user).await;
    }
    Ok(())
}

/// Whether nothing is left.
async fn erase_one(erasure: &Erasure, user: &UserId, pages: &mut usize, now: Timestamp) -> Result<bool> {
    let Erasure { table, files, .. } = erasure;
    let Some(mark) = erasing::mark(table, user).await? else { return Ok(true) };
    // Sockets that could not be closed any more: a frame over one of them does nothing and closes it.
    forget_connections(table, user).await?;
    Box::pin(places::leave(erasure, user, now)).await?;
    wait(erasure, &mark, now).await;
    // Somebody may have brought the person into a group at the last moment.
    Box::pin(places::leave(erasure, user, now)).await?;
    if !Box::pin(redact(erasure, user, &mark, pages)).await? {
        return Ok(false);
    }
    for prefix in [format!("profiles/{user}/"), format!("uploads/profiles/{user}/")] {
        files.remove_below(&prefix).await?;
    }
    for (scope, name) in OF_PEOPLE.iter().flat_map(|scope| mark.names.iter().map(move |name| (scope, name))) {
        erasing::forget_rates(table, scope, name).await?;
    }
    loop {
        let remains = erasing::remains(table, user, None).await?;
        let more = remains.goes_on();
        Box::pin(erasing::forget(table, user, remains)).await?;
        if !more {
            break;
        }
    }
    erasing::unmark(table, user).await?;
    did(Some(user), Deed::AccountErased).note();
    Ok(true)
}

/// Waits until nothing runs any more that the person began before the account ended.
async fn wait(erasure: &Erasure, mark: &Mark, now: Timestamp) {
    let left = mark.ended().plus(erasure.settled).millis() - now.millis();
    tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or_default())).await;
}

/// Takes the person out of the conversations that they are or were in. Whether all of them are done.
async fn redact(erasure: &Erasure, user: &UserId, mark: &Mark, pages: &mut usize) -> Result<bool> {
    let table = &erasure.table;
    for conversation in conversations(table, user).await? {
        let name = conversation.to_string();
        let mut after = match &mark.done {
            Some(done) if name < done.conversation => continue,
            Some(Place { conversation, after: None }) if name == *conversation => continue,
            Some(Place { conversation, after }) if name == *conversation => after.clone(),
            _ => None,
        };
        loop {
            let page = redaction::page(table, &conversation, user, after.as_deref()).await?;
            after.clone_from(&page.next);
            remove_unsent(&erasure.files, &page).await?;
            Box::pin(redaction::redact(table, user, page)).await?;
            *pages = pages.saturating_sub(1);
            if after.is_some() || *pages == 0 {
                erasing::note(table, user, &Place { conversation: name.clone(), after: after.clone() }).await?;
            }
            if *pages == 0 {
                return Ok(false);
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok(true)
}

/// The conversations that anything of the person's names, in the order of their ids.
pub(crate) async fn conversations(table: &Table, user: &UserId) -> Result<BTreeSet<ConversationId>> {
    let places = members::of_user(table, user).await?;
    let mut all = places.iter().map(MemberRecord::conversation).collect::<std::result::Result<BTreeSet<_>, _>>()?;
    let mut before = None;
    loop {
        let remains = erasing::remains(table, user, before).await?;
        all.extend(remains.conversations());
        if !remains.goes_on() {
            return Ok(all);
        }
        before = Some(remains);
    }
}

async fn remove_unsent(files: &Files, page: &Page) -> Result<()> {
    for record in &page.unsent {
        let key = AttachmentKey::parse(&record.key).map_err(|problem| Error::internal(problem.0))?;
        files.remove(&[&key.upload()]).await?;
    }
    Ok(())
}
