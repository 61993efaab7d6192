//! Who speaks to the backend: nobody in particular, or a person who is signed in.

use std::ops::Deref;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::socket::Socket;

/// An HTTP client, with or without a token.
#[derive(Debug, Clone)]
pub struct Client {
    http: String,
    token: Option<String>,
    cookie: Option<String>,
    requests: reqwest::Client,
}

impl Client {
    /// Nobody in particular, at the backend of this address.
    pub fn anonymous(http: &str) -> Self {
        // Where an answer leads is for the test to see.
        let requests = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let requests = requests.build().expect("a client");
        Self { http: http.to_owned(), token: None, cookie: None, requests }
    }

    /// The same client with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same client with what a browser keeps (`Set-Cookie` as it came).
    #[must_use]
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { cookie: cookie.split(';').next().map(str::to_owned), ..self.clone() }
    }

    /// A request, for whatever has no method of its own here. The answer is not checked.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.requests.request(method, format!("{}{path}", self.http)).timeout(crate::PATIENCE);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request
    }

    async fn answer(&self, what: String, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        Answer::read(what, response).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.answer(format!("{method} {path} {body}"), self.request(method, path).json(body)).await
    }

    /// Whatever request, with a JSON body or without one, and the whole answer.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        match body {
            Some(body) => self.send(method, path, body).await,
            None => self.answer(format!("{method} {path}"), self.request(method, path)).await,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str, status: u16) -> Value {
        self.try_get(path).await.expect(status)
    }

    /// GET, with the whole answer. A redirect is not followed.
    pub async fn try_get(&self, path: &str) -> Answer {
        self.answer(format!("GET {path}"), self.request(Method::GET, path)).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        self.try_post(path, body).await.expect(status)
    }

    /// POST of a JSON body, with the whole answer.
    pub async fn try_post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: &Value, status: u16) -> Value {
        self.send(Method::PUT, path, body).await.expect(status)
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value, status: u16) -> Value {
        self.send(Method::PATCH, path, body).await.expect(status)
    }

    /// DELETE, without a body: not every HTTP library sends one.
    pub async fn delete(&self, path: &str, status: u16) -> Value {
        self.answer(format!("DELETE {path}"), self.request(Method::DELETE, path)).await.expect(status)
    }

    /// DELETE with a JSON body.
    pub async fn delete_with(&self, path: &str, body: &Value, status: u16) -> Value {
        self.send(Method::DELETE, path, body).await.expect(status)
    }

    /// POST of whatever text, said to be JSON.
    pub async fn post_text(&self, path: &str, body: impl Into<reqwest::Body>, status: u16) -> Value {
        let request = self.request(Method::POST, path).header("content-type", "application/json").body(body);
        self.answer(format!("POST {path} (text)"), request).await.expect(status)
    }

    /// Opens a WebSocket at `path` (`/`, or with the stage), with the token in the query.
    pub async fn open(&self, path: &str) -> Socket {
        self.try_open(path).await.unwrap_or_else(|status| panic!("the handshake at {path} was answered with {status}"))
    }

    /// The same, or the status with which the handshake was refused.
    pub async fn try_open(&self, path: &str) -> Result<Socket, u16> {
        let base = self.http.replacen("http", "ws", 1);
        let query = self.token.as_ref().map(|token| format!("?token={token}")).unwrap_or_default();
        Socket::open(&format!("{base}{path}{query}")).await
    }
}

/// A person with an account, signed in. Requests are sent with their token.
#[derive(Debug, Clone)]
pub struct Person {
    /// `user_…`
    pub id: String,
    /// Username.
    pub username: String,
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Access token.
    pub token: String,
    /// Refresh token.
    pub refresh_token: String,
    client: Client,
}

impl Deref for Person {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Person {
    /// Registers somebody new whose username begins with `name`, reading `language`.
    pub(crate) async fn register(client: &Client, name: &str, language: &str) -> Self {
        let unique = &uuid::Uuid::new_v4().simple().to_string()[..8];
        let username = format!("{name}_{unique}");
        let (email, password) = (format!("{username}@example.com"), format!("four random words {unique}"));
        let body = json!({ "email": email, "username": username, "password": password, "preferredLanguage": language });
        Self::arrived(client, &client.post("/api/auth/register", &body, 201).await, &password)
    }

    /// Whoever this answer signs in, to an account with this password (empty where it has none).
    pub fn arrived(client: &Client, answer: &Value, password: &str) -> Self {
        let text = |pointer: &str| {
            let found = answer.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_else(|| panic!("no {pointer} in {answer:#}")).to_owned()
        };
        let token = text("/accessToken");
        Self {
            id: text("/user/id"),
            username: text("/user/username"),
            email: text("/user/email"),
            password: password.to_owned(),
            refresh_token: text("/refreshToken"),
            client: client.with_token(&token),
            token,
        }
    }

    /// The same person, who signs in on one more device: another session.
    pub async fn on_another_device(&self) -> Self {
        let body = json!({ "email": self.email, "password": self.password });
        Self::arrived(&self.client, &self.client.post("/api/auth/login", &body, 200).await, &self.password)
    }

    /// Opens a WebSocket.
    pub async fn connect(&self) -> Socket {
        self.open("/").await
    }

    /// Opens a direct conversation with somebody, and gives its id.
    pub async fn direct(&self, other: &Person) -> String {
        self.conversation(&json!({ "type": "direct", "participantIds": [other.id] })).await
    }

    /// Opens a group with others, and gives its id.
    pub async fn group(&self, name: &str, others: &[&Person]) -> String {
        let ids: Vec<_> = others.iter().map(|other| &other.id).collect();
        self.conversation(&json!({ "type": "group", "name": name, "participantIds": ids })).await
    }

    async fn conversation(&self, body: &Value) -> String {
        let opened = self.try_post("/api/conversations", body).await;
        assert!(opened.status.is_success(), "{opened:?}");
        opened.body["conversation"]["id"].as_str().unwrap_or_else(|| panic!("{opened:?}")).to_owned()
    }

    /// The messages of a conversation, as the answer has them.
    pub async fn messages(&self, conversation: &str) -> Vec<Value> {
        let body = self.get(&format!("/api/conversations/{conversation}/messages"), 200).await;
        body["messages"].as_array().unwrap_or_else(|| panic!("{body:#}")).clone()
    }
}
