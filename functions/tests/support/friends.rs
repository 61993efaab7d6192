//! Friends and reports, through the real handlers.

use serde_json::json;

use super::{Answer, Bench, Person, call, get};

impl Bench {
    /// `friends-request`.
    pub async fn befriend(&self, person: &Person, other: &Person) -> Answer {
        let services = self.of("friends-request").await;
        self.start_counting();
        let body = json!({ "friendId": other.id });
        let call = call("POST", "/api/friends/requests", Some(&body)).bearer(&person.token);
        call.to(&services, functions::friends::request::handle).await
    }

    /// `friends-accept`, `friends-decline` or `friends-remove`.
    pub async fn answer_friend(&self, function: &str, person: &Person, other: &str) -> Answer {
        let (method, path) = match function {
            "friends-remove" => ("DELETE", format!("/api/friends/{other}")),
            _ => ("POST", format!("/api/friends/requests/{other}/{}", &function["friends-".len()..])),
        };
        self.start_counting();
        self.http(function, call(method, &path, None).path("userId", other).bearer(&person.token)).await
    }

    /// `users-report`.
    pub async fn report(&self, person: &Person, other: &Person, body: &serde_json::Value) -> Answer {
        let path = format!("/api/users/{}/report", other.id);
        let call = call("POST", &path, Some(body)).path("userId", &other.id).bearer(&person.token);
        self.start_counting();
        self.http("users-report", call).await
    }

    /// Makes friends of two people.
    pub async fn friends(&self, one: &Person, other: &Person) {
        self.befriend(one, other).await.expect(201);
        self.answer_friend("friends-accept", other, &one.id).await.expect(200);
    }

    /// What two people are to each other, as each of them is told: `friends`, `incoming` or `outgoing`.
    pub async fn ties(&self, one: &Person, other: &Person) -> [Option<String>; 2] {
        [self.tie(one, other).await, self.tie(other, one).await]
    }

    async fn tie(&self, person: &Person, other: &Person) -> Option<String> {
        let ask = async |path, function| self.http(function, get(path).bearer(&person.token)).await.expect(200);
        let friends = ask("/api/friends", "friends-list").await;
        if friends["friends"].as_array().unwrap().iter().any(|friend| friend["id"] == other.id) {
            return Some("friends".to_owned());
        }
        let requests = ask("/api/friends/requests", "friends-requests").await;
        let mut requests = requests["requests"].as_array().unwrap().iter();
        Some(super::text(&requests.find(|request| request["user"]["id"] == other.id)?["direction"]))
    }

    /// Whether one of the two blocks the other in the table: the item that each of them holds.
    pub async fn note_block(&self, user: &Person, other: &Person) {
        let table = self.table();
        for (holder, about, since) in [(user, other, "blockedAt"), (other, user, "blockedByAt")] {
            let key = store::keys::block(&holder.actor.user, &about.actor.user);
            let text = |value: &str| aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
            let put = table.client().put_item().table_name(table.name()).item("PK", text(&key.pk));
            let put = put.item("SK", text(&key.sk)).item("user", text(&about.id));
            put.item(since, aws_sdk_dynamodb::types::AttributeValue::N("1".to_owned())).send().await.unwrap();
        }
    }
}
