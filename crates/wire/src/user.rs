//! People, as they see themselves and as others see them.

use domain::conversation::PictureUrl;
use domain::person::{Bio, Change, DisplayName, SettingsChange, Theme, Username};
use domain::{Country, Language, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Field, schema};

/// The own profile. `name` and `avatarUrl` are for older clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnProfile {
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// Address to sign in with; shown to its owner only.
    #[schemars(with = "schema::EmailAddress")]
    pub email: String,
    /// Unique name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The same, under the older clients' name.
    pub name: String,
    /// Language messages are translated into.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: String,
    /// Two-letter country code.
    #[schemars(with = "schema::CountryCode")]
    pub preferred_country: String,
    /// Picture, if any.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// Uploaded picture, if any.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub profile_picture: Option<String>,
    /// What this person says about themselves.
    pub bio: Option<String>,
    /// How this person's clients behave.
    pub settings: SettingsView,
    /// When the account was made.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}

/// How a person's clients behave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsView {
    /// Whether notifications are wanted.
    pub notifications_enabled: bool,
    /// Whether they make a sound.
    pub sound_enabled: bool,
    /// `light`, `dark` or `system`.
    #[schemars(with = "schema::Theme")]
    pub theme: String,
}

/// `{ "user": … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBody {
    /// The account.
    pub user: OwnProfile,
}

/// A person in a conversation, as others see them.
// Never an address: security D4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Participant {
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// The same, under the older clients' name.
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
    /// What this person may do there: `admin` or `member`, in a direct conversation always `member`. This and what
    /// follows is told where one conversation is asked for, and of whom an event is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Role")]
    pub role: Option<String>,
    /// When this person came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Instant")]
    pub joined_at: Option<String>,
    /// `online`, `away` or `offline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Availability")]
    pub presence: Option<String>,
    /// Whether this person is there: anything but `offline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub is_online: Option<bool>,
    /// When this person last came or went; absent before the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Instant")]
    pub last_seen: Option<String>,
}

/// Answer of `GET /api/users/me`: the profile itself, as the oldest clients read it, and again under `user`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = false))]
pub struct MeBody {
    /// The account.
    #[serde(flatten)]
    pub profile: OwnProfile,
    /// The same.
    pub user: OwnProfile,
}

/// Answer of `PATCH /api/users/me/language` and `…/country`. `id`, `preferredLanguage` and `preferredCountry` are for
/// older clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LocaleBody {
    /// The account.
    pub user: OwnProfile,
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// Language messages are translated into.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: String,
    /// Two-letter country code.
    #[schemars(with = "schema::CountryCode")]
    pub preferred_country: String,
}

/// Body of `PATCH /api/users/me`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateUserRequest {
    /// Unique name: 3 to 30 letters, digits, dots, dashes, underscores.
    #[schemars(length(min = 3, max = 30))]
    pub username: Field<String>,
    /// Name shown to others, 1 to 50 characters.
    #[schemars(length(min = 1, max = 50))]
    pub display_name: Field<String>,
    /// Older clients' word for `displayName`.
    #[schemars(length(min = 1, max = 50))]
    pub name: Field<String>,
    /// Picture elsewhere: an `https` address. An uploaded picture is shown before it.
    #[schemars(with = "schema::PictureAddress")]
    pub avatar_url: Field<String>,
    /// Words about oneself, at most 500 characters; empty for none.
    #[schemars(length(max = 500))]
    pub bio: Field<String>,
    /// How one's clients behave: what is absent stays.
    pub settings: Field<SettingsRequest>,
}

/// Settings to change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SettingsRequest {
    /// Whether notifications are wanted.
    pub notifications_enabled: Field<bool>,
    /// Whether they make a sound.
    pub sound_enabled: Field<bool>,
    /// `light`, `dark` or `system`.
    #[schemars(with = "schema::Theme")]
    pub theme: Field<String>,
}

impl UpdateUserRequest {
    /// The checked change; every bad field otherwise.
    pub fn check(self) -> Result<Change, Problems> {
        let mut problems = Problems::new();
        let username = self.username.allow(&mut problems, "username", |text| Username::parse(&text));
        let name = self.name.allow(&mut problems, "name", |text| DisplayName::parse(&text));
        let display_name = self.display_name.allow(&mut problems, "displayName", |text| DisplayName::parse(&text));
        let avatar_url = self.avatar_url.allow(&mut problems, "avatarUrl", |text| PictureUrl::parse(&text));
        let bio = self.bio.allow(&mut problems, "bio", |text| Bio::parse(&text));
        let settings = self.settings.allow(&mut problems, "settings", Ok).unwrap_or_default();
        let settings = SettingsChange {
            notifications_enabled: settings.notifications_enabled.allow(
                &mut problems,
                "settings.notificationsEnabled",
                Ok,
            ),
            sound_enabled: settings.sound_enabled.allow(&mut problems, "settings.soundEnabled", Ok),
            theme: settings.theme.allow(&mut problems, "settings.theme", |text| Theme::parse(&text)),
        };
        problems.finish(Some(Change {
            username,
            display_name: display_name.or(name),
            avatar_url,
            bio,
            settings,
            ..Change::default()
        }))
    }
}

/// Body of `PATCH /api/users/me/language`: one of the two.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LanguageRequest {
    /// Language to read in.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: Field<String>,
    /// Older clients' word for `preferredLanguage`.
    #[schemars(with = "schema::LanguageCode")]
    pub language: Field<String>,
}

impl LanguageRequest {
    /// The checked change; every bad field otherwise.
    pub fn check(self) -> Result<Change, Problems> {
        let mut problems = Problems::new();
        let older = self.language.allow(&mut problems, "language", |text| Language::parse(&text));
        let field = if older.is_some() || !problems.is_empty() {
            self.preferred_language.allow(&mut problems, "preferredLanguage", |text| Language::parse(&text))
        } else {
            self.preferred_language.require(&mut problems, "preferredLanguage", |text| Language::parse(&text))
        };
        problems.finish(Some(Change { language: field.or(older), ..Change::default() }))
    }
}

/// Body of `PATCH /api/users/me/country`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["preferredCountry"]))]
pub struct CountryRequest {
    /// Two-letter country code.
    #[schemars(with = "schema::CountryCode")]
    pub preferred_country: Field<String>,
}

impl CountryRequest {
    /// The checked change; every bad field otherwise.
    pub fn check(self) -> Result<Change, Problems> {
        let mut problems = Problems::new();
        let country = self.preferred_country.require(&mut problems, "preferredCountry", |text| Country::parse(&text));
        problems.finish(Some(Change { country, ..Change::default() }))
    }
}

/// A person as anybody sees them. `name` is for older clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonView {
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// Unique name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The same, under the older clients' name.
    pub name: String,
    /// The person's address, only to whoever searched for exactly this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::EmailAddress")]
    pub email: Option<String>,
    /// Picture, if any.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// Language this person reads.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: String,
    /// Whether this person is there: has a live connection, and does not say `offline`. False to whoever is neither a
    /// friend nor in a conversation with them.
    pub is_online: bool,
    /// When the last connection was opened or closed; null if there never was one, and to whoever is neither a friend nor
    /// in a conversation with them.
    #[schemars(with = "Option<schema::Instant>")]
    pub last_seen: Option<String>,
}

/// Query of `GET /api/users/search`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["q"]))]
pub struct SearchQueryString {
    /// The beginning of a word of a username, a display name or an address; at least 2 letters or digits.
    #[schemars(with = "String", length(min = 2, max = 254))]
    pub q: Option<String>,
    /// How many, 1 to 50; 20 when absent.
    #[schemars(with = "u8", range(min = 1, max = 50), extend("default" = 20))]
    pub limit: Option<String>,
    /// What `nextCursor` gave.
    #[schemars(with = "String")]
    pub cursor: Option<String>,
}

/// Answer of `GET /api/users/search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PeopleBody {
    /// One page, in the order of what was found.
    pub users: Vec<PersonView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A person's public profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicProfile {
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// Unique name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The same, under the older clients' name.
    pub name: String,
    /// Picture, if any.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// What this person says about themselves.
    pub bio: Option<String>,
    /// Language this person reads.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: String,
    /// Whether this person is there: has a live connection, and does not say `offline`. False to whoever is neither a
    /// friend nor in a conversation with them.
    pub is_online: bool,
    /// When the last connection was opened or closed; null if there never was one, and to whoever is neither a friend nor
    /// in a conversation with them.
    #[schemars(with = "Option<schema::Instant>")]
    pub last_seen: Option<String>,
    /// When the account was made.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}

/// `{ "user": … }`, of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicProfileBody {
    /// The person.
    pub user: PublicProfile,
}

/// Answer of `PUT /api/users/profile-picture`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PictureBody {
    /// The account.
    pub user: OwnProfile,
    /// The picture's address, which does not expire.
    #[schemars(with = "schema::WebAddress")]
    pub profile_picture: String,
}
