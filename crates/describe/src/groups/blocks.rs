//! Blocking people, and reporting them.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::block::{BlockBody, BlockedBody, BlockedPerson};
use wire::page::PageQuery;
use wire::report::{ReportBody, ReportRequest, ReportView};
use wire::schema;

use crate::examples;
use crate::row::{Answer, PathParameter, Request, Route};

const TAG: &str = "People";

pub(super) fn routes() -> Vec<Route> {
    vec![block(), unblock(), blocked(), report()]
}

fn somebody() -> Vec<PathParameter> {
    vec![PathParameter {
        name: "userId",
        description: "The person.",
        schema: SchemaGenerator::subschema_for::<schema::UserId>,
        example: examples::LUIS,
    }]
}

fn done() -> BlockBody {
    BlockBody { success: true, user_id: examples::LUIS.into() }
}

fn block() -> Route {
    Route {
        function: "users-block",
        method: "PUT",
        path: "/api/users/{userId}/block",
        tag: TAG,
        summary: "Block somebody",
        description: "From then on, and from either side: no new direct conversation, and in the one that the two have no message, edit, reaction, file, typing or receipt passes (403); neither finds the other by a search, brings the other into a group, or sees whether the other is there. To whoever was blocked, the blocker's profile is 404. In groups that others brought both into, messages and reactions of both are seen by everybody as before. Nobody is told. Blocking again changes nothing.",
        path_parameters: somebody(),
        answers: vec![Answer::new(200, "They are blocked.", &done())],
        errors: vec![
            examples::invalid(&[("userId", "must be somebody else")]),
            examples::not_found("User"),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn report() -> Route {
    let report = ReportView {
        user_id: examples::LUIS.into(),
        reason: "spam".into(),
        details: Some("The same link in every group.".into()),
        conversation_id: None,
        message_id: None,
        created_at: "2026-03-14T09:20:00.000Z".into(),
    };
    let body = ReportBody { report };
    Route {
        function: "users-report",
        method: "POST",
        path: "/api/users/{userId}/report",
        tag: TAG,
        summary: "Report somebody to the moderators",
        description: "About the person, or about a message of theirs in a conversation that the caller is in. The same person, or message, is reported once a day: again, the answer is the report of before. Nobody is told but the moderators. Whether there is a block between the two changes nothing, and a report blocks nobody.",
        path_parameters: somebody(),
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<ReportRequest>,
            "Luis",
            json!({ "reason": "spam", "details": "The same link in every group." }),
        )),
        answers: vec![
            Answer::new(201, "Moderators have it.", &body),
            Answer::new(200, "The caller has reported it on this day.", &body),
        ],
        errors: vec![
            examples::invalid(&[("reason", "is required"), ("messageId", "is required with conversationId")]),
            examples::unauthorized(),
            examples::not_found("User"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn unblock() -> Route {
    Route {
        function: "users-unblock",
        method: "DELETE",
        path: "/api/users/{userId}/block",
        tag: TAG,
        summary: "Block somebody no more",
        description: "Everything is as it was before, unless the other one has blocked the caller. 200 also for somebody who is not blocked.",
        path_parameters: somebody(),
        answers: vec![Answer::new(200, "They are not blocked.", &done())],
        errors: vec![examples::not_found("User"), examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn blocked() -> Route {
    let luis = BlockedPerson {
        id: examples::LUIS.into(),
        username: "luis".into(),
        display_name: "Luis García".into(),
        name: "Luis García".into(),
        avatar_url: None,
        blocked_at: "2026-03-14T09:20:00.000Z".into(),
    };
    Route {
        function: "users-blocked",
        method: "GET",
        path: "/api/users/blocked",
        tag: TAG,
        summary: "Whom the caller has blocked",
        description: "In no order that means anything. Never who has blocked the caller.",
        query: Some(PageQuery::json_schema),
        answers: vec![Answer::new(200, "One page.", &BlockedBody { users: vec![luis], next_cursor: None })],
        errors: vec![
            examples::invalid(&[("limit", "must be a whole number from 1 to 100")]),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
