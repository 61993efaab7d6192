//! Groups, and what is done in them in passing: through the real handlers.

use serde_json::{Value, json};

use super::{Answer, Bench, Person, call, get};

/// A route of a conversation.
fn of(method: &str, conversation: &str, rest: &str, body: Option<&Value>) -> super::Call {
    let path = format!("/api/conversations/{conversation}{rest}");
    call(method, &path, body).path("conversationId", conversation)
}

impl Bench {
    /// A new group of these people.
    pub async fn group(&self, creator: &Person, others: &[&Person]) -> String {
        let ids: Vec<_> = others.iter().map(|person| &person.id).collect();
        self.conversation(creator, &json!({ "type": "group", "name": "Team", "participantIds": ids })).await
    }

    /// `conversations-get`.
    pub async fn details(&self, person: &Person, conversation: &str) -> Answer {
        let services = self.of("conversations-get").await;
        self.start_counting();
        let call = of("GET", conversation, "", None).bearer(&person.token);
        call.to(&services, functions::conversations::get::handle).await
    }

    /// The roles in a group, by username, as `conversations-get` tells them.
    pub async fn roles(&self, person: &Person, conversation: &str) -> Vec<(String, String)> {
        let body = self.details(person, conversation).await.expect(200);
        let people = body["conversation"]["participants"].as_array().unwrap().clone();
        let mut roles: Vec<_> =
            people.iter().map(|it| (super::text(&it["username"]), super::text(&it["role"]))).collect();
        roles.sort();
        roles
    }

    /// `participants-add`.
    pub async fn add(&self, admin: &Person, conversation: &str, people: &[&Person]) -> Answer {
        let ids: Vec<_> = people.iter().map(|person| &person.id).collect();
        self.add_body(admin, conversation, &json!({ "participantIds": ids })).await
    }

    /// `participants-add` with any body.
    pub async fn add_body(&self, admin: &Person, conversation: &str, body: &Value) -> Answer {
        let services = self.of("participants-add").await;
        self.start_counting();
        let call = of("POST", conversation, "/participants", Some(body)).bearer(&admin.token);
        call.to(&services, functions::participants::add::handle).await
    }

    /// `participants-remove`.
    pub async fn remove(&self, admin: &Person, conversation: &str, user: &str) -> Answer {
        let services = self.of("participants-remove").await;
        self.start_counting();
        let call = of("DELETE", conversation, &format!("/participants/{user}"), None).bearer(&admin.token);
        call.path("userId", user).to(&services, functions::participants::remove::handle).await
    }

    /// `participants-role`.
    pub async fn role(&self, admin: &Person, conversation: &str, user: &str, body: &Value) -> Answer {
        let services = self.of("participants-role").await;
        self.start_counting();
        let call = of("PATCH", conversation, &format!("/participants/{user}"), Some(body)).bearer(&admin.token);
        call.path("userId", user).to(&services, functions::participants::role::handle).await
    }

    /// Makes somebody an admin.
    pub async fn promote(&self, admin: &Person, conversation: &str, user: &Person) {
        self.role(admin, conversation, &user.id, &json!({ "role": "admin" })).await.expect(200);
    }

    /// `conversations-leave`.
    pub async fn leave(&self, person: &Person, conversation: &str) -> Answer {
        let services = self.of("conversations-leave").await;
        self.start_counting();
        let call = of("POST", conversation, "/leave", None).bearer(&person.token);
        call.to(&services, functions::conversations::leave::handle).await
    }

    /// `conversations-delete`, with what follows the path, and a body.
    pub async fn delete(&self, person: &Person, conversation: &str, query: &str, body: Option<&Value>) -> Answer {
        let services = self.of("conversations-delete").await;
        self.start_counting();
        let call = of("DELETE", conversation, query, body).bearer(&person.token);
        call.to(&services, functions::conversations::delete::handle).await
    }

    /// `conversations-update`.
    pub async fn update(&self, person: &Person, conversation: &str, body: &Value) -> Answer {
        let services = self.of("conversations-update").await;
        self.start_counting();
        let call = of("PATCH", conversation, "", Some(body)).bearer(&person.token);
        call.to(&services, functions::conversations::update::handle).await
    }

    /// `conversations-settings`.
    pub async fn settings(&self, person: &Person, conversation: &str, body: &Value) -> Answer {
        let services = self.of("conversations-settings").await;
        self.start_counting();
        let call = of("PATCH", conversation, "/settings", Some(body)).bearer(&person.token);
        call.to(&services, functions::conversations::settings::handle).await
    }

    /// `conversations-read`.
    pub async fn read(&self, person: &Person, conversation: &str, body: Option<&Value>) -> Answer {
        let services = self.of("conversations-read").await;
        self.start_counting();
        let call = of("POST", conversation, "/read", body).bearer(&person.token);
        call.to(&services, functions::conversations::read::handle).await
    }

    /// What the list shows of a conversation, if it is there.
    pub async fn listed(&self, person: &Person, conversation: &str) -> Option<Value> {
        let services = self.of("conversations-list").await;
        let call = get("/api/conversations").bearer(&person.token);
        let body = call.to(&services, functions::conversations::list::handle).await.expect(200);
        body["conversations"].as_array().unwrap().iter().find(|it| it["id"] == conversation).cloned()
    }
}
