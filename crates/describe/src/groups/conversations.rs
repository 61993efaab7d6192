//! Conversations.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::conversation::{ConversationsBody, CreateConversationRequest, ListConversationsQuery, OpenedBody};

use crate::examples::{self, answered, started};
use crate::row::{Answer, Example, Request, Route};

const TAG: &str = "Conversations";

pub(super) fn routes() -> Vec<Route> {
    vec![create(), list()]
}

fn create() -> Route {
    let opened = OpenedBody { itself: started(), conversation: started() };
    let answer = |status, description| Answer::new(status, description, &opened);
    Route {
        function: "conversations-create",
        method: "POST",
        path: "/api/conversations",
        tag: TAG,
        summary: "Start a conversation with one or more people",
        description: "The caller is added to `participantIds`. Between the same two people there is one direct \
                      conversation, whoever starts it and however often. What is said of a group (name, description, \
                      picture, password, members, languages) is checked but not kept for a direct conversation. A group \
                      takes {GroupMaxMembers} people unless it says otherwise. Everybody in a new conversation gets \
                      `conversation:new` over their sockets. 404 when one of the people does not exist.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<CreateConversationRequest>,
            examples: vec![
                Example {
                    name: "direct",
                    summary: "Between two people",
                    value: json!({ "type": "direct", "participantIds": [examples::LUIS] }),
                },
                Example {
                    name: "group",
                    summary: "A group",
                    value: json!({
                        "type": "group",
                        "participantIds": [examples::LUIS],
                        "name": "Project team",
                        "description": "Everything about the move",
                        "avatarUrl": "https://example.com/team.png",
                        "isPrivate": true,
                        "password": "open sesame, please",
                        "maxMembers": 50,
                        "sourceLanguage": "en",
                        "targetLanguage": "es",
                        "tokenSpendingMode": "creator",
                    }),
                },
            ],
        }),
        answers: vec![
            answer(200, "The direct conversation that these two people had already."),
            answer(201, "The new conversation."),
        ],
        errors: vec![
            examples::invalid(&[
                ("participantIds", "must name at least one other person"),
                ("type", "must be \"direct\" or \"group\""),
            ]),
            examples::unauthorized(),
            examples::not_found("User"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn list() -> Route {
    let page = ConversationsBody { conversations: vec![answered()], has_more: false, next_cursor: None };
    Route {
        function: "conversations-list",
        method: "GET",
        path: "/api/conversations",
        tag: TAG,
        summary: "The caller's conversations, the most recently written first",
        description: "The latest message comes in the caller's language where it was translated before; a list asks \
                      for no translation.",
        query: Some(ListConversationsQuery::json_schema),
        answers: vec![Answer::new(200, "One page.", &page)],
        errors: vec![
            examples::invalid(&[
                ("cursor", "must be what nextCursor gave"),
                ("limit", "must be a whole number from 1 to 100"),
            ]),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
