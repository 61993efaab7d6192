//! Friends, and requests for friendship.

use domain::{Problems, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::user::Participant;
use crate::{Field, schema};

/// Body of `POST /api/friends/requests`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["friendId"]))]
pub struct FriendRequest {
    /// Who is asked.
    #[schemars(with = "schema::UserId")]
    pub friend_id: Field<String>,
}

impl FriendRequest {
    /// Who is asked by this person; what is wrong otherwise.
    pub fn check(self, own: &UserId) -> Result<UserId, Problems> {
        let mut problems = Problems::new();
        let friend = self.friend_id.require(&mut problems, "friendId", |text| UserId::parse(&text));
        if friend.as_ref() == Some(own) {
            problems.add("friendId", "must be somebody else");
        }
        problems.finish(friend)
    }
}

/// A friend. `userId` and `name` are for older clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FriendView {
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// The same.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
    /// Unique name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The same, under the older clients' name.
    pub name: String,
    /// Picture, if any.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// Language this person reads.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: String,
    /// `online`, `away` or `offline`.
    #[schemars(with = "schema::Availability")]
    pub status: String,
    /// Whether that is anything but `offline`.
    pub is_online: bool,
    /// When this person last came or went; null before the first time.
    #[schemars(with = "Option<schema::Instant>")]
    pub last_seen: Option<String>,
    /// Since when they are friends.
    #[schemars(with = "schema::Instant")]
    pub friends_since: String,
}

/// Answer of `GET /api/friends`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FriendsBody {
    /// One page, in no order that means anything.
    pub friends: Vec<FriendView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A request for friendship that is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FriendRequestView {
    /// The other person: who asked, or who was asked.
    pub user: Participant,
    /// `incoming`: the other person asked. `outgoing`: the reader did.
    pub direction: String,
    /// When.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}

/// Answer of `GET /api/friends/requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FriendRequestsBody {
    /// One page, in both directions, in no order that means anything.
    pub requests: Vec<FriendRequestView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Answer of `POST /api/friends/requests`: what the two are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskedBody {
    /// `requested`, or `friends` when the other person had asked already.
    #[schemars(with = "schema::Asked")]
    pub status: String,
    /// The request, unless they are friends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "FriendRequestView")]
    pub request: Option<FriendRequestView>,
    /// The friend, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "FriendView")]
    pub friend: Option<FriendView>,
}

/// Answer of `POST /api/friends/requests/{userId}/accept`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FriendBody {
    /// The friend.
    pub friend: FriendView,
}
