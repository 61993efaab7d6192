//! AsyncAPI 3.0: the socket.
//!
//! Actions and events are told from the server's side, as AsyncAPI has it: it receives `message:send` and sends
//! `message:receive`.

use serde_json::{Map, Value, json};
use wire::frame::Event;

use crate::limits::Limits;
use crate::openapi::word;
use crate::operation::{capitalised, id};
use crate::row::{Action, Example, Other, ServerEvent};
use crate::schemas::Schemas;
use crate::{Error, Kind, groups};

const DESCRIPTION: &str = "\
What happens live in Parlance, a multilingual chat: everybody writes in their language and reads in their own. Accounts, \
conversations and history are HTTP's, which openapi.json describes.

**Opening.** The access token comes as `?token=`, as `Authorization: Bearer …`, or, from browsers that should not put it \
into an address, as a sub-protocol: `Sec-WebSocket-Protocol: bearer, <token>`; the server then chooses `bearer`. A person \
has at most {ConnectionsPerUser} connections: one more closes the oldest. Nothing is said on opening.

**Frames** are JSON texts, `{ \"action\": …, \"data\": { … } }`; older clients' `{ \"type\": …, \"payload\": { … } }` does the \
same. `null` counts as absent and unknown fields are ignored. Events may gain fields: ignore what you do not know. A \
binary frame, or one of more than 32 KB, closes the connection.

**Errors** come as the event `error` to the asking connection alone, with the `code` of the HTTP API and the `tempId` of \
the message they are about.

**Limits** are those of the template's defaults; a deployment may set others: {SocketEventsPerMinute} events a minute, \
{MessagesPerMinute} messages a minute in one conversation, {MessageMaxCharacters} characters in a message.";

const CHANNEL: &str = "socket";

/// The whole document.
pub(crate) fn document(limits: &Limits) -> Result<Value, Error> {
    let mut schemas = Schemas::draft07();
    let mut messages = Map::new();
    let mut operations = Map::new();
    let mut shapes = Map::new();
    let (actions, events, others) = (groups::actions(), groups::events(), groups::others());

    for action in &actions {
        let data = schemas.read(action.data);
        for envelope in &ENVELOPES {
            let name = envelope.message(action);
            shapes.insert(capitalised(&name), envelope.schema(action, &data));
            messages.insert(name.clone(), envelope.described(action, &name));
        }
        operations.insert(id(action.function), received(action, limits));
    }
    for row in others.iter().filter(|row| row.kind == Kind::SocketDefault) {
        operations.insert(id(row.function), received_by_default(row, &actions, limits));
    }
    let variants = variants(&mut schemas);
    for event in &events {
        let name = event_name(event.key);
        let shape = variants.iter().find(|shape| shape["properties"]["action"]["const"] == event.key);
        let shape = shape.ok_or_else(|| Error::Differences(vec![format!("{}: no such event", event.key)]))?;
        shapes.insert(capitalised(&name), shape.clone());
        messages.insert(name.clone(), message(&name, event.key, event.summary, event.description, &event.examples));
        operations.insert(name.clone(), sent(event, &name));
    }

    let mut components = schemas.into_components(limits)?;
    components.extend(shapes);
    components.sort_keys();
    let of_channel: Map<_, _> = messages
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    Ok(json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parlance socket API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": limits.fill(DESCRIPTION),
            "license": { "name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": servers(limits.get("Stage")?),
        "channels": { CHANNEL: channel(&of_channel, &others, limits) },
        "operations": operations,
        "components": {
            "securitySchemes": security_schemes(),
            "messages": messages,
            "schemas": components,
        },
    }))
}

fn servers(stage: &str) -> Value {
    let security: Vec<_> = ["tokenInQuery", "tokenInHeader", "tokenInSubProtocol"]
        .into_iter()
        .map(|name| json!({ "$ref": format!("#/components/securitySchemes/{name}") }))
        .collect();
    json!({
        "laptop": {
            "host": "localhost:3001",
            "pathname": "/",
            "protocol": "ws",
            "description": "On a laptop: `cargo run`. The stage's path works too, as deployed.",
            "security": security,
        },
        "deployed": {
            "host": "{apiId}.execute-api.{region}.amazonaws.com",
            "pathname": "/{stage}",
            "protocol": "wss",
            "description": "Deployed: `SocketUrl` among the stack's outputs.",
            "variables": {
                "apiId": { "default": "api-id", "description": "Identifier that API Gateway gave the WebSocket API." },
                "region": { "default": "us-east-1", "description": "AWS region of the deployment." },
                "stage": { "default": stage, "description": "The template's parameter `Stage`." },
            },
            "security": security,
        },
    })
}

fn security_schemes() -> Value {
    json!({
        "tokenInQuery": {
            "type": "httpApiKey",
            "in": "query",
            "name": "token",
            "description": "The `accessToken` that signing in gave, in the query of the handshake.",
        },
        "tokenInHeader": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `accessToken` in `Authorization` of the handshake.",
        },
        "tokenInSubProtocol": {
            "type": "httpApiKey",
            "in": "header",
            "name": "Sec-WebSocket-Protocol",
            "description": "`bearer, <accessToken>`: two offered sub-protocols, of which the server chooses `bearer`.",
        },
    })
}

fn channel(messages: &Map<String, Value>, others: &[Other], limits: &Limits) -> Value {
    let is_lifecycle = |row: &&Other| matches!(row.kind, Kind::Lifecycle(_) | Kind::Authorizer);
    let step = |row: &Other| {
        let described = json!({
            "route": row.kind.to_string(),
            "summary": row.summary,
            "description": limits.fill(row.description),
            "codes": row.errors.iter().map(|error| word(error.code)).collect::<Vec<_>>(),
        });
        (id(row.function), described)
    };
    let steps: Map<_, _> = others.iter().filter(is_lifecycle).map(step).collect();
    json!({
        "address": "/",
        "title": "The socket",
        "description": "One connection carries everything, both ways. `x-lifecycle` tells what runs when it opens and closes.",
        "messages": messages,
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "properties": { "token": { "type": "string", "description": "The access token." } },
                },
                "headers": {
                    "type": "object",
                    "properties": {
                        "Authorization": { "type": "string", "description": "`Bearer <accessToken>`." },
                        "Sec-WebSocket-Protocol": { "type": "string", "description": "`bearer, <accessToken>`." },
                    },
                },
                "bindingVersion": "0.1.0",
            },
        },
        "x-lifecycle": steps,
    })
}

/// How a client wraps what it asks for.
struct Envelope {
    suffix: &'static str,
    note: &'static str,
    action: &'static str,
    data: &'static str,
}

const ENVELOPES: [Envelope; 2] = [
    Envelope { suffix: "", note: "", action: "action", data: "data" },
    Envelope { suffix: "Older", note: " (older clients' envelope)", action: "type", data: "payload" },
];

impl Envelope {
    /// `messageSend`, `messageSendOlder`.
    fn message(&self, action: &Action) -> String {
        id(&action.key.replace(':', "-")) + self.suffix
    }

    fn schema(&self, action: &Action, data: &Value) -> Value {
        json!({
            "type": "object",
            "properties": { self.action: { "type": "string", "const": action.key }, self.data: data },
            "required": [self.action, self.data],
        })
    }

    fn described(&self, action: &Action, name: &str) -> Value {
        let wrap = |Example { name, summary, value }: &Example| Example {
            name,
            summary,
            value: json!({ self.action: action.key, self.data: value }),
        };
        let examples: Vec<_> = action.examples.iter().map(wrap).collect();
        let summary = action.summary.to_owned() + self.note;
        message(name, action.key, &summary, "", &examples)
    }
}

fn message(name: &str, action: &str, summary: &str, description: &str, examples: &[Example]) -> Value {
    let example =
        |Example { name, summary, value }: &Example| json!({ "name": name, "summary": summary, "payload": value });
    let mut message = json!({ "name": name, "title": action, "summary": summary });
    if !description.is_empty() {
        message["description"] = description.into();
    }
    message["contentType"] = "application/json".into();
    message["payload"] = json!({ "$ref": format!("#/components/schemas/{}", capitalised(name)) });
    message["examples"] = examples.iter().map(example).collect();
    message
}

/// `messageReceiveEvent` for `message:receive`.
fn event_name(action: &str) -> String {
    id(&action.replace(':', "-")) + "Event"
}

fn of_channel(name: &str) -> Value {
    json!({ "$ref": format!("#/channels/{CHANNEL}/messages/{name}") })
}

fn reply(action: &Action) -> Value {
    let names = action.answers.iter().copied().chain(["error"]).map(event_name);
    let messages: Vec<_> = names.map(|name| of_channel(&name)).collect();
    json!({ "channel": { "$ref": format!("#/channels/{CHANNEL}") }, "messages": messages })
}

fn received(action: &Action, limits: &Limits) -> Value {
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{CHANNEL}") },
        "title": action.key,
        "summary": action.summary,
        "description": limits.fill(action.description),
        "messages": [of_channel(&ENVELOPES[0].message(action))],
        "reply": reply(action),
        "x-error-codes": action.errors.iter().map(|error| word(error.code)).collect::<Vec<_>>(),
    })
}

/// `$default`: every action in the older envelope.
fn received_by_default(row: &Other, actions: &[Action], limits: &Limits) -> Value {
    let messages: Vec<_> = actions.iter().map(|action| of_channel(&ENVELOPES[1].message(action))).collect();
    let mut replies: Vec<_> = actions.iter().flat_map(|action| action.answers).copied().chain(["error"]).collect();
    replies.dedup();
    let replies: Vec<_> = replies.into_iter().map(|action| of_channel(&event_name(action))).collect();
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{CHANNEL}") },
        "title": "$default",
        "summary": row.summary,
        "description": limits.fill(row.description),
        "messages": messages,
        "reply": { "channel": { "$ref": format!("#/channels/{CHANNEL}") }, "messages": replies },
        "x-error-codes": row.errors.iter().map(|error| word(error.code)).collect::<Vec<_>>(),
    })
}

fn sent(event: &ServerEvent, name: &str) -> Value {
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{CHANNEL}") },
        "title": event.key,
        "summary": event.summary,
        "description": event.description,
        "messages": [of_channel(name)],
    })
}

/// A schema for each event.
fn variants(schemas: &mut Schemas) -> Vec<Value> {
    let union = schemas.written(<Event as schemars::JsonSchema>::json_schema);
    union["oneOf"].as_array().cloned().unwrap_or_default()
}
