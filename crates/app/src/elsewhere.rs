//! Signing in as somebody whom a provider vouches for.
//!
//! An account is found by issuer and subject and by nothing else (security A4). An address that the provider has
//! verified leads to an account once: to make it, or to link it with proof (security A3, A5).

use domain::conversation::PictureUrl;
use domain::person::{DisplayName, Email, Username};
use domain::{Country, Language, Timestamp, UserId};
use store::users::{OldPassword, Registered, UserRecord};
use store::{Table, access, users};
use wire::auth::SignedInBody;

use crate::accounts::{self, SignInDesk};
use crate::audit::{Deed, did};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::identity::Verified;
use crate::tokens::Actor;
use crate::{fresh, passwords, sessions};

/// How often the accounts are looked at again because somebody changed them meanwhile.
const TRIES: usize = 4;

/// What the client says besides the token. It proves nothing but for the password.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Name for a new account, where the token has none: Apple tells it to the client alone.
    pub name: Option<DisplayName>,
    /// Picture for a new account, where the token has none.
    pub picture: Option<PictureUrl>,
    /// Password of the account that has the address already.
    pub password: Option<String>,
    /// What the device calls itself.
    pub device: Option<String>,
}

/// Somebody who is signed in now.
#[derive(Debug)]
pub struct Arrival {
    /// The account and its tokens.
    pub signed_in: SignedInBody,
    /// Whether the account was made by this.
    pub is_new: bool,
}

/// Signs somebody in. The account is the one of this identity; else a new one; else the one that has the verified
/// address, if the password is given with it, or if the provider hands out that address itself. In the latter case
/// password and sessions that the account had do not survive: whoever had them never proved that the address was theirs
/// (security A5).
pub async fn sign_in(
    table: &Table,
    push: &Push,
    desk: &SignInDesk,
    person: &Verified,
    said: &Said,
    now: Timestamp,
) -> Result<Arrival> {
    for _ in 0..TRIES {
        if let Some(account) = users::by_identity(table, &person.identity).await? {
            return enter(table, desk, &account, said, now).await;
        }
        let email = person.email.as_ref().ok_or(Error::Forbidden("the provider has not verified an email address"))?;
        let Some(account) = users::by_email(table, email).await? else {
            match register(table, desk, person, email, said, now).await? {
                Some(arrival) => return Ok(arrival),
                None => continue,
            }
        };
        if link(table, push, &account, person, said, now).await? {
            return enter(table, desk, &account, said, now).await;
        }
    }
    Err(Error::Conflict("the account is being changed at the same time"))
}

/// Signs in to an account that this identity opens.
async fn enter(table: &Table, desk: &SignInDesk, account: &UserRecord, said: &Said, now: Timestamp) -> Result<Arrival> {
    let user = UserId::parse(&account.id).map_err(|problem| Error::internal(problem.0))?;
    let actor = Actor { user, session: fresh::session() };
    let (refresh_token, session) = desk.session(&actor, false, said.device.clone(), now)?;
    store::sessions::put(table, &actor.user, &session).await?;
    // An account that is deleted at this moment is not opened again.
    if users::by_id(table, &actor.user).await?.is_none() {
        return Err(Error::Unauthorized("the account is gone"));
    }
    access::open(table, &actor.user, now).await?;
    did(Some(&actor.user), Deed::SignedIn).session(&actor.session).note();
    Ok(Arrival { signed_in: desk.signed_in(account, &actor, refresh_token, now)?, is_new: false })
}

/// Makes an account; nothing if address or identity have one by now.
async fn register(
    table: &Table,
    desk: &SignInDesk,
    person: &Verified,
    email: &Email,
    said: &Said,
    now: Timestamp,
) -> Result<Option<Arrival>> {
    let actor = Actor { user: fresh::user(), session: fresh::session() };
    let (refresh_token, session) = desk.session(&actor, false, said.device.clone(), now)?;
    let name = person.name.as_ref().or(said.name.as_ref());
    let source = name.map_or(email.as_str(), DisplayName::as_str);
    for username in Username::derive(source, u32::from_be_bytes(fresh::bytes()?)) {
        let picture = person.picture.as_ref().or(said.picture.as_ref());
        let shown = name.cloned().unwrap_or_else(|| DisplayName::from(&username));
        let reads = (&Language::default(), &Country::default());
        let record = UserRecord {
            email_verified: true,
            identities: vec![person.identity.clone()],
            avatar_url: picture.map(|picture| picture.as_str().to_owned()),
            ..accounts::new_account(&actor.user, (email, &username), &shown, reads, now)
        };
        match users::register(table, &actor.user, (email, &username), &record, &session).await? {
            Registered::Done => {
                did(Some(&actor.user), Deed::Registered).session(&actor.session).note();
                let signed_in = desk.signed_in(&record, &actor, refresh_token, now)?;
                return Ok(Some(Arrival { signed_in, is_new: true }));
            }
            Registered::EmailTaken | Registered::IdentityTaken => return Ok(None),
            Registered::UsernameTaken => {}
        }
    }
    Err(Error::UsernameExists)
}

/// Lets the identity open an account that has its address, with proof; whether the account still was as it was read.
async fn link(
    table: &Table,
    push: &Push,
    account: &UserRecord,
    person: &Verified,
    said: &Said,
    now: Timestamp,
) -> Result<bool> {
    let user = UserId::parse(&account.id).map_err(|problem| Error::internal(problem.0))?;
    if account.identities.iter().any(|known| known.issuer == person.identity.issuer) {
        return Err(Error::Conflict("the account with this email address belongs to somebody else at the provider"));
    }
    let proven = match &said.password {
        Some(typed) if passwords::matches(typed, account.password_hash.as_deref()) => true,
        Some(_) => return Err(Error::InvalidCredentials),
        None => false,
    };
    if proven {
        return Ok(users::link(table, &user, account, &person.identity, OldPassword::Keep).await?);
    }
    if !person.authoritative {
        return Err(Error::Conflict("an account with this email address exists: send its password along"));
    }
    // Before and after: so that nobody is let in who comes between, and none is left if this is interrupted.
    sessions::end_others(table, push, &user, None, now).await?;
    let linked = users::link(table, &user, account, &person.identity, OldPassword::Drop).await?;
    sessions::end_others(table, push, &user, None, now).await?;
    Ok(linked)
}
