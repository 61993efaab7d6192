//! Notifications.

use schemars::{JsonSchema, SchemaGenerator};
use wire::frame::Event;
use wire::notification::{NotificationView, NotificationsBody, NotificationsReadBody};
use wire::page::PageQuery;
use wire::schema::NotificationId;

use crate::examples::{self, json};
use crate::operation::Kind;
use crate::row::{Answer, Example, Other, PathParameter, Route, ServerEvent};

const TAG: &str = "Notifications";
const NOTE: &str = "note_019cebd0-c355-8a1b-8c3d-5e6f708192a3";

pub(super) fn routes() -> Vec<Route> {
    vec![list(), read(), read_all()]
}

pub(super) fn events() -> Vec<ServerEvent> {
    let summary = "Something happened that one is notified of";
    let event = Event::NotificationNew { notification: Box::new(mention()), unread_count: 1 };
    vec![ServerEvent {
        key: "notification:new",
        summary,
        description: "To every connection of whom it is for, a moment after it happened: a request for friendship, its \
                      acceptance, being brought into a group, a mention, a reaction to an own message. Of a conversation that they have muted only a mention is told; the rest \
                      waits in the list. It may come more than once: its `id` tells.",
        examples: vec![Example { name: "example", summary, value: json(&event) }],
    }]
}

pub(super) fn others() -> Vec<Other> {
    vec![Other {
        function: "notifications-follow",
        kind: Kind::Invoked,
        summary: "Follows the table's stream",
        description: "Writes the notifications of mentions and reactions, and tells of every new one.",
        errors: Vec::new(),
    }]
}

fn mention() -> NotificationView {
    let message = examples::answer();
    NotificationView {
        id: NOTE.into(),
        r#type: "mention".into(),
        content: "Luis García mentioned you".into(),
        actor: message.sender,
        conversation_id: Some(examples::CONVERSATION.into()),
        message_id: Some(message.id),
        emoji: None,
        is_read: false,
        created_at: examples::ANSWERED.into(),
    }
}

fn list() -> Route {
    let body = NotificationsBody { notifications: vec![mention()], unread_count: 1, next_cursor: None };
    Route {
        function: "notifications-list",
        method: "GET",
        path: "/api/notifications",
        tag: TAG,
        summary: "What one is notified of",
        description: "The latest first. They are kept for 90 days.",
        query: Some(PageQuery::json_schema),
        answers: vec![Answer::new(200, "One page of them.", &body)],
        errors: vec![
            examples::invalid(&[
                ("limit", "must be a whole number from 1 to 100"),
                ("cursor", "must be what nextCursor gave"),
            ]),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn read() -> Route {
    Route {
        function: "notifications-read",
        method: "POST",
        path: "/api/notifications/{notificationId}/read",
        tag: TAG,
        summary: "Say that a notification was read",
        description: "Reading it again changes nothing.",
        path_parameters: vec![PathParameter {
            name: "notificationId",
            description: "A notification of the caller's.",
            schema: SchemaGenerator::subschema_for::<NotificationId>,
            example: NOTE,
        }],
        answers: vec![Answer::new(200, "It is read.", &NotificationsReadBody { success: true, unread_count: 0 })],
        errors: vec![
            examples::unauthorized(),
            examples::not_found("Notification"),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn read_all() -> Route {
    Route {
        function: "notifications-read-all",
        method: "POST",
        path: "/api/notifications/read-all",
        tag: TAG,
        summary: "Say that all notifications were read",
        description: "Those that there are: what comes later is unread.",
        answers: vec![Answer::new(200, "They are read.", &NotificationsReadBody { success: true, unread_count: 0 })],
        errors: vec![examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}
