//! Conversations.

use std::collections::BTreeSet;

use domain::conversation::{self, Kind, Line, NewConversation, NewGroup, PictureUrl, TokenSpendingMode};
use domain::person::Password;
use domain::{Language, Problem, Problems, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::message::MessageView;
use crate::schema;
use crate::user::Participant;

/// Body of `POST /api/conversations`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["type", "participantIds"]))]
pub struct CreateConversationRequest {
    /// `direct` or `group`.
    #[schemars(with = "schema::ConversationType")]
    pub r#type: Field<String>,
    /// The others; the caller is added. One for a direct conversation.
    #[schemars(with = "Vec<schema::UserId>", length(min = 1))]
    pub participant_ids: Field<Vec<String>>,
    /// A group's name, at most 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub name: Field<String>,
    /// A group's description, at most 500 characters.
    #[schemars(length(min = 1, max = 500))]
    pub description: Field<String>,
    /// A group's picture: an `https` address.
    #[schemars(with = "schema::PictureAddress")]
    pub avatar_url: Field<String>,
    /// Whether a group can be joined only by invitation.
    pub is_private: Field<bool>,
    /// What joining a group asks for.
    #[schemars(length(max = 256))]
    pub password: Field<String>,
    /// How many people a group takes, 2 or more, at most what the deployment allows.
    #[schemars(range(min = 2))]
    pub max_members: Field<u32>,
    /// Language mostly written here.
    #[schemars(with = "schema::LanguageCode")]
    pub source_language: Field<String>,
    /// Language mostly read here.
    #[schemars(with = "schema::LanguageCode")]
    pub target_language: Field<String>,
    /// `self` or `creator`: who pays for translations.
    #[schemars(with = "schema::TokenSpendingMode")]
    pub token_spending_mode: Field<String>,
}

/// What a deployment allows a new conversation.
#[derive(Debug, Clone, Copy)]
pub struct ConversationLimits {
    /// People in a group.
    pub group_members: u32,
    /// Characters in a password.
    pub min_password_length: usize,
}

impl CreateConversationRequest {
    /// The checked wish; every bad field otherwise.
    pub fn check(self, creator: &UserId, limits: ConversationLimits) -> Result<NewConversation, Problems> {
        let mut problems = Problems::new();
        let kind = self.r#type.require(&mut problems, "type", |text| Kind::parse(&text));
        let ids = self.participant_ids.require(&mut problems, "participantIds", |ids| {
            ids.iter().map(|id| UserId::parse(id)).collect::<Result<Vec<_>, _>>()
        });
        let max_members = self
            .max_members
            .allow(&mut problems, "maxMembers", |count| group_size(count, limits))
            .unwrap_or(limits.group_members);
        let name = self.name.allow(&mut problems, "name", |text| Line::name(&text));
        let description = self.description.allow(&mut problems, "description", |text| Line::description(&text));
        let avatar_url = self.avatar_url.allow(&mut problems, "avatarUrl", |text| PictureUrl::parse(&text));
        let is_private = self.is_private.allow(&mut problems, "isPrivate", Ok).unwrap_or_default();
        let password =
            self.password.allow(&mut problems, "password", |text| Password::parse(&text, limits.min_password_length));
        let source_language =
            self.source_language.allow(&mut problems, "sourceLanguage", |text| Language::parse(&text));
        let target_language =
            self.target_language.allow(&mut problems, "targetLanguage", |text| Language::parse(&text));
        let token_spending_mode = self
            .token_spending_mode
            .allow(&mut problems, "tokenSpendingMode", |text| TokenSpendingMode::parse(&text))
            .unwrap_or(TokenSpendingMode::Own);
        let mut members = BTreeSet::new();
        if let Some(ids) = ids {
            match conversation::invitees(creator, &ids, max_members) {
                Ok(others) => members = others,
                Err(bad) => problems.merge(bad),
            }
        }
        if kind == Some(Kind::Direct) && members.len() > 1 {
            problems.add("participantIds", "must name exactly one other person for a direct conversation");
        }
        let wish = kind.and_then(|kind| match kind {
            Kind::Direct => members.first().cloned().map(NewConversation::Direct),
            Kind::Group => Some(NewConversation::Group(Box::new(NewGroup {
                members,
                name,
                description,
                avatar_url,
                is_private,
                password,
                max_members,
                source_language,
                target_language,
                token_spending_mode,
            }))),
        });
        problems.finish(wish)
    }
}

/// How many people a group is to take: at least two, at most what the deployment allows.
pub(crate) fn group_size(count: u32, limits: ConversationLimits) -> Result<u32, Problem> {
    match count {
        0 | 1 => Err(Problem::new("must be at least 2")),
        count if count > limits.group_members => Err(Problem::new(format!("must be at most {}", limits.group_members))),
        count => Ok(count),
    }
}

/// A conversation as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "it is what the API says, each a field of its own")]
pub struct ConversationView {
    /// `conv_…`
    #[schemars(with = "schema::ConversationId")]
    pub id: String,
    /// `direct` or `group`.
    #[schemars(with = "schema::ConversationType")]
    pub r#type: String,
    /// A group's name; null for a direct conversation.
    pub name: Option<String>,
    /// A group's description.
    pub description: Option<String>,
    /// A group's picture.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// Its people; of a large group the first hundred.
    pub participants: Vec<Participant>,
    /// How many people there are in all.
    pub participant_count: u32,
    /// The latest message, null when there is none.
    pub last_message: Option<MessageView>,
    /// Messages the caller has not read.
    pub unread_count: u64,
    /// Whether notifications are off for the caller.
    pub muted: bool,
    /// Until when, if they are.
    #[schemars(with = "Option<schema::Instant>")]
    pub muted_until: Option<String>,
    /// Whether the caller keeps it at the top of the list.
    pub pinned: bool,
    /// Whether the caller has put it away.
    pub archived: bool,
    /// Whether it can be joined only by invitation.
    pub is_private: bool,
    /// Whether joining asks for a password.
    pub has_password: bool,
    /// How many people it takes.
    pub max_members: u32,
    /// Language mostly written here.
    #[schemars(with = "Option<schema::LanguageCode>")]
    pub source_language: Option<String>,
    /// Language mostly read here.
    #[schemars(with = "Option<schema::LanguageCode>")]
    pub target_language: Option<String>,
    /// `self` or `creator`: who pays for translations.
    #[schemars(with = "schema::TokenSpendingMode")]
    pub token_spending_mode: String,
    /// When it was made.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
    /// When it was last written to.
    #[schemars(with = "schema::Instant")]
    pub updated_at: String,
}

/// Answer of `POST /api/conversations`: the conversation itself, as the oldest clients read it, and again under
/// `conversation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = false))]
pub struct OpenedBody {
    /// The conversation.
    #[serde(flatten)]
    pub itself: ConversationView,
    /// The same.
    pub conversation: ConversationView,
}

/// `{ "conversation": … }`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationBody {
    /// The conversation.
    pub conversation: ConversationView,
}

/// Query of `GET /api/conversations/{conversationId}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GetConversationQuery {
    /// What `participantsCursor` of the page before said: the next hundred participants.
    #[schemars(with = "String")]
    pub participants_cursor: Option<String>,
}

impl GetConversationQuery {
    /// After whom the participants begin; what is wrong otherwise.
    pub fn check(&self) -> Result<Option<UserId>, Problems> {
        let mut problems = Problems::new();
        let cursor = problems.allow("participantsCursor", self.participants_cursor.as_deref(), |text| {
            UserId::parse(text).map_err(|_| Problem::new("must be what participantsCursor gave"))
        });
        problems.finish(Some(cursor))
    }
}

/// Answer of `GET /api/conversations/{conversationId}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationDetailsBody {
    /// The conversation, its participants with role, time of joining and presence.
    pub conversation: ConversationView,
    /// For the next participants; null when these are the last.
    pub participants_cursor: Option<String>,
}

/// Query of `GET /api/conversations`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListConversationsQuery {
    /// How many, 1 to 100; 50 when absent.
    #[schemars(with = "schema::PageSize", extend("default" = 50))]
    pub limit: Option<String>,
    /// What `nextCursor` of the page before said.
    #[schemars(with = "String")]
    pub cursor: Option<String>,
}

/// Answer of `GET /api/conversations`: the most recently written first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationsBody {
    /// One page.
    pub conversations: Vec<ConversationView>,
    /// Whether there are more.
    pub has_more: bool,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}
