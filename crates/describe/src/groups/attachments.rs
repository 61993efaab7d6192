//! Files of conversations.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::Code;
use wire::attachment::{DownloadBody, DownloadQuery, UploadBody, UploadRequest};

use crate::examples;
use crate::row::{Answer, Example, Request, Route};

const TAG: &str = "Attachments";
const KEY: &str = "conv_0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a/att_2b3c4d5e-6f70-4182-93a4-b5c6d7e8f901.jpg";
const BUCKET: &str = "https://files.s3.us-east-1.amazonaws.com/";

pub(super) fn routes() -> Vec<Route> {
    vec![upload_url(), download_url()]
}

fn upload_url() -> Route {
    Route {
        function: "attachments-upload-url",
        method: "POST",
        path: "/api/attachments/upload-url",
        tag: TAG,
        summary: "Where a file for a conversation can be uploaded to",
        description: "PUT the file there within five minutes, with its `Content-Type` and its length, which are signed; then send a message with the attachment's `id`. At most {AttachmentMaxBytes} bytes. What is not sent within a day is gone, and what was sent never changes. With `writeOnce` the address takes one file alone: send the `headers` of the answer with it. 404 for a conversation that the caller is not in.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<UploadRequest>,
            examples: vec![
                Example {
                    name: "photo",
                    summary: "A photo",
                    value: json!({ "fileName": "photo.jpg", "contentType": "image/jpeg", "fileSize": 1_024_000, "conversationId": examples::CONVERSATION }),
                },
                Example {
                    name: "once",
                    summary: "A photo, by an address that takes it once",
                    value: json!({ "fileName": "photo.jpg", "contentType": "image/jpeg", "fileSize": 1_024_000, "conversationId": examples::CONVERSATION, "writeOnce": true }),
                },
            ],
        }),
        answers: vec![Answer::new(
            200,
            "Where to, and under which key.",
            &UploadBody {
                attachment_id: "att_2b3c4d5e-6f70-4182-93a4-b5c6d7e8f901".into(),
                upload_url: format!("{BUCKET}uploads/{KEY}?X-Amz-Signature=0d9c8b7a"),
                key: KEY.into(),
                headers: None,
                category: "image".into(),
                expires_in: 300,
            },
        )],
        errors: vec![
            examples::invalid(&[
                ("contentType", "is not a type of file that can be sent"),
                ("fileSize", "must be at most 26214400 bytes"),
            ]),
            examples::not_found("Conversation"),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        limit: "UploadsPerMinute",
        ..Route::default()
    }
}

fn download_url() -> Route {
    Route {
        function: "attachments-download-url",
        method: "GET",
        path: "/api/attachments/download-url",
        tag: TAG,
        summary: "Where a file of a conversation can be downloaded from",
        description: "Pictures, films and recordings may be shown in place; documents are for saving, under their own name. A picture that was sent a moment ago is being inspected (`state` of the attachment is `pending`): that is waited for; 409 after {InspectionWaitMs} milliseconds, and then ask again. 404 for one that was refused, for what somebody else has not sent yet, and for a file of a conversation that the caller is not in, as for one that does not exist.",
        query: Some(DownloadQuery::json_schema),
        answers: vec![Answer::new(
            200,
            "Where it is for the next minutes.",
            &DownloadBody { download_url: format!("{BUCKET}{KEY}?X-Amz-Signature=0d9c8b7a"), expires_in: 900 },
        )],
        errors: vec![
            examples::invalid(&[("key", "must be the key of an attachment")]),
            examples::not_found("Conversation"),
            examples::error(Code::Conflict, "the file is being inspected; ask again in a moment"),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
