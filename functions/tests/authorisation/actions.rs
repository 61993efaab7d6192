//! Every action of the socket: who gets what, and what is sent.

use serde_json::{Value, json};

use super::people::{Scene, WORDS, Who};
use crate::support::now;

/// Every route of the WebSocket API. `ok`: no `error` event comes; a code: the `error` event that comes instead; a number:
/// the handshake is refused with it, so that there is no connection to send anything over (and over one that was opened
/// before, `UNAUTHORIZED`).
pub const MATRIX: &str = "
action · what is asked for             | owner            | member           | former           | stranger         | blocked          | ended | none | expired | kind
-------------------------------------------------------------------------------------------------------------------------------------------------------------------
$connect                               | ok               | ok               | ok               | ok               | ok               | 401   | 401  | 401     | 401
$disconnect                            | ok               | ok               | ok               | ok               | ok               | 401   | 401  | 401     | 401
$default · no known action             | VALIDATION_ERROR | VALIDATION_ERROR | VALIDATION_ERROR | VALIDATION_ERROR | VALIDATION_ERROR | 401   | 401  | 401     | 401
$default · message:deleted             | ok               | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------------
message:send                           | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
message:send · an answer, by own group | VALIDATION_ERROR | VALIDATION_ERROR | VALIDATION_ERROR | VALIDATION_ERROR | VALIDATION_ERROR | 401   | 401  | 401     | 401
message:send · over the block          | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:edit                           | ok               | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:edit · the former's            | FORBIDDEN        | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:edit · by own group            | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | 401   | 401  | 401     | 401
message:edit · over the block          | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:delete · for oneself           | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
message:delete · for everyone          | ok               | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:delete · the former's          | FORBIDDEN        | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:delete · by own group          | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | 401   | 401  | 401     | 401
message:reaction                       | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
message:reaction · by own group        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | 401   | 401  | 401     | 401
message:reaction · over the block      | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:typing                         | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
message:typing · over the block        | FORBIDDEN        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | FORBIDDEN        | 401   | 401  | 401     | 401
message:read                           | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
message:read · by own group            | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | 401   | 401  | 401     | 401
message:delivered                      | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
message:delivered · by own group       | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | NOT_FOUND        | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------------
conversation:join                      | ok               | ok               | NOT_FOUND        | NOT_FOUND        | ok               | 401   | 401  | 401     | 401
conversation:leave · looks away        | ok               | ok               | ok               | ok               | ok               | 401   | 401  | 401     | 401
presence:update                        | ok               | ok               | ok               | ok               | ok               | 401   | 401  | 401     | 401
sync                                   | ok               | ok               | ok               | ok               | ok               | 401   | 401  | 401     | 401
ping                                   | ok               | ok               | ok               | ok               | ok               | 401   | 401  | 401     | 401
";

/// What somebody sends for an action in a case: its `data`.
pub fn sent(scene: &Scene, action: &str, case: &str, who: Who) -> Value {
    let (group, message) = scene.place(case, who);
    let place = |more: Value| {
        let mut data = json!({ "conversationId": group, "messageId": message });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    match action {
        "message:send" if !case.starts_with("an answer") => {
            json!({ "conversationId": group, "content": WORDS[0], "tempId": "t" })
        }
        "message:send" => {
            json!({ "conversationId": group, "content": "What was it?", "replyTo": { "messageId": message } })
        }
        "message:edit" => place(json!({ "content": WORDS[1] })),
        "message:delete" => place(json!({ "forEveryone": case != "for oneself" })),
        "message:reaction" => place(json!({ "emoji": "👍" })),
        "message:typing" => json!({ "conversationId": group, "isTyping": true }),
        "message:read" | "message:delivered" | "$default" => place(json!({})),
        "conversation:join" | "conversation:leave" => json!({ "conversationId": group }),
        "presence:update" => json!({ "status": "away" }),
        // A minute back: all that was ever said.
        "sync" => json!({ "since": domain::Timestamp::from_millis(now().millis() - 60_000).to_string() }),
        "ping" => json!({}),
        action => panic!("{action} has a row, and nobody knows what to send for it: see `sent`"),
    }
}
