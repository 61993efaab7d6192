//! Messages over HTTP.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::Code;
use wire::actions::{DeleteMessageQuery, DeleteMessageRequest, EditMessageRequest};
use wire::message::{
    DeletedBody, ListMessagesQuery, MessageBody, MessageDetailsBody, MessagesBody, PreviewBody, PreviewRequest,
    ReceiptView, SendMessageRequest, TranslateMessageRequest, TranslationBody,
};
use wire::message_search::{FoundMessagesBody, SearchMessagesQuery};
use wire::schema::{ConversationId, MessageId};
use wire::sync::SyncQuery;

use crate::examples::{self, answer, edited, hello_to_ana};
use crate::row::{Answer, Example, PathParameter, Request, Route};

const TAG: &str = "Messages";

pub(super) fn routes() -> Vec<Route> {
    vec![list(), search(), send(), get(), edit(), delete(), translate(), preview(), sync()]
}

fn list() -> Route {
    let page = MessagesBody { messages: vec![hello_to_ana(), answer()], has_more: false, next_cursor: None };
    Route {
        function: "messages-list",
        method: "GET",
        path: "/api/conversations/{conversationId}/messages",
        tag: TAG,
        summary: "The messages of a conversation in the caller's language, oldest first",
        description: "The latest page, or the one before `cursor` or `before`, or the one after `after`: at most one of \
                      the three. No message is skipped or repeated across pages, whatever arrives meanwhile. What has \
                      no translation for the caller yet is translated now, for at most {TranslationDeadlineMs} \
                      milliseconds; what takes longer comes in its original language. 404 for a conversation that the \
                      caller is not in, as for one that does not exist.",
        path_parameters: vec![conversation()],
        query: Some(ListMessagesQuery::json_schema),
        answers: vec![Answer::new(200, "One page.", &page)],
        errors: vec![
            examples::invalid(&[("cursor", "cannot be combined with before or after, nor these with each other")]),
            examples::unauthorized(),
            examples::not_found("Conversation"),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn search() -> Route {
    let page = FoundMessagesBody { messages: vec![hello_to_ana()], has_more: false, next_cursor: None };
    Route {
        function: "messages-search",
        method: "GET",
        path: "/api/conversations/{conversationId}/messages/search",
        tag: TAG,
        summary: "Find messages of a conversation by their words, the latest first",
        description: "Finds what has all words of `q`, or parts of words, in the words that were written or in the \
                      caller's translation of them, if it was read within the last 30 days. A page looks through up to \
                      a thousand messages, fewer in other languages, so it may have fewer messages than `limit`, even \
                      none, and yet `hasMore`: ask on with `nextCursor`. Not found is what the caller does not see in \
                      a list, and what was said before the caller joined. 404 for a conversation that the caller is \
                      not in, as for one that does not exist.",
        path_parameters: vec![conversation()],
        query: Some(SearchMessagesQuery::json_schema),
        answers: vec![Answer::new(200, "What was found.", &page)],
        errors: vec![
            examples::invalid(&[("q", "must have at least one letter or digit")]),
            examples::unauthorized(),
            examples::not_found("Conversation"),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn conversation() -> PathParameter {
    PathParameter {
        name: "conversationId",
        description: "The conversation.",
        schema: SchemaGenerator::subschema_for::<ConversationId>,
        example: examples::CONVERSATION,
    }
}

fn message() -> PathParameter {
    PathParameter {
        name: "messageId",
        description: "The message.",
        schema: SchemaGenerator::subschema_for::<MessageId>,
        example: examples::FIRST_MESSAGE,
    }
}

const SENT_BEFORE: &str = "The message that an earlier try with the same `tempId` became.";

fn send() -> Route {
    let answer = |status, description| Answer::new(status, description, &MessageBody { message: hello_to_ana() });
    Route {
        function: "messages-send",
        method: "POST",
        path: "/api/conversations/{conversationId}/messages",
        tag: TAG,
        summary: "Send a message to everybody in a conversation, each in their language",
        description: "Does what `message:send` does over the socket: every connection of every participant gets \
                      `message:receive`, the caller's own too. The same sender, conversation and `tempId` is one \
                      message for at least 24 hours, over either way. At most {MessagesPerMinute} messages a minute in \
                      one conversation. 404 for a conversation that the caller is not in; 409 when a retry comes while \
                      the first try is still under way.",
        path_parameters: vec![conversation()],
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<SendMessageRequest>,
            examples: vec![Example {
                name: "text",
                summary: "A text",
                value: json!({ "content": "Hello, how are you?", "type": "text", "tempId": "2f6a-1" }),
            }],
        }),
        answers: vec![answer(200, SENT_BEFORE), answer(201, "The new message.")],
        errors: vec![
            examples::invalid(&[("content", "must not be empty without an attachment")]),
            examples::unauthorized(),
            examples::not_found("Conversation"),
            examples::error(Code::Conflict, "this message is still being sent"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn edit() -> Route {
    Route {
        function: "messages-edit",
        method: "PATCH",
        path: "/api/conversations/{conversationId}/messages/{messageId}",
        tag: TAG,
        summary: "Change the words of a message",
        description: "Its sender alone can. Everybody gets `message:edited`, in the language of each. Counts as a \
                      message against the limits. 404 for a conversation that the caller is not in, and for an unknown \
                      message; 409 for a deleted one.",
        path_parameters: vec![conversation(), message()],
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<EditMessageRequest>,
            examples: vec![Example {
                name: "words",
                summary: "New words",
                value: json!({ "content": "Hello, how are you all?" }),
            }],
        }),
        answers: vec![Answer::new(200, "The message.", &MessageBody { message: edited() })],
        errors: vec![
            examples::invalid(&[("content", "must not be empty")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, "only the sender can edit a message"),
            examples::not_found("Message"),
            examples::error(Code::Conflict, "the message was deleted"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn delete() -> Route {
    let deleted = DeletedBody {
        success: true,
        message_id: examples::FIRST_MESSAGE.into(),
        conversation_id: examples::CONVERSATION.into(),
        deleted_at: Some(examples::ANSWERED.into()),
        deleted_for_everyone: Some(true),
        deleted_for_me: None,
        participant_ids: Some(vec![examples::ANA.into(), examples::LUIS.into()]),
    };
    Route {
        function: "messages-delete",
        method: "DELETE",
        path: "/api/conversations/{conversationId}/messages/{messageId}",
        tag: TAG,
        summary: "Delete a message, for everybody or for oneself",
        description: "For everybody its sender alone can: what it said is gone, the message itself stays as a place that \
                      says so, and everybody gets `message:deleted`. Otherwise it is gone from the caller's own view. \
                      `forEveryone` may come in the body or in the query. Deleting again changes nothing. 404 for a \
                      conversation that the caller is not in, and for an unknown message.",
        path_parameters: vec![conversation(), message()],
        query: Some(DeleteMessageQuery::json_schema),
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<DeleteMessageRequest>,
            examples: vec![Example {
                name: "everybody",
                summary: "For everybody",
                value: json!({ "forEveryone": true }),
            }],
        }),
        answers: vec![Answer::new(
            200,
            "It is deleted: for everybody with `deletedForEveryone`, `deletedAt` and `participantIds`, \
                          for the caller with `deletedForMe`.",
            &deleted,
        )],
        errors: vec![
            examples::invalid(&[("forEveryone", "must be true or false")]),
            examples::unauthorized(),
            examples::error(Code::Forbidden, "only the sender can delete a message for everyone"),
            examples::not_found("Message"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn get() -> Route {
    let receipts = vec![ReceiptView { user_id: examples::LUIS.into(), status: "delivered".into() }];
    let details = MessageDetailsBody { message: hello_to_ana(), receipts };
    Route {
        function: "messages-get",
        method: "GET",
        path: "/api/conversations/{conversationId}/messages/{messageId}",
        tag: TAG,
        summary: "One message, with how far everybody has come with it",
        description: "404 for a conversation that the caller is not in, and for a message that does not exist or that \
                      the caller deleted for themselves.",
        path_parameters: vec![conversation(), message()],
        answers: vec![Answer::new(200, "The message.", &details)],
        errors: vec![examples::unauthorized(), examples::not_found("Message"), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn untranslated() -> wire::ErrorBody {
    examples::error(Code::TranslationError, "the text could not be translated: try again later")
}

fn translate() -> Route {
    let translation = TranslationBody {
        message_id: examples::FIRST_MESSAGE.into(),
        conversation_id: examples::CONVERSATION.into(),
        original_content: "Hello, how are you?".into(),
        original_language: "en".into(),
        translated_content: "Bonjour, comment ça va ?".into(),
        target_language: "fr".into(),
    };
    Route {
        function: "messages-translate",
        method: "POST",
        path: "/api/conversations/{conversationId}/messages/{messageId}/translate",
        tag: TAG,
        summary: "A message in a language that the caller names",
        description: "What can be read in that language as it is comes back as it is. At most {MessagesPerMinute} \
                      translations a minute that are asked for alone. 404 as for the message itself; 502 when the \
                      translator fails or takes longer than 10 seconds.",
        path_parameters: vec![conversation(), message()],
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<TranslateMessageRequest>,
            examples: vec![Example {
                name: "french",
                summary: "Into French",
                value: json!({ "targetLanguage": "fr" }),
            }],
        }),
        answers: vec![Answer::new(200, "The translation.", &translation)],
        errors: vec![
            examples::invalid(&[("targetLanguage", "is required")]),
            examples::unauthorized(),
            examples::not_found("Message"),
            examples::too_large(),
            examples::limited(),
            untranslated(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn preview() -> Route {
    let preview = PreviewBody {
        original_content: "Hello, how are you?".into(),
        translated_content: "Hola, ¿cómo estás?".into(),
        detected_language: "en".into(),
        target_language: "es".into(),
    };
    Route {
        function: "messages-preview",
        method: "POST",
        path: "/api/messages/preview-translation",
        tag: TAG,
        summary: "A text in another language, before it is sent",
        description: "At most {MessagesPerMinute} translations a minute that are asked for alone. 502 when the \
                      translator fails or takes longer than 10 seconds.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<PreviewRequest>,
            examples: vec![Example {
                name: "spanish",
                summary: "Into Spanish",
                value: json!({ "content": "Hello, how are you?", "targetLanguage": "es" }),
            }],
        }),
        answers: vec![Answer::new(200, "The translation.", &preview)],
        errors: vec![
            examples::invalid(&[("content", "is required"), ("targetLanguage", "is required")]),
            examples::unauthorized(),
            examples::too_large(),
            examples::limited(),
            untranslated(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn sync() -> Route {
    Route {
        function: "messages-sync",
        method: "GET",
        path: "/api/sync",
        tag: TAG,
        summary: "Everything that changed for the caller since a cursor",
        description: "For a client that was away. Without `since` the answer is a cursor alone: take it first, then load \
                      what you show, and from then on ask with the cursor of the last answer, also of one that came \
                      over the socket. While `hasMore` says so, ask again at once. What is told is how things are now; \
                      what happened within half a minute of the cursor may be told again. A cursor older than 35 days \
                      is answered with `reset`.",
        query: Some(SyncQuery::json_schema),
        answers: vec![Answer::new(200, "One page.", &examples::changed())],
        errors: vec![
            examples::invalid(&[("since", "must be what cursor gave, or a timestamp")]),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
