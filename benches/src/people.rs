//! People whose accounts are written as registering writes them, without a password hash for each.

use std::time::Duration;

use app::accounts::{SessionLength, SignInDesk, new_account};
use app::tokens::{Actor, Issuer};
use domain::person::{DisplayName, Email, Username};
use domain::{Country, Language, SessionId, UserId};
use store::Table;
use store::users::{Registered, UserRecord, register};
use uuid::Uuid;

use crate::support::{Person, now};

/// A hash as Argon2id writes it, of no password.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXRoaW5nIHNhbHR5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Somebody with an account and a session; the access token is `issuer`'s.
pub async fn person(table: &Table, issuer: &Issuer, username: &str, (language, country): (&str, &str)) -> Person {
    let (user, session) = (UserId::new(Uuid::new_v4()), SessionId::new(Uuid::new_v4()));
    let actor = Actor { user, session };
    let email = Email::parse(&format!("{username}@example.com")).unwrap();
    let now = now();
    let (name, shown) = (Username::parse(username).unwrap(), format!("Alexandra {username}"));
    let reads = (&Language::parse(language).unwrap(), &Country::parse(country).unwrap());
    let account = new_account(&actor.user, (&email, &name), &DisplayName::parse(&shown).unwrap(), reads, now);
    let record = UserRecord { password_hash: Some(HASH.to_owned()), ..account };
    let month = Duration::from_hours(30 * 24);
    let lengths = SessionLength { ordinary: month, remembered: month, most: 12 * month };
    let desk = SignInDesk { issuer: issuer.clone(), lengths };
    let (refresh_token, sign_in) = desk.session(&actor, false, Some("okhttp/4.12.0".to_owned()), now).unwrap();
    let done = register(table, &actor.user, (&email, &name), &record, &sign_in).await.unwrap();
    assert_eq!(done, Registered::Done);
    let token = issuer.access_token(&actor, now).unwrap();
    Person { id: actor.user.to_string(), email: email.to_string(), token, refresh_token, actor }
}
