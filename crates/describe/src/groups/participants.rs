//! Who is in a group, and as what.

use schemars::SchemaGenerator;
use serde_json::json;
use wire::Code;
use wire::group::{AddParticipantsRequest, DepartedBody, ParticipantBody, ParticipantsBody, RoleRequest};
use wire::schema::UserId;

use super::conversation::{DIRECT, NOT_ADMIN, conversation};
use crate::examples::{self, member};
use crate::row::{Answer, PathParameter, Request, Route};

const TAG: &str = super::conversation::TAG;
const ONE: &str = "/api/conversations/{conversationId}/participants/{userId}";
const LAST_ADMIN: &str = "a group keeps at least one admin: make somebody else one first";

pub(super) fn routes() -> Vec<Route> {
    vec![add(), remove(), role()]
}

fn participant() -> PathParameter {
    PathParameter {
        name: "userId",
        description: "Somebody in the group.",
        schema: SchemaGenerator::subschema_for::<UserId>,
        example: examples::LUIS,
    }
}

fn add() -> Route {
    let body = ParticipantsBody {
        conversation_id: examples::CONVERSATION.into(),
        participants: vec![member()],
        participant_count: 3,
    };
    Route {
        function: "participants-add",
        method: "POST",
        path: "/api/conversations/{conversationId}/participants",
        tag: TAG,
        summary: "Bring people into a group",
        description: "For admins. All of them come in or nobody. They get `conversation:new`, everybody else \
                      `participant:joined` for each. 409 when they do not fit, when somebody is in already, and for a \
                      direct conversation; 404 also when one of the people does not exist.",
        path_parameters: vec![conversation()],
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<AddParticipantsRequest>,
            "One more",
            json!({ "participantIds": [examples::LUIS] }),
        )),
        answers: vec![Answer::new(200, "They are in it.", &body)],
        errors: vec![
            examples::invalid(&[("participantIds", "must name at least one person")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, NOT_ADMIN),
            examples::not_found("Conversation"),
            examples::error(Code::Conflict, "the group is full"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn remove() -> Route {
    let body =
        DepartedBody { success: true, conversation_id: examples::CONVERSATION.into(), user_id: examples::LUIS.into() };
    Route {
        function: "participants-remove",
        method: "DELETE",
        path: ONE,
        tag: TAG,
        summary: "Take somebody out of a group",
        description: "For admins. Everybody gets `participant:left`, whoever was removed too: it is the last they get \
                      from it. 409 for the last admin and for a direct conversation.",
        path_parameters: vec![conversation(), participant()],
        answers: vec![Answer::new(200, "They are in it no more.", &body)],
        errors: vec![
            examples::unauthorized(),
            examples::error(Code::Forbidden, NOT_ADMIN),
            examples::not_found("Participant"),
            examples::error(Code::Conflict, DIRECT),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn role() -> Route {
    let body = ParticipantBody { conversation_id: examples::CONVERSATION.into(), participant: member() };
    Route {
        function: "participants-role",
        method: "PATCH",
        path: ONE,
        tag: TAG,
        summary: "Make a member of a group an admin, or an admin a member",
        description: "For admins. Everybody gets `conversation:updated` with the participant. 409 for the last admin, \
                      who stays one, and for a direct conversation.",
        path_parameters: vec![conversation(), participant()],
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<RoleRequest>,
            "One more admin",
            json!({ "role": "admin" }),
        )),
        answers: vec![Answer::new(200, "The participant.", &body)],
        errors: vec![
            examples::invalid(&[("role", "must be \"admin\" or \"member\"")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, NOT_ADMIN),
            examples::not_found("Participant"),
            examples::error(Code::Conflict, LAST_ADMIN),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
