//! Accounts: making one, signing in to it, looking at it.

use std::time::Duration;

use domain::person::{DisplayName, Email, Registration, Username};
use domain::{Country, Language, Timestamp, UserId};
use store::users::{Registered, SettingsRecord, UserRecord};
use store::{Table, access, sessions, users};
use wire::auth::{PasswordChange, SignIn, SignInName, SignedInBody};
use wire::user::OwnProfile;

use crate::audit::{Deed, did};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::tokens::{Actor, Issuer, RefreshToken};
use crate::{fresh, passwords, views};

/// How long a session lasts unless it is used, by whether it was asked to last; and how long however it is used.
#[derive(Debug, Clone, Copy)]
pub struct SessionLength {
    /// Ordinarily.
    pub ordinary: Duration,
    /// With `rememberMe`.
    pub remembered: Duration,
    /// From its beginning, at most (security B5).
    pub most: Duration,
}

impl SessionLength {
    /// When a session ends that is used now, in seconds since the epoch.
    pub(crate) fn end(&self, remembered: bool, began: Timestamp, now: Timestamp) -> i64 {
        let unused = now.plus(if remembered { self.remembered } else { self.ordinary });
        unused.min(began.plus(self.most)).seconds()
    }
}

/// How people are signed in here.
#[derive(Clone)]
pub struct SignInDesk {
    /// Signs the tokens.
    pub issuer: Issuer,
    /// Session lengths.
    pub lengths: SessionLength,
}

/// Makes an account and signs its owner in. Address and username are claimed in the same transaction as the account is
/// written, so two at once cannot share either (security K4).
pub async fn register(
    table: &Table,
    desk: &SignInDesk,
    registration: &Registration,
    device: Option<String>,
    now: Timestamp,
) -> Result<SignedInBody> {
    let user = fresh::user();
    let password_hash = passwords::hash(&registration.password)?;
    let actor = Actor { user: user.clone(), session: fresh::session() };
    let (refresh_token, session) = desk.session(&actor, false, device, now)?;
    // More than one candidate only when no username was asked for and one is derived.
    for username in registration.candidate_usernames(u32::from_be_bytes(fresh::bytes()?)) {
        let shown = registration.shown_name(&username);
        let reads = (&registration.language, &registration.country);
        let record = UserRecord {
            password_hash: Some(password_hash.clone()),
            ..new_account(&user, (&registration.email, &username), &shown, reads, now)
        };
        let claims = (&registration.email, &username);
        match users::register(table, &user, claims, &record, &session).await? {
            Registered::Done => {
                did(Some(&user), Deed::Registered).session(&actor.session).note();
                return desk.signed_in(&record, &actor, refresh_token, now);
            }
            Registered::EmailTaken => return Err(Error::EmailExists),
            // Nobody registers with an identity here.
            Registered::UsernameTaken | Registered::IdentityTaken => {}
        }
    }
    Err(Error::UsernameExists)
}

/// An account as it is when it begins, with nothing yet to sign in by.
pub fn new_account(
    user: &UserId,
    (email, username): (&Email, &Username),
    shown: &DisplayName,
    (language, country): (&Language, &Country),
    now: Timestamp,
) -> UserRecord {
    UserRecord {
        id: user.to_string(),
        email: email.to_string(),
        username: username.to_string(),
        display_name: shown.as_str().to_owned(),
        language: language.as_str().to_owned(),
        country: country.as_str().to_owned(),
        password_hash: None,
        email_verified: false,
        identities: Vec::new(),
        avatar_url: None,
        profile_picture: None,
        picture_key: None,
        bio: None,
        settings: SettingsRecord::default(),
        created_at: now.millis(),
    }
}

/// Signs a person in. Unknown account and wrong password cannot be told apart, by words or by time (security B3).
pub async fn login(
    table: &Table,
    desk: &SignInDesk,
    sign_in: &SignIn,
    device: Option<String>,
    now: Timestamp,
) -> Result<SignedInBody> {
    let account = match &sign_in.name {
        SignInName::Email(email) => users::by_email(table, email).await?,
        SignInName::Username(username) => users::by_username(table, username).await?,
    };
    if account.is_none() {
        // As many reads as where there is an account: a few hundred tries tell one from two (security B3).
        users::by_id(table, &fresh::user()).await?;
    }
    let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
    let matches = passwords::matches(&sign_in.password, hash);
    let known = account.as_ref().and_then(|account| UserId::parse(&account.id).ok());
    let (Some(account), Some(user)) = (account.filter(|_| matches), known.clone()) else {
        did(known.as_ref(), Deed::SignInFailed).note();
        return Err(Error::InvalidCredentials);
    };
    let actor = Actor { user, session: fresh::session() };
    let (refresh_token, session) = desk.session(&actor, sign_in.remember, device, now)?;
    sessions::put(table, &actor.user, &session).await?;
    // The password may have been changed since it was read, and the sessions that there were then ended: this one was not
    // among them (security B8). Nobody gets its tokens, so nothing needs to be undone.
    let current = users::by_id(table, &actor.user).await?.and_then(|account| account.password_hash);
    if current != account.password_hash {
        return Err(Error::InvalidCredentials);
    }
    access::open(table, &actor.user, now).await?;
    did(Some(&actor.user), Deed::SignedIn).session(&actor.session).note();
    desk.signed_in(&account, &actor, refresh_token, now)
}

/// The caller's own account.
pub async fn me(table: &Table, actor: &Actor) -> Result<OwnProfile> {
    let account = users::by_id(table, &actor.user).await?.ok_or(Error::NotFound("User"))?;
    Ok(views::own_profile(&account))
}

/// Gives the caller another password, for the old one; the caller's other sessions end (security B8, B9).
pub async fn change_password(
    table: &Table,
    push: &Push,
    actor: &Actor,
    change: &PasswordChange,
    now: Timestamp,
) -> Result<()> {
    let account = users::by_id(table, &actor.user).await?.ok_or(Error::NotFound("User"))?;
    let Some(old_hash) = account.password_hash else {
        return Err(Error::Conflict("this account has no password: it signs in elsewhere"));
    };
    if !passwords::matches(&change.old, Some(&old_hash)) {
        did(Some(&actor.user), Deed::PasswordRefused).session(&actor.session).note();
        return Err(Error::InvalidCredentials);
    }
    let new_hash = passwords::hash(&change.new)?;
    if !users::change_password(table, &actor.user, &old_hash, &new_hash).await? {
        return Err(Error::Conflict("the password was changed at the same time"));
    }
    did(Some(&actor.user), Deed::PasswordChanged).session(&actor.session).note();
    crate::sessions::end_others(table, push, &actor.user, Some(&actor.session), now).await
}

/// Whether an address has an account.
pub async fn has_email(table: &Table, email: &Email) -> Result<bool> {
    Ok(users::has_email(table, email).await?)
}

impl SignInDesk {
    /// A session as it is when it begins, with the refresh token that continues it.
    pub fn session(
        &self,
        actor: &Actor,
        remembered: bool,
        device: Option<String>,
        now: Timestamp,
    ) -> Result<(String, sessions::SessionRecord)> {
        let token = RefreshToken::first(actor.clone())?;
        let record = sessions::SessionRecord {
            id: actor.session.to_string(),
            family_hash: token.family_hash(),
            refresh_hash: token.hash(),
            rotation: None,
            remembered,
            device: device.map(|name| name.chars().filter(|letter| !letter.is_control()).take(200).collect()),
            created_at: now.millis(),
            last_used_at: now.millis(),
            expires_at: self.lengths.end(remembered, now, now),
        };
        Ok((token.text(), record))
    }

    pub(crate) fn signed_in(
        &self,
        account: &UserRecord,
        actor: &Actor,
        refresh_token: String,
        now: Timestamp,
    ) -> Result<SignedInBody> {
        Ok(SignedInBody {
            user: views::own_profile(account),
            access_token: self.issuer.access_token(actor, now)?,
            refresh_token,
            expires_in: self.issuer.access_seconds,
        })
    }
}
