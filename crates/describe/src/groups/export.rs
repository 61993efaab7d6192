//! Everything that is kept about somebody.

use schemars::JsonSchema;
use wire::auth::SessionView;
use wire::export::{
    ExportBody, ExportQuery, ExportedAccount, ExportedConversation, ExportedMessage, ExportedReaction, ExportedTie,
};

use crate::examples::{self, ana_to_herself};
use crate::row::{Answer, Route};

pub(super) fn routes() -> Vec<Route> {
    vec![export()]
}

fn example() -> ExportBody {
    ExportBody {
        account: Some(Box::new(ExportedAccount {
            profile: ana_to_herself(),
            email_verified: true,
            has_password: true,
            identities: Vec::new(),
            found_by: vec!["ana smith".into(), "ana@example.com".into(), "smith".into()],
            presence: "offline".into(),
            last_seen: Some(examples::ANSWERED.into()),
            connections: Vec::new(),
        })),
        sessions: vec![SessionView {
            id: "sess_3c4d5e6f-7081-4293-a4b5-c6d7e8f90a1b".into(),
            device: Some("Pixel 9".into()),
            created_at: examples::SENT.into(),
            last_used_at: examples::SENT.into(),
            expires_at: "2026-04-13T09:26:53.589Z".into(),
            current: true,
        }],
        friends: vec![ExportedTie {
            user_id: examples::LUIS.into(),
            tie: "friends".into(),
            since: examples::SENT.into(),
        }],
        conversations: vec![ExportedConversation {
            id: examples::CONVERSATION.into(),
            r#type: Some("direct".into()),
            created: true,
            role: Some("member".into()),
            joined_at: Some(examples::SENT.into()),
            last_read_seq: Some(2),
            last_delivered_seq: Some(2),
            ..ExportedConversation::default()
        }],
        messages: vec![ExportedMessage {
            id: examples::FIRST_MESSAGE.into(),
            conversation_id: examples::CONVERSATION.into(),
            r#type: "text".into(),
            content: "Hello, how are you?".into(),
            language: "en".into(),
            answers: None,
            attachment: None,
            created_at: examples::SENT.into(),
            edited_at: None,
            deleted_at: None,
        }],
        reactions: vec![ExportedReaction {
            conversation_id: examples::CONVERSATION.into(),
            message_id: examples::SECOND_MESSAGE.into(),
            emoji: "👍".into(),
        }],
        next_cursor: None,
        ..ExportBody::default()
    }
}

fn export() -> Route {
    Route {
        function: "users-export",
        method: "GET",
        path: "/api/users/me/export",
        tag: "People",
        summary: "Everything that is kept about the caller, part by part",
        description: "The first part has the account, sign-ins, devices, friends, blocks, notifications and the \
                      conversations that were left; the parts after it have the conversations that the caller is or \
                      was in, with the caller's own messages, files, reactions and markers. Ask on with `nextCursor` \
                      until it is null, and put the lists together; a part may be nearly empty. Of others there are ids alone, \
                      and never their words; passwords and tokens are nowhere. Files have addresses good for 15 \
                      minutes.",
        query: Some(ExportQuery::json_schema),
        answers: vec![Answer::new(200, "A part; as an example, all of them put together.", &example())],
        errors: vec![
            examples::invalid(&[("cursor", "must be what nextCursor gave")]),
            examples::unauthorized(),
            examples::not_found("User"),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
