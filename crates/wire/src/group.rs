//! Changing a group and who is in it.

use std::collections::BTreeSet;

use domain::conversation::{Line, PictureUrl, Role};
use domain::person::Password;
use domain::{Problem, Problems, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conversation::{ConversationLimits, group_size};
use crate::schema;
use crate::user::Participant;
use crate::{Clearable, Field};

/// Body of `PATCH /api/conversations/{conversationId}`: what is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateConversationRequest {
    /// The group's name, at most 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub name: Field<String>,
    /// The group's description, at most 500 characters; `null` removes it.
    #[schemars(length(min = 1, max = 500))]
    pub description: Clearable<String>,
    /// The group's picture, an `https` address; `null` removes it.
    #[schemars(with = "Option<schema::PictureAddress>")]
    pub avatar_url: Clearable<String>,
    /// What joining asks for; `null` removes it.
    #[schemars(length(max = 256))]
    pub password: Clearable<String>,
    /// How many people the group takes, 2 or more, at most what the deployment allows, and no fewer than are in it.
    #[schemars(range(min = 2))]
    pub max_members: Field<u32>,
}

/// A checked change of a group; what is absent stays as it is, and `Some(None)` removes it.
#[derive(Clone)]
pub struct GroupChange {
    /// Name.
    pub name: Option<Line>,
    /// Description.
    pub description: Option<Option<Line>>,
    /// Picture.
    pub avatar_url: Option<Option<PictureUrl>>,
    /// What joining asks for.
    pub password: Option<Option<Password>>,
    /// How many people it takes.
    pub max_members: Option<u32>,
}

impl UpdateConversationRequest {
    /// The checked change; every bad field otherwise. A change that changes nothing is none.
    pub fn check(self, limits: ConversationLimits) -> Result<GroupChange, Problems> {
        let mut problems = Problems::new();
        let nothing = self.name.is_absent()
            && self.description.is_absent()
            && self.avatar_url.is_absent()
            && self.password.is_absent()
            && self.max_members.is_absent();
        if nothing {
            problems.add("body", "must change at least one of name, description, avatarUrl, password, maxMembers");
        }
        let name = self.name.allow(&mut problems, "name", |text| Line::name(&text));
        let description = self.description.allow(&mut problems, "description", |text| Line::description(&text));
        let avatar_url = self.avatar_url.allow(&mut problems, "avatarUrl", |text| PictureUrl::parse(&text));
        let password =
            self.password.allow(&mut problems, "password", |text| Password::parse(&text, limits.min_password_length));
        let max_members = self.max_members.allow(&mut problems, "maxMembers", |count| group_size(count, limits));
        problems.finish(Some(GroupChange { name, description, avatar_url, password, max_members }))
    }
}

/// Body of `POST /api/conversations/{conversationId}/participants`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["participantIds"]))]
pub struct AddParticipantsRequest {
    /// Who is to come in, at most 20 at once: all of them or nobody.
    #[serde(alias = "userIds")]
    #[schemars(with = "Vec<schema::UserId>", length(min = 1, max = 20))]
    pub participant_ids: Field<Vec<String>>,
}

impl AddParticipantsRequest {
    /// The people, each once; what is wrong otherwise.
    pub fn check(self, most: usize) -> Result<BTreeSet<UserId>, Problems> {
        let mut problems = Problems::new();
        let people = self.participant_ids.require(&mut problems, "participantIds", |ids| {
            let people = ids.iter().map(|id| UserId::parse(id)).collect::<Result<BTreeSet<_>, _>>()?;
            match people.len() {
                0 => Err(Problem::new("must name at least one person")),
                count if count > most => Err(Problem::new(format!("must name at most {most} people"))),
                _ => Ok(people),
            }
        });
        problems.finish(people)
    }
}

/// Body of `PATCH /api/conversations/{conversationId}/participants/{userId}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["role"]))]
pub struct RoleRequest {
    /// `admin` or `member`.
    #[schemars(with = "schema::Role")]
    pub role: Field<String>,
}

impl RoleRequest {
    /// The role; what is wrong otherwise.
    pub fn check(self) -> Result<Role, Problems> {
        let mut problems = Problems::new();
        let role = self.role.require(&mut problems, "role", |text| Role::parse(&text));
        problems.finish(role)
    }
}

/// `{ "participants": … }`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParticipantsBody {
    /// The group.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Those who are new.
    pub participants: Vec<Participant>,
    /// How many people there are now.
    pub participant_count: u32,
}

/// `{ "participant": … }`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParticipantBody {
    /// The group.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// The participant with the role from now on.
    pub participant: Participant,
}

/// Answer to removing somebody, and to leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DepartedBody {
    /// Always true.
    pub success: bool,
    /// The group.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Who is in it no more.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
}

/// What is the same of a group for everybody in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationFacts {
    /// `conv_…`
    #[schemars(with = "schema::ConversationId")]
    pub id: String,
    /// `direct` or `group`.
    #[schemars(with = "schema::ConversationType")]
    pub r#type: String,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Picture.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// How many people there are.
    pub participant_count: u32,
    /// Whether it can be joined only by invitation.
    pub is_private: bool,
    /// Whether joining asks for a password.
    pub has_password: bool,
    /// How many people it takes.
    pub max_members: u32,
}
