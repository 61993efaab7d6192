//! People whose accounts are written as registering writes them, without a password hash for each.

use app::tokens::{Actor, Issuer};
use domain::person::{Email, Username};
use domain::{SessionId, UserId};
use store::Table;
use store::sessions::SessionRecord;
use store::users::{Registered, SettingsRecord, UserRecord, register};
use uuid::Uuid;

use crate::support::{Person, now};

/// A hash as Argon2id writes it, of no password.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXRoaW5nIHNhbHR5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Somebody with an account and a session; the access token is `issuer`'s.
pub async fn person(table: &Table, issuer: &Issuer, username: &str, (language, country): (&str, &str)) -> Person {
    let (user, session) = (UserId::new(Uuid::new_v4()), SessionId::new(Uuid::new_v4()));
    let email = format!("{username}@example.com");
    let now = now();
    let record = UserRecord {
        id: user.to_string(),
        email: email.clone(),
        username: username.to_owned(),
        display_name: format!("Alexandra {username}"),
        language: language.to_owned(),
        country: country.to_owned(),
        password_hash: Some(HASH.to_owned()),
        email_verified: false,
        identities: Vec::new(),
        avatar_url: None,
        profile_picture: None,
        picture_key: None,
        bio: None,
        settings: SettingsRecord::default(),
        created_at: now.millis(),
    };
    let sign_in = SessionRecord {
        id: session.to_string(),
        family_hash: "0".repeat(64),
        refresh_hash: "0".repeat(64),
        rotation: None,
        remembered: false,
        device: Some("okhttp/4.12.0".to_owned()),
        created_at: now.millis(),
        last_used_at: now.millis(),
        expires_at: now.seconds() + 30 * 24 * 60 * 60,
    };
    let claims = (&Email::parse(&email).unwrap(), &Username::parse(username).unwrap());
    let done = register(table, &user, claims, &record, &sign_in).await.unwrap();
    assert_eq!(done, Registered::Done);
    let actor = Actor { user, session };
    let token = issuer.access_token(&actor, now).unwrap();
    Person { id: actor.user.to_string(), email, token, refresh_token: String::new(), actor }
}
