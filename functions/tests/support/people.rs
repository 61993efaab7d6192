//! People who have an account.

use std::time::{SystemTime, UNIX_EPOCH};

use app::tokens::Actor;
use domain::{SessionId, Timestamp, UserId};
use edge::Guard;
use serde_json::{Value, json};
use store::Consistency;

use super::{Bench, post};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub token: String,
    pub refresh_token: String,
    pub actor: Actor,
}

/// The password of everybody here.
pub const PASSWORD: &str = "correct horse battery";

impl Bench {
    /// Registers somebody who reads this language, through the real handler.
    pub async fn person(&self, username: &str, language: &str) -> Person {
        self.person_in(username, language, "US").await
    }

    /// Registers somebody who reads this language and lives in this country.
    pub async fn person_in(&self, username: &str, language: &str, country: &str) -> Person {
        let email = format!("{username}@example.com");
        let body = json!({
            "email": email, "password": PASSWORD, "username": username,
            "preferredLanguage": language, "preferredCountry": country,
        });
        let services = self.of("auth-register").await;
        let answer = post("/api/auth/register", &body).to(&services, functions::auth::register::handle).await;
        let body = answer.expect(201);
        let token = text(&body["accessToken"]);
        let guard: Guard = self.of("auth-me").await;
        let actor = guard.verifier.verify(&token, now()).unwrap();
        Person { id: text(&body["user"]["id"]), email, token, refresh_token: text(&body["refreshToken"]), actor }
    }

    /// The same person, signed in once more through the real handler: another device.
    pub async fn sign_in_again(&self, person: &Person) -> Person {
        let services = self.of("auth-login").await;
        let body = json!({ "email": person.email, "password": PASSWORD });
        let answer = post("/api/auth/login", &body).to(&services, functions::auth::login::handle).await;
        let body = answer.expect(200);
        let token = text(&body["accessToken"]);
        let guard: Guard = self.of("auth-me").await;
        let actor = guard.verifier.verify(&token, now()).unwrap();
        Person { token, refresh_token: text(&body["refreshToken"]), actor, ..person.clone() }
    }

    /// Status of a call that anybody signed in may make, with this person's access token.
    pub async fn status_of(&self, person: &Person) -> i64 {
        let services = self.of("auth-me").await;
        super::get("/api/auth/me").bearer(&person.token).to(&services, functions::auth::me::handle).await.status
    }

    /// The direct conversation of two people, through the real handler.
    pub async fn direct(&self, one: &Person, other: &Person) -> String {
        self.conversation(one, &json!({ "type": "direct", "participantIds": [other.id] })).await
    }

    /// A new conversation, through the real handler.
    pub async fn conversation(&self, creator: &Person, body: &Value) -> String {
        let services = self.of("conversations-create").await;
        let call = post("/api/conversations", body).bearer(&creator.token);
        text(&call.to(&services, functions::conversations::create::handle).await.expect(201)["conversation"]["id"])
    }

    /// The live connections that are noted of somebody, the oldest first.
    pub async fn connections(&self, person: &Person) -> Vec<String> {
        let user = &person.actor.user;
        let presence = store::presence::of(&self.table(), [user], Consistency::Strong).await.unwrap();
        presence[user].oldest_first().iter().map(|connection| connection.id.to_string()).collect()
    }
}

impl Person {
    /// Somebody whose account is gone, or never was: nothing of theirs is in the table.
    pub fn nobody() -> Actor {
        let uuid = uuid::Uuid::from_u128(0x4000_8000_0000_0000_0000);
        Actor { user: UserId::new(uuid), session: SessionId::new(uuid) }
    }
}

/// A string in a body.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string")).to_owned()
}

/// The time now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}
