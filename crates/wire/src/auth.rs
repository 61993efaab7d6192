//! Accounts: registration, sign-in, the tokens they give.

use domain::person::{DisplayName, Email, Password, Registration, Username};
use domain::{Country, Language, Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::schema;
use crate::user::OwnProfile;

/// Body of `POST /api/auth/register`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["email", "password"]))]
pub struct RegisterRequest {
    /// Address to sign in with; one account each.
    #[schemars(with = "schema::EmailAddress")]
    pub email: Field<String>,
    /// At least 8 characters (a deployment may allow 6), at most 256, and not a common one.
    #[schemars(length(max = 256))]
    pub password: Field<String>,
    /// 3 to 30 letters, digits, dots, dashes, underscores; derived from `displayName` or `name` when absent.
    #[schemars(length(min = 3, max = 30))]
    pub username: Field<String>,
    /// Name shown to others, 1 to 50 characters; the username when absent.
    #[schemars(length(min = 1, max = 50))]
    pub display_name: Field<String>,
    /// Older clients' word for `displayName`.
    #[schemars(length(min = 1, max = 50))]
    pub name: Field<String>,
    /// Language to read in, `en` when absent.
    #[schemars(with = "schema::LanguageCode")]
    pub preferred_language: Field<String>,
    /// Two-letter country code, `US` when absent.
    #[schemars(with = "schema::CountryCode")]
    pub preferred_country: Field<String>,
}

impl RegisterRequest {
    /// The checked registration; every bad field otherwise.
    pub fn check(self, min_password_length: usize) -> Result<Registration, Problems> {
        let mut problems = Problems::new();
        let unnamed = self.username.is_absent() && self.display_name.is_absent() && self.name.is_absent();
        if unnamed {
            problems.add("username", "is required");
        }
        let email = self.email.require(&mut problems, "email", |text| Email::parse(&text));
        let password =
            self.password.require(&mut problems, "password", |text| Password::parse(&text, min_password_length));
        let username = self.username.allow(&mut problems, "username", |text| Username::parse(&text));
        let name = self.name.allow(&mut problems, "name", |text| DisplayName::parse(&text));
        let display_name = self.display_name.allow(&mut problems, "displayName", |text| DisplayName::parse(&text));
        let language = self.preferred_language.allow(&mut problems, "preferredLanguage", |text| Language::parse(&text));
        let country = self.preferred_country.allow(&mut problems, "preferredCountry", |text| Country::parse(&text));
        let registration = email.zip(password).map(|(email, password)| Registration {
            email,
            password,
            username,
            display_name: display_name.or(name),
            language: language.unwrap_or_default(),
            country: country.unwrap_or_default(),
        });
        problems.finish(registration)
    }
}

/// Body of `POST /api/auth/login`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["email", "password"]))]
pub struct LoginRequest {
    /// The account's address, or its username.
    pub email: Field<String>,
    /// The account's password.
    #[schemars(length(min = 1, max = 256))]
    pub password: Field<String>,
    /// Keeps the session for longer.
    pub remember_me: Field<bool>,
}

/// Who signs in, how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInName {
    /// By address.
    Email(Email),
    /// By username.
    Username(Username),
}

impl SignInName {
    /// What two spellings of it share.
    pub fn folded(&self) -> String {
        match self {
            Self::Email(email) => email.folded(),
            Self::Username(username) => username.folded(),
        }
    }
}

/// A checked sign-in. The password is taken as it is: rules for new ones must not lock out an old one.
#[derive(Clone)]
pub struct SignIn {
    /// Whose account.
    pub name: SignInName,
    /// Password as typed.
    pub password: String,
    /// Whether to keep the session for longer.
    pub remember: bool,
}

impl LoginRequest {
    /// The checked sign-in; every bad field otherwise.
    pub fn check(self) -> Result<SignIn, Problems> {
        let mut problems = Problems::new();
        let name = self.email.require(&mut problems, "email", |text| {
            if text.contains('@') {
                Email::parse(&text).map(SignInName::Email)
            } else {
                Username::parse(&text)
                    .map(SignInName::Username)
                    .map_err(|_| Problem::new("must be a valid email address or a username"))
            }
        });
        let password = self.password.require(&mut problems, "password", typed_password);
        let remember = self.remember_me.allow(&mut problems, "rememberMe", Ok).unwrap_or_default();
        problems.finish(name.zip(password).map(|(name, password)| SignIn { name, password, remember }))
    }
}

/// Answer of everything that signs a person in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedInBody {
    /// The account.
    pub user: OwnProfile,
    /// For `Authorization: Bearer …` and the socket's `?token=`.
    pub access_token: String,
    /// Works once, for the next pair of tokens.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: u32,
}

/// Body of `POST /api/auth/refresh`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["refreshToken"]))]
pub struct RefreshRequest {
    /// The refresh token that was given last.
    #[schemars(length(min = 1))]
    pub refresh_token: Field<String>,
}

impl RefreshRequest {
    /// The token as it was given.
    pub fn check(self) -> Result<String, Problems> {
        let mut problems = Problems::new();
        let token = self.refresh_token.require(&mut problems, "refreshToken", Ok);
        problems.finish(token)
    }
}

/// Answer of `POST /api/auth/refresh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokensBody {
    /// For `Authorization: Bearer …` and the socket's `?token=`.
    pub access_token: String,
    /// Works once, for the next pair of tokens.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: u32,
}

/// Body of `POST /api/auth/logout`; it may be absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LogoutRequest {
    /// Whether every session of the caller ends and not this one alone.
    pub all_sessions: Field<bool>,
}

impl LogoutRequest {
    /// Whether all sessions are to end.
    pub fn check(self) -> Result<bool, Problems> {
        let mut problems = Problems::new();
        let all = self.all_sessions.allow(&mut problems, "allSessions", Ok).unwrap_or_default();
        problems.finish(Some(all))
    }
}

/// Body of `POST /api/auth/change-password`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["oldPassword", "newPassword"]))]
pub struct ChangePasswordRequest {
    /// The password until now.
    #[schemars(length(min = 1, max = 256))]
    pub old_password: Field<String>,
    /// The password from now on: as long as the deployment wants, at most 256 characters, and not a common one.
    #[schemars(length(max = 256))]
    pub new_password: Field<String>,
}

/// A checked wish for another password.
#[derive(Clone)]
pub struct PasswordChange {
    /// As typed.
    pub old: String,
    /// The new one.
    pub new: Password,
}

impl ChangePasswordRequest {
    /// The checked wish; every bad field otherwise.
    pub fn check(self, min_password_length: usize) -> Result<PasswordChange, Problems> {
        let mut problems = Problems::new();
        let old = self.old_password.require(&mut problems, "oldPassword", typed_password);
        let new =
            self.new_password.require(&mut problems, "newPassword", |text| Password::parse(&text, min_password_length));
        problems.finish(old.zip(new).map(|(old, new)| PasswordChange { old, new }))
    }
}

/// A password that was set before: rules for new ones must not lock out an old one.
pub(crate) fn typed_password(text: String) -> Result<String, Problem> {
    match text.chars().count() {
        0 => Err(Problem::new("must not be empty")),
        length if length > Password::MAX_LENGTH => Err(Problem::new("is too long")),
        _ => Ok(text),
    }
}

/// Body of `POST /api/auth/check-email`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["email"]))]
pub struct CheckEmailRequest {
    /// The address that is asked about.
    #[schemars(with = "schema::EmailAddress")]
    pub email: Field<String>,
}

impl CheckEmailRequest {
    /// The checked address.
    pub fn check(self) -> Result<Email, Problems> {
        let mut problems = Problems::new();
        let email = self.email.require(&mut problems, "email", |text| Email::parse(&text));
        problems.finish(email)
    }
}

/// Answer of `POST /api/auth/check-email`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckEmailBody {
    /// Whether the address has an account.
    pub exists: bool,
    /// The address that was asked about.
    #[schemars(with = "schema::EmailAddress")]
    pub email: String,
}

/// One of the caller's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionView {
    /// `sess_…`
    #[schemars(with = "schema::SessionId")]
    pub id: String,
    /// What the device calls itself.
    pub device: Option<String>,
    /// When the person signed in.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
    /// When its tokens were last renewed.
    #[schemars(with = "schema::Instant")]
    pub last_used_at: String,
    /// When it ends unless it is used before.
    #[schemars(with = "schema::Instant")]
    pub expires_at: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Answer of `GET /api/auth/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionsBody {
    /// The one used last first.
    pub sessions: Vec<SessionView>,
}

/// Answer of `POST /api/auth/ws-ticket`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TicketBody {
    /// For the socket's `?ticket=`; good once.
    pub ticket: String,
    /// Seconds until the ticket ends.
    pub expires_in: u64,
}
