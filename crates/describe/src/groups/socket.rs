//! The socket.

use schemars::SchemaGenerator;
use serde_json::json;
use wire::frame::Event;
use wire::message::SendMessageData;
use wire::{Code, ErrorBody};

use crate::examples::{self, hello, hello_to_ana, json, started};
use crate::operation::Kind;
use crate::row::{Action, Example, Other, ServerEvent};

const TEMP_ID: &str = "2f6a-1";

fn send_errors() -> Vec<ErrorBody> {
    vec![
        examples::invalid(&[
            ("content", "must not be empty without an attachment"),
            ("replyTo.messageId", "is not a message of this conversation"),
        ]),
        examples::unauthorized(),
        examples::not_found("Conversation"),
        examples::error(Code::Conflict, "this message is still being sent"),
        examples::limited(),
        examples::defect(),
    ]
}

pub(super) fn actions() -> Vec<Action> {
    vec![Action {
        function: "ws-message-send",
        key: "message:send",
        summary: "Send a message to everybody in a conversation, each in their language",
        description: "Every connection of every participant gets `message:receive`, the sender's own too, there with \
                      the client's `tempId`: the acknowledgement. The same sender, conversation and `tempId` is one \
                      message for at least 24 hours; a retry is answered with that message, to the asking connection \
                      alone. A text has at most {MessageMaxCharacters} characters. A reader whose translation takes \
                      longer than {TranslationDeadlineMs} milliseconds gets the original, and `message:updated` when \
                      the translation is there. `NOT_FOUND` for a conversation that the sender is not in; `CONFLICT` \
                      when a retry comes while the first try is still under way. Over {MessagesPerMinute} messages a \
                      minute in one conversation, or {SocketEventsPerMinute} events in all, `RATE_LIMITED`.",
        data: SchemaGenerator::subschema_for::<SendMessageData>,
        examples: vec![
            Example {
                name: "text",
                summary: "A text",
                value: json!({
                    "conversationId": examples::CONVERSATION,
                    "content": "Hello, how are you?",
                    "type": "text",
                    "tempId": TEMP_ID,
                }),
            },
            Example {
                name: "reply",
                summary: "An answer to a message",
                value: json!({
                    "conversationId": examples::CONVERSATION,
                    "content": "Good to hear!",
                    "replyTo": { "messageId": examples::SECOND_MESSAGE },
                }),
            },
        ],
        answers: &["message:receive"],
        errors: send_errors(),
    }]
}

pub(super) fn events() -> Vec<ServerEvent> {
    let example = |name, summary, event: &Event| Example { name, summary, value: json(event) };
    let received = |message, temp_id: Option<&str>| Event::MessageReceive {
        message: Box::new(message),
        temp_id: temp_id.map(str::to_owned),
    };
    vec![
        ServerEvent {
            key: "message:receive",
            summary: "A new message",
            description: "To every connection of every participant, in the language of each. On the sender's own \
                          connections it carries `tempId` and is the acknowledgement.",
            examples: vec![
                example("reader", "As a reader gets it", &received(hello(true), None)),
                example("sender", "As its sender gets it", &received(hello_to_ana(), Some(TEMP_ID))),
            ],
        },
        ServerEvent {
            key: "message:updated",
            summary: "A translation that arrived after its message",
            description: "To the readers of that language, who had the original until now.",
            examples: vec![example(
                "translation",
                "The translation",
                &Event::MessageUpdated { message: Box::new(hello(true)) },
            )],
        },
        ServerEvent {
            key: "conversation:new",
            summary: "A new conversation",
            description: "To every connection of everybody in it, the creator's own too.",
            examples: vec![example(
                "direct",
                "Between two people",
                &Event::ConversationNew { conversation: Box::new(started()) },
            )],
        },
        ServerEvent {
            key: "error",
            summary: "What was asked for could not be done",
            description: "To the asking connection alone. The error of the HTTP API, with the action that was asked \
                          for (empty if the frame could not be read) and the client's `tempId` if there was one. After `UNAUTHORIZED` \
                          the connection is closed: its token has expired or its session has ended. Refresh, then \
                          connect again.",
            examples: vec![
                example(
                    "limit",
                    "Too many messages",
                    &Event::error("message:send", Some(TEMP_ID.into()), examples::limited()),
                ),
                example(
                    "not-found",
                    "Not a conversation of the sender's",
                    &Event::error("message:send", None, examples::not_found("Conversation")),
                ),
            ],
        },
    ]
}

pub(super) fn others() -> Vec<Other> {
    vec![
        Other {
            function: "ws-authorizer",
            kind: Kind::Authorizer,
            summary: "Who may open a connection, and as whom",
            description: "Without a token that holds, the handshake is refused with 401 and API Gateway's own body \
                          `{ \"message\": \"Unauthorized\", … }`.",
            errors: Vec::new(),
        },
        Other {
            function: "ws-connect",
            kind: Kind::Lifecycle("$connect"),
            summary: "A connection opens",
            description: "A person has at most {ConnectionsPerUser} connections: one more closes the oldest. A refused \
                          handshake has the error body of the HTTP API: 401 when the account is gone.",
            errors: vec![examples::unauthorized(), examples::defect()],
        },
        Other {
            function: "ws-disconnect",
            kind: Kind::Lifecycle("$disconnect"),
            summary: "A connection is closed",
            description: "Nothing more is sent to it.",
            errors: Vec::new(),
        },
        Other {
            function: "ws-default",
            kind: Kind::SocketDefault,
            summary: "Frames in the older envelope, and frames that ask for nothing known",
            description: "Older clients send `type` and `payload` for `action` and `data`; the effect is the same. A \
                          frame that is no JSON object and an action that does not exist are answered with `error`, \
                          code `VALIDATION_ERROR`.",
            errors: send_errors(),
        },
    ]
}
