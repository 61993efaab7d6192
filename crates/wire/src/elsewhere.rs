//! Signing in as somebody whom Google or Apple vouches for.

use domain::conversation::PictureUrl;
use domain::person::DisplayName;
use domain::{Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::auth::{SignedInBody, typed_password};
use crate::schema;
use crate::user::OwnProfile;

/// Body of `POST /api/auth/oauth`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["provider"]))]
pub struct OauthRequest {
    /// `google` or `apple`.
    #[schemars(extend("enum" = ["google", "apple"]))]
    pub provider: Field<String>,
    /// The provider's ID token: who somebody is, is read from it alone.
    pub id_token: Field<String>,
    /// What the client sent the provider as `nonce`, or of which it sent the SHA-256 in hexadecimal.
    pub nonce: Field<String>,
    /// The ID token, where older clients put it here; otherwise ignored.
    pub provider_id: Field<String>,
    /// Ignored: the address is the token's.
    pub email: Field<String>,
    /// Name for a new account, where the token has none.
    #[schemars(length(min = 1, max = 50))]
    pub name: Field<String>,
    /// Picture for a new account, where the token has none.
    #[schemars(with = "schema::WebAddress")]
    pub avatar_url: Field<String>,
    /// Password of the account that has the address already, to link the two.
    #[schemars(length(min = 1, max = 256))]
    pub password: Field<String>,
}

/// Who vouches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderName {
    /// Google.
    Google,
    /// Apple.
    Apple,
}

/// A checked sign-in by somebody whom a provider vouches for.
#[derive(Clone)]
pub struct Vouched {
    /// The ID token, or what may be one.
    pub id_token: Option<String>,
    /// What the token must repeat.
    pub nonce: Option<String>,
    /// Name for a new account.
    pub name: Option<DisplayName>,
    /// Picture for a new account.
    pub picture: Option<PictureUrl>,
    /// Password of the account that is to be linked.
    pub password: Option<String>,
}

impl OauthRequest {
    /// The checked sign-in; every bad field otherwise. What only decorates a new account is left out when it is bad: it
    /// is the provider's and not the person's to mend.
    pub fn check(self) -> Result<(ProviderName, Vouched), Problems> {
        let mut problems = Problems::new();
        let provider = self.provider.require(&mut problems, "provider", |name| match name.as_str() {
            "google" => Ok(ProviderName::Google),
            "apple" => Ok(ProviderName::Apple),
            _ => Err(Problem::new("must be google or apple")),
        });
        let id_token = self.id_token.allow(&mut problems, "idToken", Ok);
        let provider_id = self.provider_id.allow(&mut problems, "providerId", Ok);
        let nonce = self.nonce.allow(&mut problems, "nonce", Ok);
        self.email.allow(&mut problems, "email", Ok);
        let name = self.name.allow(&mut problems, "name", Ok);
        let picture = self.avatar_url.allow(&mut problems, "avatarUrl", Ok);
        let password = self.password.allow(&mut problems, "password", typed_password);
        let vouched = Vouched {
            id_token: id_token.or(provider_id),
            nonce,
            name: name.and_then(|name| DisplayName::parse(&name).ok()),
            picture: picture.and_then(|address| PictureUrl::parse(&address).ok()),
            password,
        };
        problems.finish(provider.map(|provider| (provider, vouched)))
    }
}

/// Body of `POST /api/auth/google`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["idToken"]))]
pub struct GoogleRequest {
    /// Google's ID token.
    pub id_token: Field<String>,
    /// What the client sent Google as `nonce`.
    pub nonce: Field<String>,
    /// Password of the account that has the address already, to link the two.
    #[schemars(length(min = 1, max = 256))]
    pub password: Field<String>,
}

impl GoogleRequest {
    /// The checked sign-in; every bad field otherwise.
    pub fn check(self) -> Result<Vouched, Problems> {
        let mut problems = Problems::new();
        let id_token = self.id_token.require(&mut problems, "idToken", Ok);
        let nonce = self.nonce.allow(&mut problems, "nonce", Ok);
        let password = self.password.allow(&mut problems, "password", typed_password);
        problems.finish(Some(Vouched { id_token, nonce, name: None, picture: None, password }))
    }
}

/// Answer of the routes for Google alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GoogleBody {
    /// The account.
    pub user: OwnProfile,
    /// For `Authorization: Bearer …` and the socket's `?token=`.
    pub access_token: String,
    /// Works once, for the next pair of tokens.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: u32,
    /// Whether the account was made by this.
    pub is_new_user: bool,
}

impl GoogleBody {
    /// A sign-in, and whether the account is new.
    pub fn new(signed_in: SignedInBody, is_new_user: bool) -> Self {
        let SignedInBody { user, access_token, refresh_token, expires_in } = signed_in;
        Self { user, access_token, refresh_token, expires_in, is_new_user }
    }
}

/// Answer of `GET /api/auth/google`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DepartureBody {
    /// Where the browser is sent, as in `Location`.
    #[schemars(with = "schema::WebAddress")]
    pub authorization_url: String,
}

/// Query of `GET /api/auth/google/callback`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GoogleCallbackQuery {
    /// Google's code.
    pub code: Field<String>,
    /// Which sign-in this is.
    pub state: Field<String>,
    /// Why there is no code.
    pub error: Field<String>,
}

impl GoogleCallbackQuery {
    /// State, and the code unless there is none.
    pub fn check(self) -> Result<(String, Option<String>), Problems> {
        let mut problems = Problems::new();
        let refused = self.error.allow(&mut problems, "error", Ok).is_some();
        let state = self.state.require(&mut problems, "state", Ok);
        let code = if refused { None } else { self.code.require(&mut problems, "code", Ok) };
        problems.finish(state.map(|state| (state, code)))
    }
}
