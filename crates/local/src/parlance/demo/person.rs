//! Somebody with an account: HTTP requests, and a socket.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{Error, text};

/// A person who is signed in.
pub(crate) struct Person {
    /// `user_…`
    pub(crate) id: String,
    /// Username, new each time.
    pub(crate) username: String,
    http: String,
    token: String,
    client: reqwest::Client,
}

impl Person {
    /// Registers somebody new who reads `language`.
    pub(crate) async fn register(http: &str, name: &str, language: &str) -> Result<Self, Error> {
        let unique = &uuid::Uuid::new_v4().simple().to_string()[..8];
        let username = format!("{name}_{unique}");
        let body = json!({
            "email": format!("{username}@example.com"),
            "username": username,
            "password": format!("four random words {unique}"),
            "preferredLanguage": language,
        });
        let client = reqwest::Client::new();
        let request = client.post(format!("{http}/api/auth/register")).json(&body);
        let answer = answer(request).await?;
        let (id, token) = (text(&answer, "/user/id")?, text(&answer, "/accessToken")?);
        Ok(Self { id, username, http: http.to_owned(), token, client })
    }

    /// A GET request that succeeds.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Error> {
        answer(self.client.get(format!("{}{path}", self.http)).bearer_auth(&self.token)).await
    }

    /// A POST request that succeeds.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        answer(self.client.post(format!("{}{path}", self.http)).bearer_auth(&self.token).json(body)).await
    }

    /// Opens a socket.
    pub(crate) async fn connect(&self) -> Result<Socket, Error> {
        let url = format!("{}/?token={}", self.http.replacen("http", "ws", 1), self.token);
        Ok(Socket(tokio_tungstenite::connect_async(url).await?.0))
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, Error> {
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().clone());
    let body = response.text().await?;
    if !status.is_success() {
        return Err(format!("{url}: {status}: {body}").into());
    }
    Ok(serde_json::from_str(&body)?)
}

/// An open WebSocket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Sends an action.
    pub(crate) async fn send(&mut self, action: &str, data: &Value) -> Result<(), Error> {
        Ok(self.0.send(Message::text(json!({ "action": action, "data": data }).to_string())).await?)
    }

    /// Says goodbye.
    pub(crate) async fn close(mut self) -> Result<(), Error> {
        Ok(self.0.close(None).await?)
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Result<Value, Error> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text)?),
                Some(Ok(Message::Close(frame))) => return Err(format!("the socket was closed: {frame:?}").into()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err("the socket was closed".into()),
            }
        }
    }
}

/// The words that the reader of a message reads.
pub(crate) fn readable(message: &Value) -> String {
    let words = message["translatedContent"].as_str().or_else(|| message["originalContent"].as_str());
    words.unwrap_or("(nothing)").to_owned()
}

/// Whether the reader gets other words than the sender wrote.
pub(crate) fn is_translated(message: &Value) -> bool {
    message["translatedContent"].is_string() && message["translatedContent"] != message["originalContent"]
}

/// The words that the reader reads, with the original beside a translation.
pub(crate) fn told(message: &Value) -> String {
    match message["originalContent"].as_str() {
        Some(original) if is_translated(message) => format!("{}\n({original})", readable(message)),
        _ => readable(message),
    }
}
