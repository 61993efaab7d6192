//! A frame, or the beginning or end of a connection, as handlers see it.

use std::collections::HashMap;

use app::limits;
use app::tokens::Actor;
use domain::{ConnectionId, Problems, SessionId, Timestamp, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use store::Live;
use wire::frame::ClientFrame;

use crate::authorizer::BEARER_PROTOCOL;
use crate::failure::Failure;
use crate::services::SocketGuard;

/// What this API reads of API Gateway's WebSocket events (gateway facts, sections 6 to 8).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketEvent {
    #[serde(default)]
    headers: HashMap<String, String>,
    request_context: RequestContext,
    body: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    #[serde(deserialize_with = "connection_id")]
    connection_id: ConnectionId,
    #[serde(default)]
    request_id: String,
    /// Milliseconds since the epoch, the same in every event of a connection (gateway fact W-05).
    connected_at: i64,
    #[serde(default)]
    authorizer: Context,
}

/// What the authorizer said of the connection: it rides on every event (gateway fact W-44).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    user_id: String,
    session_id: String,
    /// When the token ends that opened the connection, in seconds since the epoch.
    expires_at: String,
}

/// One frame from a client, in either envelope.
#[derive(Debug)]
pub struct Frame {
    event: SocketEvent,
    parsed: Result<ClientFrame, Problems>,
    now: Timestamp,
}

impl Frame {
    pub(super) fn read(event: SocketEvent, now: Timestamp) -> Self {
        let parsed = parse(event.body.as_deref().unwrap_or_default());
        Self { event, parsed, now }
    }

    /// When it came in.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Which connection it came over.
    pub fn connection(&self) -> &ConnectionId {
        &self.event.request_context.connection_id
    }

    /// API Gateway's name for this event.
    pub fn request_id(&self) -> &str {
        &self.event.request_context.request_id
    }

    /// Who is at the other end, if the token that opened the connection still holds (security C7).
    pub fn actor(&self) -> Result<Actor, Failure> {
        if self.token_ends().is_some_and(|ends| self.now < ends) {
            self.owner()
        } else {
            Err(app::Error::Unauthorized("token has expired").into())
        }
    }

    /// When the token ends that opened the connection.
    fn token_ends(&self) -> Option<Timestamp> {
        let seconds = self.event.request_context.authorizer.expires_at.parse::<i64>().ok()?;
        Some(Timestamp::from_millis(seconds.saturating_mul(1000)))
    }

    /// The connection, as it is noted.
    pub fn live(&self) -> Live {
        let since = Timestamp::from_millis(self.event.request_context.connected_at);
        Live::new(self.connection().clone(), since, self.token_ends())
    }

    /// Whose connection it is, as the authorizer found out when it was opened.
    pub fn owner(&self) -> Result<Actor, Failure> {
        let Context { user_id, session_id, .. } = &self.event.request_context.authorizer;
        let nobody = |_| app::Error::Unauthorized("the connection has no authorizer context");
        Ok(Actor {
            user: UserId::parse(user_id).map_err(nobody)?,
            session: SessionId::parse(session_id).map_err(nobody)?,
        })
    }

    /// Who is at the other end, if the token holds and its session has not ended; counts the frame against that person's
    /// limit.
    pub async fn admitted(&self, guard: &SocketGuard) -> Result<Actor, Failure> {
        let actor = self.actor()?;
        limits::socket_event(&guard.table, &actor, guard.per_minute, None, self.now).await?;
        Ok(actor)
    }

    /// What the client asks for; empty when that cannot be read.
    pub fn action(&self) -> &str {
        self.parsed.as_ref().map_or("", |frame| &frame.action)
    }

    /// Whether the frame can be read at all; what is wrong with it otherwise.
    pub fn problem(&self) -> Option<Problems> {
        self.parsed.as_ref().err().cloned()
    }

    /// What the action is about, an object.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, Problems> {
        let frame = self.parsed.as_ref().map_err(Clone::clone)?;
        if !frame.data.is_object() {
            return Err(Problems::one("data", "must be an object"));
        }
        serde_json::from_value(frame.data.clone()).map_err(|_| Problems::one("data", "cannot be read"))
    }

    /// What the action is about, where a bare string says the same as an object with this one field.
    pub fn data_or<T: DeserializeOwned>(&self, field: &str) -> Result<T, Problems> {
        let frame = self.parsed.as_ref().map_err(Clone::clone)?;
        match &frame.data {
            serde_json::Value::String(text) => serde_json::from_value(serde_json::json!({ field: text }))
                .map_err(|_| Problems::one("data", "cannot be read")),
            _ => self.data(),
        }
    }

    /// The client's name for the message this is about, to be told back with a failure.
    pub(super) fn temp_id(&self) -> Option<String> {
        let data = &self.parsed.as_ref().ok()?.data;
        let name = data.get("tempId").or_else(|| data.get("clientMessageId"))?.as_str()?;
        Some(name.chars().take(128).collect())
    }

    /// The sub-protocol to accept, if the client offered the one that carries a token.
    pub(super) fn sub_protocol(&self) -> Option<&'static str> {
        let offers = self.event.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"))?.1;
        offers.split(',').any(|offer| offer.trim() == BEARER_PROTOCOL).then_some(BEARER_PROTOCOL)
    }
}

fn connection_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ConnectionId, D::Error> {
    ConnectionId::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn parse(body: &str) -> Result<ClientFrame, Problems> {
    let value: serde_json::Value =
        serde_json::from_str(body).map_err(|_| Problems::one("body", "must be JSON of reasonable depth"))?;
    serde_json::from_value(value)
        .map_err(|_| Problems::one("body", "must be an object with action and data, or type and payload"))
}
