//! People by the hundred: their accounts are written as registering writes them, without a password hash for each.

use app::accounts::SignInDesk;
use app::tokens::Actor;
use benches::support::{Bench, Person, Phone, now};
use domain::person::{Email, Username};
use domain::{SessionId, UserId};
use serde_json::json;
use store::sessions::SessionRecord;
use store::users::{Registered, SettingsRecord, UserRecord, register};
use uuid::Uuid;

/// Languages and countries of the people, in turn. The first of them sends, in English.
const PLACES: [(&str, &str); 8] =
    [("en", "US"), ("es", "ES"), ("fr", "FR"), ("de", "DE"), ("pt", "BR"), ("ja", "JP"), ("ar", "EG"), ("hi", "IN")];

/// A hash as Argon2id writes it, of no password.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXRoaW5nIHNhbHR5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// So many people, who read up to `languages` languages.
pub(crate) async fn people(bench: &Bench, count: usize, languages: usize) -> Vec<Person> {
    let desk: SignInDesk = bench.of("auth-login").await;
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        people.push(person(bench, &desk, number, PLACES[number % languages]).await);
    }
    people
}

async fn person(bench: &Bench, desk: &SignInDesk, number: usize, (language, country): (&str, &str)) -> Person {
    let (user, session) = (UserId::new(Uuid::new_v4()), SessionId::new(Uuid::new_v4()));
    let username = format!("alexandra.{number:04}");
    let email = format!("{username}@example.com");
    let now = now();
    let record = UserRecord {
        id: user.to_string(),
        email: email.clone(),
        username: username.clone(),
        display_name: format!("Alexandra Example {number:04}"),
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
    let claims = (&Email::parse(&email).unwrap(), &Username::parse(&username).unwrap());
    let done = register(&bench.table(), &user, claims, &record, &sign_in).await.unwrap();
    assert_eq!(done, Registered::Done);
    let actor = Actor { user, session };
    let token = desk.issuer.access_token(&actor, now).unwrap();
    Person { id: actor.user.to_string(), email, token, refresh_token: String::new(), actor }
}

/// The conversation of these people: a direct one of two, else a group that the first of them makes.
pub(crate) async fn conversation(bench: &Bench, people: &[Person]) -> String {
    let (creator, others) = people.split_first().unwrap();
    if let [other] = others {
        return bench.direct(creator, other).await;
    }
    let ids: Vec<_> = others.iter().map(|person| &person.id).collect();
    let body = json!({ "type": "group", "name": "Friends of the mountains", "participantIds": ids });
    bench.conversation(creator, &body).await
}

/// A connection of each.
pub(crate) async fn phones(bench: &Bench, people: &[Person]) -> Vec<Phone> {
    let mut phones = Vec::with_capacity(people.len());
    for person in people {
        phones.push(bench.phone(person).await);
    }
    phones
}
