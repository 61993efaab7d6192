//! What the socket carries about messages that were sent.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Value, json};
use wire::actions::{DeleteMessageData, EditMessageData, MarkerData, ReactionData, TypingData};
use wire::frame::Event;
use wire::sync::SyncData;
use wire::{Code, ErrorBody};

use crate::examples::{self, edited, json};
use crate::operation::Kind;
use crate::row::{Action, Example, Other, ServerEvent};

/// The errors of every action about a message, with some of its own before the last.
fn errors(fields: &[(&str, &str)], own: Vec<ErrorBody>) -> Vec<ErrorBody> {
    let mut errors = vec![examples::invalid(fields), examples::unauthorized(), examples::not_found("Message")];
    errors.extend(own);
    errors.extend([examples::limited(), examples::defect()]);
    errors
}

/// One worked example of `data` about a message, with these fields besides its place.
fn about(name: &'static str, summary: &'static str, more: &Value) -> Example {
    let mut value = json!({ "conversationId": examples::CONVERSATION, "messageId": examples::FIRST_MESSAGE });
    for (field, given) in more.as_object().into_iter().flatten() {
        value[field] = given.clone();
    }
    Example { name, summary, value }
}

const BAD_MESSAGE: (&str, &str) = ("messageId", "must be an identifier such as msg_0b3a…");

pub(super) fn actions() -> Vec<Action> {
    [changing(), standing()].into_iter().flatten().collect()
}

/// What changes a message.
fn changing() -> Vec<Action> {
    let gone = || examples::error(Code::Conflict, "the message was deleted");
    vec![
        Action {
            function: "ws-message-edit",
            key: "message:edit",
            summary: "Change the words of a message",
            description: "Its sender alone can. Everybody gets `message:edited`, in the language of each. Counts as a \
                          message against the limits. `NOT_FOUND` for a conversation that the caller is not in and for \
                          an unknown message, `FORBIDDEN` for somebody else's, `CONFLICT` for a deleted one.",
            data: SchemaGenerator::subschema_for::<EditMessageData>,
            examples: vec![about("words", "New words", &json!({ "content": "Hello, how are you all?" }))],
            answers: &["message:edited"],
            errors: errors(
                &[("content", "must not be empty")],
                vec![examples::error(Code::Forbidden, "only the sender can edit a message"), gone()],
            ),
        },
        Action {
            function: "ws-message-delete",
            key: "message:delete",
            summary: "Delete a message, for everybody or for oneself",
            description: "For everybody its sender alone can: what it said is gone, the message itself stays as a place \
                          that says so, and everybody gets `message:deleted`. Otherwise it is gone from the caller's \
                          own view, and nobody is told. The older name `message:deleted` does the same, always for \
                          everybody. Deleting again changes nothing. `NOT_FOUND` for a conversation that the caller is \
                          not in and for an unknown message, `FORBIDDEN` for somebody else's.",
            data: SchemaGenerator::subschema_for::<DeleteMessageData>,
            examples: vec![
                about("everybody", "For everybody", &json!({ "forEveryone": true })),
                about("own", "For oneself", &json!({})),
            ],
            answers: &["message:deleted"],
            errors: errors(
                &[BAD_MESSAGE],
                vec![examples::error(Code::Forbidden, "only the sender can delete a message for everyone")],
            ),
        },
        Action {
            function: "ws-message-reaction",
            key: "message:reaction",
            summary: "React to a message, or take it back",
            description: "Adds the caller to the people who reacted with this emoji, or takes the caller out: the same \
                          again is the opposite. Everybody gets `message:reaction` with all reactions. A message takes \
                          20 different emoji; one more is a `CONFLICT`. `messageTimestamp` is not needed.",
            data: SchemaGenerator::subschema_for::<ReactionData>,
            examples: vec![about("thumb", "A thumb", &json!({ "emoji": "👍" }))],
            answers: &["message:reaction"],
            errors: errors(
                &[("emoji", "must be one emoji")],
                vec![examples::error(Code::Conflict, "this message has as many different reactions as it takes")],
            ),
        },
    ]
}

pub(super) fn others() -> Vec<Other> {
    vec![
        Other {
            function: "attachments-inspect",
            kind: Kind::Invoked,
            summary: "A file that was sent",
            description: "Makes a picture anew without anything but what is seen, or refuses it; has every file looked \
                          through for malware where `MalwareScan` says so. `message:updated` to everybody in the \
                          conversation.",
            errors: Vec::new(),
        },
        Other {
            function: "conversations-clear",
            kind: Kind::Invoked,
            summary: "What is left of a conversation that has ended",
            description: "Deletes its items and its files, after the answer to whoever ended it.",
            errors: Vec::new(),
        },
        Other {
            function: "users-erase",
            kind: Kind::Invoked,
            summary: "What is kept about somebody whose account was deleted",
            description: "Erases it, after the answer to whoever deleted the account. Messages stay, as of a deleted user.",
            errors: Vec::new(),
        },
        Other {
            function: "ws-fan-out",
            kind: Kind::Invoked,
            summary: "A share of what goes to a large conversation",
            description: "Posts what the function that hands it over has no time for.",
            errors: Vec::new(),
        },
    ]
}

/// Markers, typing, and what was missed.
fn standing() -> Vec<Action> {
    vec![
        Action {
            function: "ws-message-read",
            key: "message:read",
            summary: "Say that a message was read, and all before it",
            description: "Moves the caller's marker, which only grows. Whoever sent the message gets `message:read`, \
                          once. `messageTimestamp` is not needed.",
            data: SchemaGenerator::subschema_for::<MarkerData>,
            examples: vec![about("message", "Up to a message", &json!({}))],
            answers: &[],
            errors: errors(&[BAD_MESSAGE], Vec::new()),
        },
        Action {
            function: "ws-message-delivered",
            key: "message:delivered",
            summary: "Say that a message, and all before it, is on a device",
            description: "Moves the caller's marker, which only grows. Whoever sent the message gets \
                          `message:delivered`, once.",
            data: SchemaGenerator::subschema_for::<MarkerData>,
            examples: vec![about("message", "Up to a message", &json!({}))],
            answers: &[],
            errors: errors(&[BAD_MESSAGE], Vec::new()),
        },
        Action {
            function: "ws-sync",
            key: "sync",
            summary: "Everything that changed for the caller since a cursor",
            description: "Like `GET /api/sync`, with the same cursors: the answer is the event `sync` with one page, to \
                          the asking connection alone. While `hasMore` says so, ask again with its `cursor`. Pages are \
                          smaller than over HTTP where texts are long.",
            data: SchemaGenerator::subschema_for::<SyncData>,
            examples: vec![Example {
                name: "since",
                summary: "Since a cursor",
                value: json!({ "since": "MTc3MzQ4MDQzMDEyMA", "limit": 100 }),
            }],
            answers: &["sync"],
            errors: vec![
                examples::invalid(&[("since", "must be what cursor gave, or a timestamp")]),
                examples::unauthorized(),
                examples::limited(),
                examples::defect(),
            ],
        },
        Action {
            function: "ws-message-typing",
            key: "message:typing",
            summary: "Say that one types, or has stopped",
            description: "The others who look at the conversation get `message:typing`: connections that said so by \
                          `conversation:join`, and those that never said what they look at. Nothing is stored. The \
                          same within two seconds is not told again, and in conversations of more than 100 people \
                          nobody is told.",
            data: SchemaGenerator::subschema_for::<TypingData>,
            examples: vec![Example {
                name: "begins",
                summary: "Begins",
                value: json!({ "conversationId": examples::CONVERSATION, "isTyping": true }),
            }],
            answers: &[],
            errors: vec![
                examples::invalid(&[("isTyping", "must be true or false")]),
                examples::unauthorized(),
                examples::not_found("Conversation"),
                examples::limited(),
                examples::defect(),
            ],
        },
    ]
}

pub(super) fn events() -> Vec<ServerEvent> {
    let one = |summary, event: &Event| vec![Example { name: "example", summary, value: json(event) }];
    let (conversation_id, message_id) = (examples::CONVERSATION.to_owned(), examples::FIRST_MESSAGE.to_owned());
    let (sent, at) = (examples::SENT.to_owned(), examples::ANSWERED.to_owned());
    let (ana, luis) = (examples::ANA.to_owned(), examples::LUIS.to_owned());
    vec![
        ServerEvent {
            key: "message:edited",
            summary: "The words of a message were changed",
            description: "To every connection of every participant, in the language of each. A translation that takes \
                          longer follows as `message:updated`.",
            examples: one("As a reader gets it", &Event::MessageEdited { message: Box::new(edited()) }),
        },
        ServerEvent {
            key: "message:deleted",
            summary: "A message was deleted for everybody",
            description: "To every connection of every participant.",
            examples: one(
                "Deleted by its sender",
                &Event::MessageDeleted {
                    conversation_id: conversation_id.clone(),
                    message_id: message_id.clone(),
                    deleted_by: ana,
                    deleted_at: at.clone(),
                },
            ),
        },
        ServerEvent {
            key: "message:reaction",
            summary: "Somebody reacted to a message, or took it back",
            description: "To every connection of every participant, with all reactions as they are now.",
            examples: one(
                "The first thumb",
                &Event::MessageReaction {
                    conversation_id: conversation_id.clone(),
                    message_id: message_id.clone(),
                    message_timestamp: sent.clone(),
                    reactions: BTreeMap::from([("👍".to_owned(), vec![luis.clone()])]),
                    user_id: luis.clone(),
                    emoji: "👍".to_owned(),
                },
            ),
        },
        ServerEvent {
            key: "message:read",
            summary: "Somebody has read a message of the receiver's, and all before it",
            description: "To every connection of whoever sent the message.",
            examples: one(
                "Read",
                &Event::MessageRead {
                    conversation_id: conversation_id.clone(),
                    message_id: message_id.clone(),
                    message_timestamp: sent.clone(),
                    read_by: luis.clone(),
                    user_id: luis.clone(),
                    read_at: at.clone(),
                },
            ),
        },
        ServerEvent {
            key: "message:delivered",
            summary: "A message of the receiver's, and all before it, is on a device of somebody",
            description: "To every connection of whoever sent the message.",
            examples: one(
                "Delivered",
                &Event::MessageDelivered {
                    conversation_id: conversation_id.clone(),
                    message_id,
                    message_timestamp: sent,
                    delivered_to: luis.clone(),
                    delivered_at: at,
                },
            ),
        },
        ServerEvent {
            key: "sync",
            summary: "What changed while the client was away",
            description: "The answer to `sync`, to the asking connection alone.",
            examples: one("One page", &Event::Sync(Box::new(examples::changed()))),
        },
        ServerEvent {
            key: "message:typing",
            summary: "Somebody begins or stops typing",
            description: "To the others' connections that look at the conversation, or that never said what they look \
                          at. Take it back after some seconds without another.",
            examples: one(
                "Begins",
                &Event::MessageTyping {
                    conversation_id,
                    user_id: luis,
                    user_name: "Luis García".to_owned(),
                    is_typing: true,
                },
            ),
        },
    ]
}
