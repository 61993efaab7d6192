//! People by the hundred: accounts written as registering writes them, without a password hash for each; and a crowd of
//! whom there is only what others read.

use std::collections::{BTreeMap, HashMap};

use app::accounts::SignInDesk;
use app::tokens::Actor;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use benches::people::person;
use benches::support::{Bench, Person, Phone};
use domain::{SessionId, Timestamp, UserId};
use store::presence::{Connection, Presence};
use uuid::Uuid;

/// Languages and countries of the people, in turn. The first of them sends, in English.
const PLACES: [(&str, &str); 8] =
    [("en", "US"), ("es", "ES"), ("fr", "FR"), ("de", "DE"), ("pt", "BR"), ("ja", "JP"), ("ar", "EG"), ("hi", "IN")];

type Item = HashMap<String, AttributeValue>;

/// Some time: one whose digits all count in an item's size.
pub(crate) const TIME: i64 = 1_790_294_508_123;

/// So many people, who read the first `languages` languages in turn; their usernames begin with a word.
pub(crate) async fn people(bench: &Bench, count: usize, languages: usize, word: &str) -> Vec<Person> {
    let desk: SignInDesk = bench.of("auth-login").await;
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        people.push(
            person(&bench.table(), &desk.issuer, &format!("{word}.{number:04}"), PLACES[number % languages]).await,
        );
    }
    people
}

/// So many people with a connection each, of whom there is nothing in the table but what others read: their presence.
/// They read the first `languages` languages in turn.
pub(crate) async fn crowd(bench: &Bench, count: usize, languages: usize) -> Vec<Phone> {
    let (mut phones, mut items) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for number in 0..count {
        let actor = Actor { user: UserId::new(ahead(number)), session: SessionId::new(Uuid::new_v4()) };
        let (email, token) = (String::new(), String::new());
        let person = Person { id: actor.user.to_string(), email, token, refresh_token: String::new(), actor };
        let mut phone = bench.unknown_phone(&person).await;
        // For a minute: what is being opened is not taken for gone.
        phone.since = Timestamp::from_millis(phone.since.millis() - 60_000);
        let (language, country) = PLACES[number % languages];
        items.push(item(&phone, number, language, country));
        phones.push(phone);
    }
    let table = bench.table();
    // DynamoDB takes 25 at a time.
    for some in items.chunks(25) {
        let puts = some.iter().map(|item| PutRequest::builder().set_item(Some(item.clone())).build().expect("an item"));
        let puts = puts.map(|put| WriteRequest::builder().put_request(put).build()).collect();
        table.client().batch_write_item().request_items(table.name(), puts).send().await.expect("25 items");
    }
    phones
}

/// An id that comes before those of all accounts: which of a conversation's members are on the first page of it, and so
/// how many are read besides, is the same in every run.
fn ahead(number: usize) -> Uuid {
    let (random, number) = (Uuid::new_v4().as_u128(), u128::try_from(number).expect("a number"));
    Uuid::from_u128(number << 80 | random & ((1 << 80) - 1))
}

/// The presence of somebody who is there.
fn item(phone: &Phone, number: usize, language: &str, country: &str) -> Item {
    let (since, until) = (phone.since.millis(), Some(phone.until.millis()));
    let connection = Connection { since, until, session: phone.actor.session.to_string(), viewing: None };
    let presence = Presence {
        id: phone.actor.user.to_string(),
        username: format!("alexandra.{number:04}"),
        display_name: format!("Alexandra Example {number:04}"),
        avatar_url: None,
        language: language.to_owned(),
        country: country.to_owned(),
        connections: BTreeMap::from([(phone.connection.to_string(), connection)]),
        seen_at: Some(TIME),
        availability: None,
        told: Some("online".to_owned()),
        told_at: Some(TIME),
        push_at: None,
        notifications_off: false,
        sound_off: false,
    };
    let key = store::keys::presence(&phone.actor.user);
    let mut item: Item = serde_dynamo::to_item(&presence).expect("an item");
    item.extend([("PK", key.pk), ("SK", key.sk)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value))));
    item
}
