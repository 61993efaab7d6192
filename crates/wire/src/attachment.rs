//! Files.

use std::collections::BTreeMap;

use domain::attachment::{AttachmentKey, FileName, MediaType, PictureKey, file_size};
use domain::{ConversationId, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::schema;

/// Body of `POST /api/attachments/upload-url`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["fileName", "contentType", "fileSize", "conversationId"]))]
pub struct UploadRequest {
    /// The file's name, for others to see; of a path the last part.
    #[schemars(length(min = 1))]
    pub file_name: Field<String>,
    /// Its media type.
    #[schemars(with = "schema::MediaType")]
    pub content_type: Field<String>,
    /// Its length in bytes.
    #[schemars(range(min = 1))]
    pub file_size: Field<u64>,
    /// Where it is to be sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Field<String>,
    /// Whether the address is to take one file and no second one: then what `headers` answers must be sent with it.
    pub write_once: Field<bool>,
}

/// A checked wish to upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name.
    pub file_name: FileName,
    /// Its type.
    pub media: MediaType,
    /// Its length in bytes.
    pub file_size: u64,
    /// Where it is to be sent.
    pub conversation: ConversationId,
    /// Whether its address is to take one file only.
    pub once: bool,
}

impl UploadRequest {
    /// The checked wish; every bad field otherwise.
    pub fn check(self, most: u64) -> Result<Upload, Problems> {
        let mut problems = Problems::new();
        let file_name = self.file_name.require(&mut problems, "fileName", |text| FileName::parse(&text));
        let media = self.content_type.require(&mut problems, "contentType", |text| MediaType::parse(&text));
        let size = self.file_size.require(&mut problems, "fileSize", |bytes| file_size(bytes, most));
        let conversation =
            self.conversation_id.require(&mut problems, "conversationId", |text| ConversationId::parse(&text));
        let once = self.write_once.allow(&mut problems, "writeOnce", Ok).unwrap_or_default();
        let all = file_name.zip(media).zip(size.zip(conversation));
        problems.finish(all.map(|((file_name, media), (file_size, conversation))| Upload {
            file_name,
            media,
            file_size,
            conversation,
            once,
        }))
    }
}

/// Answer of `POST /api/attachments/upload-url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadBody {
    /// `att_…`, for the message.
    #[schemars(with = "schema::AttachmentId")]
    pub attachment_id: String,
    /// Where to PUT the file, with the `Content-Type` and the length that were asked for.
    #[schemars(with = "schema::WebAddress")]
    pub upload_url: String,
    /// With `writeOnce`: the headers that must be sent with the file, these and no others of these names. A second file is
    /// answered 412.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: Option<BTreeMap<String, String>>,
    /// For the message, and for a download.
    pub key: String,
    /// `image`, `video`, `audio` or `document`.
    #[schemars(with = "schema::AttachmentCategory")]
    pub category: String,
    /// Seconds that the address works for.
    pub expires_in: u64,
}

/// Query of `GET /api/attachments/download-url`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["key"]))]
pub struct DownloadQuery {
    /// The attachment's key.
    #[schemars(with = "String")]
    pub key: Option<String>,
}

impl DownloadQuery {
    /// The checked key.
    pub fn check(&self) -> Result<AttachmentKey, Problems> {
        let mut problems = Problems::new();
        let key = problems.require("key", self.key.as_deref(), AttachmentKey::parse);
        problems.finish(key)
    }
}

/// Answer of `GET /api/attachments/download-url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DownloadBody {
    /// Where to GET the file.
    #[schemars(with = "schema::WebAddress")]
    pub download_url: String,
    /// Seconds that the address works for.
    pub expires_in: u64,
}

/// Body of `POST /api/users/profile-picture/upload-url`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["contentType", "fileSize"]))]
pub struct PictureUploadRequest {
    /// `image/jpeg`, `image/png` or `image/webp`.
    #[schemars(with = "schema::PictureType")]
    pub content_type: Field<String>,
    /// Its length in bytes.
    #[schemars(range(min = 1))]
    pub file_size: Field<u64>,
    /// Whether the address is to take one picture and no second one: then what `headers` answers must be sent with it.
    pub write_once: Field<bool>,
}

/// A checked wish to upload a picture.
#[derive(Debug, Clone, Copy)]
pub struct PictureUpload {
    /// Its type.
    pub media: MediaType,
    /// Its length in bytes.
    pub file_size: u64,
    /// Whether its address is to take one picture only.
    pub once: bool,
}

impl PictureUploadRequest {
    /// The checked wish; every bad field otherwise.
    pub fn check(self, most: u64) -> Result<PictureUpload, Problems> {
        let mut problems = Problems::new();
        let media = self.content_type.require(&mut problems, "contentType", |text| MediaType::parse_picture(&text));
        let size = self.file_size.require(&mut problems, "fileSize", |bytes| file_size(bytes, most));
        let once = self.write_once.allow(&mut problems, "writeOnce", Ok).unwrap_or_default();
        problems.finish(media.zip(size).map(|(media, file_size)| PictureUpload { media, file_size, once }))
    }
}

/// Answer of `POST /api/users/profile-picture/upload-url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PictureUploadBody {
    /// Where to PUT the picture, with the `Content-Type` and the length that were asked for.
    #[schemars(with = "schema::WebAddress")]
    pub upload_url: String,
    /// With `writeOnce`: the headers that must be sent with the picture. A second one is answered 412.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: Option<BTreeMap<String, String>>,
    /// For `PUT /api/users/profile-picture`.
    pub key: String,
    /// Seconds that the address works for.
    pub expires_in: u64,
}

/// Answer of `GET /api/users/{userId}/pictures/{picture}`, for who does not follow its `Location`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElsewhereBody {
    /// Where the picture is, for the next minutes.
    #[schemars(with = "schema::WebAddress")]
    pub location: String,
}

/// Body of `PUT /api/users/profile-picture`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["key"]))]
pub struct SetPictureRequest {
    /// What `upload-url` gave.
    pub key: Field<String>,
}

impl SetPictureRequest {
    /// The key, if it is one of a picture; a key of anything else is nobody's picture.
    pub fn check(self) -> Result<Option<PictureKey>, Problems> {
        let mut problems = Problems::new();
        let key = self.key.require(&mut problems, "key", |text| Ok(PictureKey::parse(&text).ok()));
        problems.finish(key)
    }
}
