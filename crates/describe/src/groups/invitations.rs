//! Inviting people into a group, and joining it.

use schemars::SchemaGenerator;
use serde_json::json;
use wire::Code;
use wire::conversation::ConversationBody;
use wire::invitation::{InviteBody, InviteRequest, JoinRequest};

use super::conversation::{DIRECT, NOT_ADMIN, conversation};
use crate::examples::{self, started};
use crate::row::{Answer, Request, Route};

const TAG: &str = super::conversation::TAG;
const CODE: &str = "7K3MQ9XZ4TBW";

pub(super) fn routes() -> Vec<Route> {
    vec![invite(), join()]
}

fn invite() -> Route {
    let body = InviteBody {
        conversation_id: examples::CONVERSATION.into(),
        conversation_code: CODE.into(),
        invite_url: format!("https://chat.example.com/join#{CODE}"),
        qr_code_data: "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=".into(),
        expires_at: "2026-03-21T09:26:53.000Z".into(),
    };
    Route {
        function: "conversations-invite",
        method: "POST",
        path: "/api/conversations/{conversationId}/invite",
        tag: TAG,
        summary: "A code by which people join a group",
        description: "A group has one code at a time, good for {InviteDays} days; asking again when half of them are over \
                      makes it good for as many from then on. Every member may ask; in a private group its admins alone. \
                      `rotate`, for admins, voids the code and makes another one. 409 for a direct conversation.",
        path_parameters: vec![conversation()],
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<InviteRequest>,
            "A new code in the place of the old",
            json!({ "rotate": true }),
        )),
        answers: vec![Answer::new(200, "The code.", &body)],
        errors: vec![
            examples::invalid(&[("rotate", "must be true or false")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, NOT_ADMIN),
            examples::not_found("Conversation"),
            examples::error(Code::Conflict, DIRECT),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn join() -> Route {
    Route {
        function: "conversations-join",
        method: "POST",
        path: "/api/conversations/join",
        tag: TAG,
        summary: "Join a group by a code",
        description: "404 for a code that opens nothing, whether it is wrong, void or over. 403 where the group asks for a \
                      password and this is none, or another one. 409 when the group is full, and for who is in it already. \
                      Everybody in the group gets `participant:joined`, `addedBy` whoever joined; the caller's \
                      connections get `conversation:new`. {JoinPerMinute} tries a minute for each person, \
                      {JoinFromAddressPerMinute} for each address.",
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<JoinRequest>,
            "A group that asks for a password",
            json!({ "conversationCode": "7k3m-q9xz-4tbw", "password": "open sesame, please" }),
        )),
        answers: vec![Answer::new(200, "The caller is in the group.", &ConversationBody { conversation: started() })],
        errors: vec![
            examples::invalid(&[("conversationCode", "is required")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, "the group asks for a password"),
            examples::not_found("Invitation"),
            examples::error(Code::Conflict, "the group is full"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
