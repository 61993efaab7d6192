//! Accounts of people whom Google or Apple vouches for.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::Code;
use wire::auth::SignedInBody;
use wire::elsewhere::{DepartureBody, GoogleBody, GoogleCallbackQuery, GoogleRequest, OauthRequest};

use super::auth::{TAG, signed_in};
use crate::examples::{self, ana_to_herself};
use crate::row::{Answer, Example, Request, Route};

/// Not a token: no provider signed it.
const ID_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMDc2OTE1MDM1MDAwNiJ9.c2lnbmF0dXJl";

pub(super) fn routes() -> Vec<Route> {
    vec![oauth(), google(), google_start(), google_callback()]
}

fn vouching_errors(fields: &[(&str, &str)]) -> Vec<wire::ErrorBody> {
    vec![
        examples::invalid(fields),
        examples::error(Code::Unauthorized, "a valid ID token of the provider is required"),
        examples::error(Code::InvalidCredentials, "the email address or the password is wrong"),
        examples::error(Code::Forbidden, "the provider has not verified an email address"),
        examples::error(Code::Conflict, "an account with this email address exists: send its password along"),
        examples::too_large(),
        examples::limited(),
        examples::defect(),
    ]
}

fn google_answer() -> Answer {
    let signed_in = SignedInBody {
        user: ana_to_herself(),
        access_token: examples::ACCESS_TOKEN.into(),
        refresh_token: examples::refresh_token(),
        expires_in: 3600,
    };
    Answer::new(200, "The account, its tokens, and whether it is new.", &GoogleBody::new(signed_in, false))
}

fn oauth() -> Route {
    Route {
        function: "auth-oauth",
        method: "POST",
        path: "/api/auth/oauth",
        tag: TAG,
        summary: "Sign in with an ID token of Google or Apple",
        description: "Who somebody is, is read from the ID token alone, which older clients may send as `providerId`; \
                      without one that holds, 401. The account is found by issuer and subject. The first time one is \
                      made, if the provider has verified the address; 403 otherwise. Where the address has an account \
                      already, `password` links the two. Without it the account is linked only if the provider itself \
                      hands out that address: its password and its sessions do not survive that. Otherwise 409, as \
                      where the provider is not set up.",
        signed_in: false,
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<OauthRequest>,
            examples: vec![
                Example {
                    name: "google",
                    summary: "With Google",
                    value: json!({ "provider": "google", "idToken": ID_TOKEN }),
                },
                Example {
                    name: "apple",
                    summary: "With Apple, which tells the name to the client alone",
                    value: json!({ "provider": "apple", "idToken": ID_TOKEN, "nonce": "n-0S6", "name": "Ana Smith" }),
                },
            ],
        }),
        answers: vec![signed_in(200, "The account and its tokens.")],
        errors: vouching_errors(&[("provider", "must be google or apple")]),
        limit: "SignInPerMinute",
        ..Route::default()
    }
}

fn google() -> Route {
    Route {
        function: "auth-google",
        method: "POST",
        path: "/api/auth/google",
        tag: TAG,
        summary: "Sign in with an ID token of Google",
        description: "What older clients use for `POST /api/auth/oauth` with Google.",
        signed_in: false,
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<GoogleRequest>,
            "The ID token",
            json!({ "idToken": ID_TOKEN }),
        )),
        answers: vec![google_answer()],
        errors: vouching_errors(&[("idToken", "is required")]),
        limit: "SignInPerMinute",
        ..Route::default()
    }
}

fn google_start() -> Route {
    let address =
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&state=c3RhdGU&code_challenge_method=S256";
    Route {
        function: "auth-google-start",
        method: "GET",
        path: "/api/auth/google",
        tag: TAG,
        summary: "Send a browser to Google to sign in",
        description: "The authorization-code flow with state and PKCE. A cookie binds the state to this browser; it is \
                      good once, for ten minutes. 409 where it is not set up.",
        signed_in: false,
        answers: vec![Answer::new(302, "To Google.", &DepartureBody { authorization_url: address.into() })],
        errors: vec![
            examples::error(Code::Conflict, "signing in with Google in a browser is not set up here"),
            examples::limited(),
            examples::defect(),
        ],
        limit: "SignInPerMinute",
        ..Route::default()
    }
}

fn google_callback() -> Route {
    Route {
        function: "auth-google-callback",
        method: "GET",
        path: "/api/auth/google/callback",
        tag: TAG,
        summary: "A browser comes back from Google",
        description: "Google sends it here. 401 for a sign-in that this browser did not begin, or that was refused or \
                      finished before. An account that has the address already is linked as by `POST /api/auth/oauth` \
                      without a password.",
        signed_in: false,
        query: Some(GoogleCallbackQuery::json_schema),
        answers: vec![google_answer()],
        errors: vec![
            examples::invalid(&[("code", "is required"), ("state", "is required")]),
            examples::error(Code::Unauthorized, "signing in at the provider did not work: start again"),
            examples::error(Code::Forbidden, "the provider has not verified an email address"),
            examples::error(Code::Conflict, "signing in with Google in a browser is not set up here"),
            examples::limited(),
            examples::defect(),
        ],
        limit: "SignInPerMinute",
        ..Route::default()
    }
}
