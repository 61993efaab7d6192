//! Friends.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::Code;
use wire::device::DoneBody;
use wire::frame::Event;
use wire::friend::{
    AskedBody, FriendBody, FriendRequest, FriendRequestView, FriendRequestsBody, FriendView, FriendsBody,
};
use wire::page::PageQuery;
use wire::schema::UserId;
use wire::user::Participant;

use crate::examples::{self, json};
use crate::row::{Answer, Example, PathParameter, Request, Route, ServerEvent};

const TAG: &str = "Friends";

pub(super) fn routes() -> Vec<Route> {
    vec![list(), requests(), request(), accept(), decline(), remove()]
}

pub(super) fn events() -> Vec<ServerEvent> {
    let event = |key, summary, description, event: Event| ServerEvent {
        key,
        summary,
        description,
        examples: vec![Example { name: "example", summary, value: json(&event) }],
    };
    vec![
        event(
            "friend:request",
            "Somebody asks for friendship",
            "To every connection of whoever is asked.",
            Event::FriendRequest { request: Box::new(asked("incoming")) },
        ),
        event(
            "friend:accepted",
            "Somebody who was asked is a friend now",
            "To every connection of whoever asked.",
            Event::FriendAccepted { friend: Box::new(luis()) },
        ),
    ]
}

fn luis() -> FriendView {
    let Participant { id, user_id, username, display_name, name, avatar_url, preferred_language, .. } =
        examples::member();
    FriendView {
        id,
        user_id,
        username,
        display_name,
        name,
        avatar_url,
        preferred_language,
        status: "online".into(),
        is_online: true,
        last_seen: Some(examples::SENT.into()),
        friends_since: examples::ANSWERED.into(),
    }
}

fn asked(direction: &str) -> FriendRequestView {
    let user = examples::answer().sender;
    FriendRequestView { user, direction: direction.into(), created_at: examples::SENT.into() }
}

fn other() -> PathParameter {
    PathParameter {
        name: "userId",
        description: "The other person.",
        schema: SchemaGenerator::subschema_for::<UserId>,
        example: examples::LUIS,
    }
}

fn bad_page() -> wire::ErrorBody {
    examples::invalid(&[("limit", "must be a whole number from 1 to 100"), ("cursor", "must be what nextCursor gave")])
}

fn list() -> Route {
    Route {
        function: "friends-list",
        method: "GET",
        path: "/api/friends",
        tag: TAG,
        summary: "One's friends",
        description: "With how much each of them is there.",
        query: Some(PageQuery::json_schema),
        answers: vec![Answer::new(200, "One page of them.", &FriendsBody { friends: vec![luis()], next_cursor: None })],
        errors: vec![bad_page(), examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn requests() -> Route {
    Route {
        function: "friends-requests",
        method: "GET",
        path: "/api/friends/requests",
        tag: TAG,
        summary: "Requests for friendship that nobody has answered",
        description: "To the caller and from the caller.",
        query: Some(PageQuery::json_schema),
        answers: vec![Answer::new(
            200,
            "One page of them.",
            &FriendRequestsBody { requests: vec![asked("incoming")], next_cursor: None },
        )],
        errors: vec![bad_page(), examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn request() -> Route {
    let requested = AskedBody { status: "requested".into(), request: Some(asked("outgoing")), friend: None };
    Route {
        function: "friends-request",
        method: "POST",
        path: "/api/friends/requests",
        tag: TAG,
        summary: "Ask somebody for friendship",
        description: "The other person gets `friend:request`. Whoever had asked already gets `friend:accepted`: the two \
                      are friends then. Asking again changes nothing. Somebody who blocks the caller is not found.",
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<FriendRequest>,
            "Luis",
            json!({ "friendId": examples::LUIS }),
        )),
        answers: vec![
            Answer::new(
                201,
                "The request, or the friend.",
                &AskedBody { status: "friends".into(), request: None, friend: Some(luis()) },
            ),
            Answer::new(200, "It was asked before.", &requested),
        ],
        errors: vec![
            examples::invalid(&[("friendId", "must be somebody else")]),
            examples::unauthorized(),
            examples::not_found("User"),
            examples::error(Code::Conflict, "you are friends already"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn accept() -> Route {
    Route {
        function: "friends-accept",
        method: "POST",
        path: "/api/friends/requests/{userId}/accept",
        tag: TAG,
        summary: "Accept a request for friendship",
        description: "Whoever asked gets `friend:accepted`. Accepting again changes nothing.",
        path_parameters: vec![other()],
        answers: vec![Answer::new(200, "The friend.", &FriendBody { friend: luis() })],
        errors: vec![
            examples::unauthorized(),
            examples::not_found("Request"),
            examples::error(Code::Conflict, "what you two are to each other is being changed"),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn decline() -> Route {
    Route {
        function: "friends-decline",
        method: "POST",
        path: "/api/friends/requests/{userId}/decline",
        tag: TAG,
        summary: "Decline a request for friendship",
        description: "Whoever asked is not told, and may ask again.",
        path_parameters: vec![other()],
        answers: vec![Answer::new(200, "It is declined.", &DoneBody { success: true })],
        errors: vec![examples::unauthorized(), examples::not_found("Request"), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn remove() -> Route {
    Route {
        function: "friends-remove",
        method: "DELETE",
        path: "/api/friends/{userId}",
        tag: TAG,
        summary: "End a friendship, or take back a request for one",
        description: "The other person is not told.",
        path_parameters: vec![other()],
        answers: vec![Answer::new(200, "There is none any more.", &DoneBody { success: true })],
        errors: vec![examples::unauthorized(), examples::not_found("Friend"), examples::limited(), examples::defect()],
        ..Route::default()
    }
}
