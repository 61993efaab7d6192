//! Accounts.

use schemars::SchemaGenerator;
use serde_json::json;
use wire::auth::{
    ChangePasswordRequest, CheckEmailBody, CheckEmailRequest, LoginRequest, LogoutRequest, RefreshRequest,
    RegisterRequest, SessionView, SessionsBody, SignedInBody, TicketBody, TokensBody,
};
use wire::schema;
use wire::user::UserBody;
use wire::{Code, SuccessBody};

use crate::examples::{self, ana_to_herself};
use crate::row::{Answer, Example, PathParameter, Request, Route};

pub(super) const TAG: &str = "Accounts";

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![register(), login(), me(), refresh(), logout(), sessions(), session_revoke()];
    routes.extend([change_password(), check_email(), ws_ticket()]);
    routes
}

pub(super) fn signed_in(status: u16, description: &'static str) -> Answer {
    let example = SignedInBody {
        user: ana_to_herself(),
        access_token: examples::ACCESS_TOKEN.into(),
        refresh_token: examples::refresh_token(),
        expires_in: 3600,
    };
    Answer::new(status, description, &example)
}

fn register() -> Route {
    Route {
        function: "auth-register",
        method: "POST",
        path: "/api/auth/register",
        tag: TAG,
        summary: "Make an account and sign in to it",
        description: "One of `username`, `displayName` and `name` is needed: a username is derived where none is \
                      given. Addresses and usernames that differ in upper and lower case alone are the same. A password \
                      has at least {PasswordMinLength} characters and is none of the common ones.",
        signed_in: false,
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<RegisterRequest>,
            examples: vec![
                Example {
                    name: "username",
                    summary: "With a username",
                    value: json!({
                        "email": "ana@example.com",
                        "password": "correct horse battery",
                        "username": "ana",
                        "displayName": "Ana Smith",
                        "preferredLanguage": "en",
                        "preferredCountry": "US",
                    }),
                },
                Example {
                    name: "name",
                    summary: "With a name alone, as older clients do: the username is derived from it",
                    value: json!({
                        "email": "ana@example.com",
                        "password": "correct horse battery",
                        "name": "Ana Smith",
                    }),
                },
            ],
        }),
        answers: vec![signed_in(201, "The account and its tokens.")],
        errors: vec![
            examples::invalid(&[("email", "must be a valid email address"), ("password", "is too common")]),
            examples::error(Code::EmailExists, "this email address has an account already"),
            examples::error(Code::UsernameExists, "this username is taken"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        limit: "SignInPerMinute",
        ..Route::default()
    }
}

fn login() -> Route {
    Route {
        function: "auth-login",
        method: "POST",
        path: "/api/auth/login",
        tag: TAG,
        summary: "Sign in with an e-mail address or a username, and a password",
        description: "An unknown account and a wrong password get the same answer in the same time. `rememberMe` \
                      lengthens the session from {RefreshTokenDays} to {RememberedRefreshTokenDays} days.",
        signed_in: false,
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<LoginRequest>,
            examples: vec![
                Example {
                    name: "email",
                    summary: "By e-mail address",
                    value: json!({ "email": "ana@example.com", "password": "correct horse battery" }),
                },
                Example {
                    name: "username",
                    summary: "By username, to stay signed in",
                    value: json!({ "email": "ana", "password": "correct horse battery", "rememberMe": true }),
                },
            ],
        }),
        answers: vec![signed_in(200, "The account and its tokens.")],
        errors: vec![
            examples::invalid(&[("email", "is required"), ("password", "must be a string")]),
            examples::error(Code::InvalidCredentials, "the email address or the password is wrong"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        limit: "SignInPerMinute",
        ..Route::default()
    }
}

fn me() -> Route {
    Route {
        function: "auth-me",
        method: "GET",
        path: "/api/auth/me",
        tag: TAG,
        summary: "The caller's own account",
        description: "404 when the account is gone, which its tokens can outlive for a while.",
        answers: vec![Answer::new(200, "The account.", &UserBody { user: ana_to_herself() })],
        errors: vec![examples::unauthorized(), examples::not_found("User"), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

const SESSION: &str = "sess_3c4d5e6f-7081-4293-a4b5-c6d7e8f90a1b";

fn done(description: &'static str) -> Answer {
    Answer::new(200, description, &SuccessBody::DONE)
}

fn refresh() -> Route {
    let tokens = TokensBody {
        access_token: examples::ACCESS_TOKEN.into(),
        refresh_token: examples::refresh_token(),
        expires_in: 3600,
    };
    Route {
        function: "auth-refresh",
        method: "POST",
        path: "/api/auth/refresh",
        tag: TAG,
        summary: "Exchange a refresh token for the next pair of tokens",
        description: "Each refresh token works once; keep the one that comes back. For thirty seconds the one that was \
                      given in last gives the same answer again, for a client that lost it or asked twice at once. Any \
                      other token that worked before ends its session: its tokens hold no more and its sockets close. A \
                      session ends when it was not used for {RefreshTokenDays} days ({RememberedRefreshTokenDays} with \
                      `rememberMe`), and after {SessionMaxDays} days however often it was.",
        signed_in: false,
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<RefreshRequest>,
            "The token that was given last",
            json!({ "refreshToken": examples::refresh_token() }),
        )),
        answers: vec![Answer::new(200, "The next pair of tokens.", &tokens)],
        errors: vec![
            examples::invalid(&[("refreshToken", "is required")]),
            examples::error(Code::Unauthorized, "the refresh token is not valid"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn logout() -> Route {
    Route {
        function: "auth-logout",
        method: "POST",
        path: "/api/auth/logout",
        tag: TAG,
        summary: "End the caller's session, or all of them",
        description: "Its tokens hold no more, access tokens included; its sockets close; the devices it registered are \
                      told nothing any more. The body may be absent.",
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<LogoutRequest>,
            "Everywhere",
            json!({ "allSessions": true }),
        )),
        answers: vec![done("The session has ended.")],
        errors: vec![
            examples::invalid(&[("allSessions", "must be true or false")]),
            examples::unauthorized(),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn sessions() -> Route {
    let session = SessionView {
        id: SESSION.into(),
        device: Some("okhttp/4.12.0".into()),
        created_at: "2026-03-14T08:00:00.000Z".into(),
        last_used_at: "2026-03-14T09:00:00.000Z".into(),
        expires_at: "2026-04-13T09:00:00.000Z".into(),
        current: true,
    };
    Route {
        function: "auth-sessions",
        method: "GET",
        path: "/api/auth/sessions",
        tag: TAG,
        summary: "Where the caller is signed in",
        description: "One session for each sign-in, the one used last first.",
        answers: vec![Answer::new(200, "All of them.", &SessionsBody { sessions: vec![session] })],
        errors: vec![examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn session_revoke() -> Route {
    Route {
        function: "auth-session-revoke",
        method: "DELETE",
        path: "/api/auth/sessions/{sessionId}",
        tag: TAG,
        summary: "End one of the caller's sessions",
        description: "As that session's own logout would. The caller's own session can be ended like any other.",
        path_parameters: vec![PathParameter {
            name: "sessionId",
            description: "The session.",
            schema: SchemaGenerator::subschema_for::<schema::SessionId>,
            example: SESSION,
        }],
        answers: vec![done("The session has ended.")],
        errors: vec![examples::unauthorized(), examples::not_found("Session"), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn change_password() -> Route {
    Route {
        function: "auth-change-password",
        method: "POST",
        path: "/api/auth/change-password",
        tag: TAG,
        summary: "Another password for the old one",
        description: "The caller's other sessions end. A password has at least {PasswordMinLength} characters and is \
                      none of the common ones. An account that signs in elsewhere alone has none: 409. Tries with a \
                      wrong old password are limited to {SignInPerMinute} a minute.",
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<ChangePasswordRequest>,
            "Both passwords",
            json!({ "oldPassword": "correct horse battery", "newPassword": "another horse altogether" }),
        )),
        answers: vec![done("The password has changed.")],
        errors: vec![
            examples::invalid(&[("newPassword", "is too common"), ("oldPassword", "is required")]),
            examples::error(Code::InvalidCredentials, "the email address or the password is wrong"),
            examples::unauthorized(),
            examples::error(Code::Conflict, "this account has no password: it signs in elsewhere"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn check_email() -> Route {
    Route {
        function: "auth-check-email",
        method: "POST",
        path: "/api/auth/check-email",
        tag: TAG,
        summary: "Whether an address has an account",
        description: "At most {CheckEmailPerMinute} questions a minute from one address, and \
                      {CheckEmailInAllPerMinute} from all.",
        signed_in: false,
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<CheckEmailRequest>,
            "The address",
            json!({ "email": "ana@example.com" }),
        )),
        answers: vec![Answer::new(
            200,
            "The answer.",
            &CheckEmailBody { exists: true, email: "ana@example.com".into() },
        )],
        errors: vec![
            examples::invalid(&[("email", "must be a valid email address")]),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        limit: "CheckEmailPerMinute",
        ..Route::default()
    }
}

fn ws_ticket() -> Route {
    Route {
        function: "auth-ws-ticket",
        method: "POST",
        path: "/api/auth/ws-ticket",
        tag: TAG,
        summary: "A ticket to open one socket with",
        description: "For `?ticket=` in the socket's address, once and within thirty seconds: so no access token ends \
                      in a log of addresses.",
        answers: vec![Answer::new(
            201,
            "The ticket.",
            &TicketBody { ticket: "dGhpcyBpcyBubyB0aWNrZXQgYnV0IGFuIGV4YW1wbGU".into(), expires_in: 30 },
        )],
        errors: vec![examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}
