//! Inviting people into a group by a code, and joining it.

use domain::invitation::InviteCode;
use domain::person::Password;
use domain::{Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Field, schema};

/// Body of `POST /api/conversations/{conversationId}/invite`; it may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct InviteRequest {
    /// Whether the code that there is opens nothing any more, and a new one is made.
    pub rotate: Field<bool>,
}

impl InviteRequest {
    /// Whether a new code is wished for; what is wrong otherwise.
    pub fn check(self) -> Result<bool, Problems> {
        let mut problems = Problems::new();
        let rotate = self.rotate.allow(&mut problems, "rotate", Ok).unwrap_or_default();
        problems.finish(Some(rotate))
    }
}

/// Answer of `POST /api/conversations/{conversationId}/invite`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InviteBody {
    /// The group.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// What `POST /api/conversations/join` takes: 12 letters and digits, in any case, with or without dashes.
    pub conversation_code: String,
    /// An address with the code behind its `#`, where no server sees it.
    #[schemars(with = "schema::WebAddress")]
    pub invite_url: String,
    /// That address as a QR code: a `data:` address of an SVG image.
    pub qr_code_data: String,
    /// When the code opens nothing any more.
    #[schemars(with = "schema::Instant")]
    pub expires_at: String,
}

/// Body of `POST /api/conversations/join`.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationCode"]))]
pub struct JoinRequest {
    /// The code of an invitation, in any case, with or without spaces and dashes.
    #[schemars(length(min = 12, max = 64))]
    pub conversation_code: Field<String>,
    /// The group's password, if it asks for one.
    #[schemars(length(max = 256))]
    pub password: Field<String>,
}

/// A checked wish to join.
#[derive(Clone)]
pub struct Join {
    /// The code; nothing for what is no code, which opens as much as a wrong one.
    pub code: Option<InviteCode>,
    /// What was typed as the password.
    pub password: Option<String>,
}

impl JoinRequest {
    /// The checked wish; every bad field otherwise.
    pub fn check(self) -> Result<Join, Problems> {
        let mut problems = Problems::new();
        let code = self.conversation_code.require(&mut problems, "conversationCode", |text| match text.trim() {
            "" => Err(Problem::new("must not be empty")),
            text => Ok(InviteCode::parse(text).ok()),
        });
        let password = self.password.allow(&mut problems, "password", |text| {
            if text.chars().count() > Password::MAX_LENGTH {
                return Err(Problem::new(format!("must be at most {} characters long", Password::MAX_LENGTH)));
            }
            Ok(text)
        });
        problems.finish(code.map(|code| Join { code, password }))
    }
}
