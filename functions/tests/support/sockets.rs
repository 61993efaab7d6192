//! Phones: real sockets on a real gateway, and the events that API Gateway would send for them.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use app::delivery::Push;
use app::tokens::{Actor, Admission};
use domain::{ConnectionId, Timestamp};
use edge::Failure;
use edge::authorizer::ConnectRequest;
use edge::socket::{Frame, SocketEvent};
use serde_json::{Value, json};
use store::Live;
use testkit::Socket;

use super::{Bench, Person, now};

/// Far more than any handler takes.
const LIMIT: Duration = Duration::from_mins(2);

/// One connection of somebody.
pub struct Phone {
    pub actor: Actor,
    pub connection: ConnectionId,
    /// When it was opened.
    pub since: Timestamp,
    /// When the token ends that opened it.
    pub until: Timestamp,
    socket: Socket,
}

impl Deref for Phone {
    type Target = Socket;

    fn deref(&self) -> &Socket {
        &self.socket
    }
}

impl DerefMut for Phone {
    fn deref_mut(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl Bench {
    /// A connection of somebody that nothing knows of yet.
    pub async fn unknown_phone(&self, person: &Person) -> Phone {
        let (id, socket) = self.services.connections.open().await;
        let until = now().plus(Duration::from_hours(1));
        let connection = ConnectionId::parse(&id).unwrap();
        Phone { actor: person.actor.clone(), connection, since: now(), until, socket }
    }

    /// A live connection of somebody, as `$connect` noted it a minute ago.
    pub async fn phone(&self, person: &Person) -> Phone {
        let mut phone = self.unknown_phone(person).await;
        phone.since = Timestamp::from_millis(now().millis() - 60_000);
        self.note(&phone).await;
        phone
    }

    /// Notes a phone's connection, as `$connect` does.
    pub async fn note(&self, phone: &Phone) {
        let Actor { user, session } = &phone.actor;
        store::presence::connect(&self.table(), (user, session), &phone.live()).await.unwrap();
    }

    /// A frame of a phone through an action's handler, as API Gateway would call it.
    pub async fn act<D>(
        &self,
        services: &(D, Push),
        handle: impl AsyncFn(&D, Frame) -> Result<(), Failure>,
        phone: &Phone,
        frame: &Value,
    ) {
        self.act_text(services, handle, phone, &frame.to_string()).await;
    }

    /// Like [`Bench::act`], with whatever the client sent.
    pub async fn act_text<D>(
        &self,
        services: &(D, Push),
        handle: impl AsyncFn(&D, Frame) -> Result<(), Failure>,
        phone: &Phone,
        body: &str,
    ) {
        edge::socket::act(services, &handle, phone.event(include_str!("../events/message.json"), Some(body)), LIMIT)
            .await;
    }

    /// The beginning or end of a phone's connection through its handler; what the gateway gets as an answer.
    pub async fn admit<D>(
        &self,
        services: &D,
        handle: impl AsyncFn(&D, Frame) -> Result<(), Failure>,
        event: SocketEvent,
    ) -> Value {
        edge::socket::admit(services, &handle, event, LIMIT).await
    }
}

impl Phone {
    /// Its connection, as it is noted.
    pub fn live(&self) -> Live {
        Live::new(self.connection.clone(), self.since, Some(self.until))
    }

    /// A captured event with this connection and its owner in it.
    pub fn event(&self, captured: &str, body: Option<&str>) -> SocketEvent {
        let mut event: Value = serde_json::from_str(captured).unwrap();
        event["requestContext"]["connectionId"] = json!(self.connection.as_str());
        event["requestContext"]["connectedAt"] = json!(self.since.millis());
        event["requestContext"]["authorizer"]["userId"] = json!(self.actor.user.to_string());
        event["requestContext"]["authorizer"]["sessionId"] = json!(self.actor.session.to_string());
        event["requestContext"]["authorizer"]["expiresAt"] = json!(self.until.seconds().to_string());
        if let Some(body) = body {
            event["body"] = json!(body);
        }
        serde_json::from_value(event).unwrap()
    }

    /// Ends the connection without the backend's knowing, as when `$disconnect` is lost.
    pub async fn hang_up(self) {
        self.socket.close().await;
    }

    /// The event of its handshake.
    pub fn connecting(&self) -> SocketEvent {
        self.event(include_str!("../events/connect.json"), None)
    }
}

/// The authorizer's answer to a handshake with these headers and this query.
pub async fn authorize<D>(
    services: &D,
    handle: impl AsyncFn(&D, &ConnectRequest) -> app::Result<Admission>,
    headers: &[(&str, &str)],
    query: &[(&str, &str)],
) -> Result<Value, edge::Error> {
    let mut event: Value = serde_json::from_str(include_str!("../events/authorizer.json")).unwrap();
    for (name, value) in headers {
        event["headers"][name] = json!(value);
    }
    for (name, value) in query {
        event["queryStringParameters"][name] = json!(value);
    }
    edge::authorizer::decide(services, &handle, serde_json::from_value(event).unwrap()).await
}
