//! Being there, and what is told of a conversation and its people over the socket.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;
use wire::ErrorBody;
use wire::frame::Event;
use wire::group::ConversationFacts;
use wire::place::ConversationReference;
use wire::presence::PresenceData;

use crate::examples::{self, group, json, member};
use crate::row::{Action, Example, ServerEvent};

const AT: &str = "2026-03-14T09:28:00.000Z";

fn errors(more: Vec<ErrorBody>) -> Vec<ErrorBody> {
    more.into_iter().chain([examples::unauthorized(), examples::limited(), examples::defect()]).collect()
}

fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "Not read; may be absent." })
}

pub(super) fn actions() -> Vec<Action> {
    let bad_id = || examples::invalid(&[("conversationId", "must be a conversation id (conv_…)")]);
    let reference = |name| Example {
        name,
        summary: "By its id; `data` may also be the bare id",
        value: json!({ "conversationId": examples::CONVERSATION }),
    };
    vec![
        Action {
            function: "ws-conversation-join",
            key: "conversation:join",
            summary: "This connection is looking at a conversation",
            description: "From then on typing in that conversation goes to this connection, and typing elsewhere does \
                          not. A connection looks at one conversation at a time: the next `conversation:join` replaces \
                          it. A connection that never says what it looks at gets all typing.",
            data: SchemaGenerator::subschema_for::<ConversationReference>,
            examples: vec![reference("join")],
            answers: &["conversation:joined"],
            errors: errors(vec![bad_id(), examples::not_found("Conversation")]),
        },
        Action {
            function: "ws-conversation-leave",
            key: "conversation:leave",
            summary: "This connection looks at a conversation no more",
            description: "The person stays in the conversation. Leaving one that the connection does not look at \
                          changes nothing.",
            data: SchemaGenerator::subschema_for::<ConversationReference>,
            examples: vec![reference("leave")],
            answers: &["conversation:left"],
            errors: errors(vec![bad_id()]),
        },
        Action {
            function: "ws-presence-update",
            key: "presence:update",
            summary: "Say how much one is there",
            description: "The people one shares a conversation with get `presence:changed`, and so do one's own \
                          connections: those of the 20 conversations written to last, groups of more than 100 people \
                          left out, 300 people at most. It holds until the next connection is opened, which is being \
                          `online`.",
            data: SchemaGenerator::subschema_for::<PresenceData>,
            examples: vec![Example { name: "away", summary: "Away", value: json!({ "status": "away" }) }],
            answers: &["presence:changed"],
            errors: errors(vec![examples::invalid(&[("status", "must be \"online\", \"away\" or \"offline\"")])]),
        },
        Action {
            function: "ws-ping",
            key: "ping",
            summary: "Keep a connection from being idle for too long",
            description: "API Gateway closes a connection over which nothing came for ten minutes.",
            data: anything,
            examples: vec![Example { name: "ping", summary: "Nothing along with it", value: json!({}) }],
            answers: &["pong"],
            errors: errors(Vec::new()),
        },
    ]
}

pub(super) fn events() -> Vec<ServerEvent> {
    let event = |key, summary, description, event: Event| ServerEvent {
        key,
        summary,
        description,
        examples: vec![Example { name: "example", summary, value: json(&event) }],
    };
    let view = group();
    let facts = ConversationFacts {
        id: view.id,
        r#type: view.r#type,
        name: view.name,
        description: view.description,
        avatar_url: view.avatar_url,
        participant_count: view.participant_count,
        is_private: view.is_private,
        has_password: view.has_password,
        max_members: view.max_members,
    };
    let (id, ana, luis) =
        (|| examples::CONVERSATION.to_owned(), || examples::ANA.to_owned(), || examples::LUIS.to_owned());
    vec![
        event(
            "conversation:updated",
            "A group has changed, or somebody's role in it",
            "To every connection of everybody in the group. `participant` is there when a role changed.",
            Event::ConversationUpdated {
                conversation_id: id(),
                updated_by: ana(),
                conversation: facts,
                participant: Some(Box::new(member())),
            },
        ),
        event(
            "conversation:deleted",
            "A conversation has ended for everybody",
            "To every connection of everybody who was in it.",
            Event::ConversationDeleted { conversation_id: id(), deleted_by: ana(), deleted_at: AT.into() },
        ),
        event(
            "conversation:joined",
            "This connection is looking at a conversation now",
            "To the asking connection alone.",
            Event::ConversationJoined { conversation_id: id() },
        ),
        event(
            "conversation:left",
            "This connection looks at a conversation no more",
            "To the asking connection alone.",
            Event::ConversationLeft { conversation_id: id() },
        ),
        event(
            "participant:joined",
            "Somebody is new in a group",
            "To every connection of everybody else in the group; the newcomer gets `conversation:new`.",
            Event::ParticipantJoined {
                conversation_id: id(),
                participant: Box::new(member()),
                participant_count: 3,
                added_by: ana(),
            },
        ),
        event(
            "participant:left",
            "Somebody is in a group no more",
            "To every connection of everybody in the group and of whoever left, who gets nothing more from it.",
            Event::ParticipantLeft {
                conversation_id: id(),
                user_id: luis(),
                username: "luis".into(),
                participant_count: 2,
                removed_by: Some(ana()),
            },
        ),
        event(
            "presence:changed",
            "Somebody has come, has gone, or said how much they are there",
            "When their first connection opens, when their last one closes (some seconds later where \
             they came a moment ago), and at `presence:update`; that also to their own connections. To people of the 20 \
             conversations that were written to last, groups of more than 100 left out, 300 people at most.",
            Event::PresenceChanged {
                user_id: luis(),
                status: "away".into(),
                is_online: true,
                last_seen: Some(AT.into()),
            },
        ),
        event("pong", "The answer to `ping`", "To the asking connection alone.", Event::Pong { timestamp: AT.into() }),
    ]
}
