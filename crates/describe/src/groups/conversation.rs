//! One conversation: what a member sees of it and does with it.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::Code;
use wire::conversation::{ConversationBody, ConversationDetailsBody, GetConversationQuery};
use wire::group::{DepartedBody, UpdateConversationRequest};
use wire::place::{
    ConversationDeletedBody, ConversationSettingsBody, ConversationSettingsRequest, DeleteConversationQuery,
    DeleteConversationRequest, ReadBody, ReadRequest,
};
use wire::schema::ConversationId;

use crate::examples::{self, answered, group, member};
use crate::row::{Answer, PathParameter, Request, Route};

pub(super) const TAG: &str = "Conversations";
const PATH: &str = "/api/conversations/{conversationId}";

pub(super) fn routes() -> Vec<Route> {
    vec![get(), update(), delete(), read(), settings(), leave()]
}

pub(super) fn conversation() -> PathParameter {
    PathParameter {
        name: "conversationId",
        description: "The conversation.",
        schema: SchemaGenerator::subschema_for::<ConversationId>,
        example: examples::CONVERSATION,
    }
}

pub(super) const DIRECT: &str = "a direct conversation has two people and no roles";
pub(super) const NOT_ADMIN: &str = "only an admin of the group can do this";

fn get() -> Route {
    let conversation_view = wire::conversation::ConversationView { participants: vec![member()], ..answered() };
    let body = ConversationDetailsBody { conversation: conversation_view, participants_cursor: None };
    Route {
        function: "conversations-get",
        method: "GET",
        path: PATH,
        tag: TAG,
        summary: "One conversation with what its participants are in it",
        description: "Of each participant also the role, when they came, and whether they are there. Of a large group \
                      a hundred participants at a time: `participantsCursor` gives the next.",
        path_parameters: vec![conversation()],
        query: Some(GetConversationQuery::json_schema),
        answers: vec![Answer::new(200, "The conversation.", &body)],
        errors: vec![
            examples::invalid(&[("participantsCursor", "must be what participantsCursor gave")]),
            examples::unauthorized(),
            examples::not_found("Conversation"),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn update() -> Route {
    Route {
        function: "conversations-update",
        method: "PATCH",
        path: PATH,
        tag: TAG,
        summary: "Change what a group is called, shows, takes and asks for",
        description: "For admins. What is absent stays as it is; `null` removes a description, a picture or a password. \
                      Everybody in the group gets `conversation:updated`. 409 for a direct conversation, and when there \
                      are more members than it would take.",
        path_parameters: vec![conversation()],
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<UpdateConversationRequest>,
            "Another name, and no picture any more",
            json!({ "name": "Project team", "avatarUrl": null, "maxMembers": 50 }),
        )),
        answers: vec![Answer::new(200, "The group as it is now.", &ConversationBody { conversation: group() })],
        errors: vec![
            examples::invalid(&[("name", "must not be empty")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, NOT_ADMIN),
            examples::not_found("Conversation"),
            examples::error(Code::Conflict, "the group has more members than it would take"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn delete() -> Route {
    let body = ConversationDeletedBody {
        success: true,
        message: "Conversation deleted".into(),
        conversation_id: examples::CONVERSATION.into(),
        deleted_for_everyone: false,
    };
    Route {
        function: "conversations-delete",
        method: "DELETE",
        path: PATH,
        tag: TAG,
        summary: "Delete a conversation for oneself, or end it for everybody",
        description: "For oneself it leaves the list and is back with the next message, without those until now; the \
                      others keep it. With `forEveryone`, in the body or the query, whoever made the conversation ends \
                      it: everybody in it gets `conversation:deleted`, and it exists no more.",
        path_parameters: vec![conversation()],
        query: Some(DeleteConversationQuery::json_schema),
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<DeleteConversationRequest>,
            "End it for everybody",
            json!({ "forEveryone": true }),
        )),
        answers: vec![Answer::new(200, "It is deleted.", &body)],
        errors: vec![
            examples::invalid(&[("forEveryone", "must be true or false")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, "only who made the conversation can delete it for everyone"),
            examples::not_found("Conversation"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn read() -> Route {
    let body = ReadBody {
        success: true,
        conversation_id: examples::CONVERSATION.into(),
        last_read_at: "2026-03-14T09:28:00.000Z".into(),
    };
    Route {
        function: "conversations-read",
        method: "POST",
        path: "/api/conversations/{conversationId}/read",
        tag: TAG,
        summary: "Mark a conversation as read, up to its latest message or another",
        description: "The marker only grows: what was read stays read. If it moved, the others get `message:read`; in a \
                      group of more than a hundred people only whoever sent the message. The body may be absent.",
        path_parameters: vec![conversation()],
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<ReadRequest>,
            "Up to a message",
            json!({ "lastReadMessageId": examples::SECOND_MESSAGE }),
        )),
        answers: vec![Answer::new(200, "It is read that far.", &body)],
        errors: vec![
            examples::invalid(&[("lastReadMessageId", "must be a message id (msg_…)")]),
            examples::unauthorized(),
            examples::not_found("Message"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn settings() -> Route {
    let body = ConversationSettingsBody {
        conversation_id: examples::CONVERSATION.into(),
        muted: true,
        muted_until: Some("2026-03-15T08:00:00.000Z".into()),
        pinned: true,
        archived: false,
    };
    Route {
        function: "conversations-settings",
        method: "PATCH",
        path: "/api/conversations/{conversationId}/settings",
        tag: TAG,
        summary: "The caller's own settings of a conversation",
        description: "Nobody else sees them. What is absent stays as it is; `mutedUntil: null` turns notifications on.",
        path_parameters: vec![conversation()],
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<ConversationSettingsRequest>,
            "Quiet until morning, and at the top",
            json!({ "mutedUntil": "2026-03-15T08:00:00.000Z", "pinned": true }),
        )),
        answers: vec![Answer::new(200, "The settings as they are now.", &body)],
        errors: vec![
            examples::invalid(&[("pinned", "must be true or false")]),
            examples::unauthorized(),
            examples::not_found("Conversation"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn leave() -> Route {
    let body =
        DepartedBody { success: true, conversation_id: examples::CONVERSATION.into(), user_id: examples::LUIS.into() };
    Route {
        function: "conversations-leave",
        method: "POST",
        path: "/api/conversations/{conversationId}/leave",
        tag: TAG,
        summary: "Leave a group",
        description: "Everybody in it gets `participant:left`, whoever left too: it is the last they get from it. When \
                      the last admin leaves, the longest-standing member becomes one (`conversation:updated`); when the \
                      last member leaves, the group is no more. 409 for a direct conversation.",
        path_parameters: vec![conversation()],
        answers: vec![Answer::new(200, "The caller is in it no more.", &body)],
        errors: vec![
            examples::unauthorized(),
            examples::not_found("Conversation"),
            examples::error(Code::Conflict, DIRECT),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
