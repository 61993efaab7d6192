//! Every HTTP route: who gets what, and what is asked for.

use serde_json::{Value, json};

use super::people::{SECRETS, Scene, WORDS, Who};
use crate::support::{Call, PASSWORD, call, now, subscription};

/// Routes that ask who is calling. The code that belongs to a status is the one of the contract: 401 `UNAUTHORIZED`,
/// 403 `FORBIDDEN`, 404 `NOT_FOUND`.
pub const MATRIX: &str = "
route · what is asked for                                                        | owner | member | former | stranger | blocked | ended | none | expired | kind
-------------------------------------------------------------------------------------------------------------------------------------------------------------
POST /api/auth/change-password                                                   | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/auth/logout                                                            | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/auth/me                                                                 | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/auth/sessions                                                           | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
DELETE /api/auth/sessions/{sessionId} · the owner's                              | 200   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/auth/ws-ticket                                                         | 201   | 201    | 201    | 201      | 201     | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------
GET /api/users/me                                                                | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/users/me/export                                                         | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
PATCH /api/users/me                                                              | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
DELETE /api/users/me                                                             | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
PATCH /api/users/me/country                                                      | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
PATCH /api/users/me/language                                                     | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/users/search                                                            | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/users/{userId} · the owner                                              | 200   | 200    | 200    | 200      | 404     | 401   | 401  | 401     | 401
PUT /api/users/{userId}/block · somebody                                         | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
DELETE /api/users/{userId}/block · somebody                                      | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/users/{userId}/report · somebody                                       | 201   | 201    | 201    | 201      | 201     | 401   | 401  | 401     | 401
POST /api/users/{userId}/report · the former's                                   | 201   | 201    | 404    | 404      | 201     | 401   | 401  | 401     | 401
GET /api/users/blocked                                                           | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/users/profile-picture/upload-url                                       | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
PUT /api/users/profile-picture · what the owner uploaded                         | 200   | 403    | 403    | 403      | 403     | 401   | 401  | 401     | 401
DELETE /api/users/profile-picture · only the owner has one                       | 200   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/devices/register                                                       | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/devices/unregister · the owner's, which stays unless the owner asks    | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/push/subscriptions                                                     | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
DELETE /api/push/subscriptions · the owner's, which stays unless the owner asks  | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------
GET /api/notifications                                                           | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/notifications/{notificationId}/read · the owner's                      | 200   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/notifications/read-all                                                 | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/friends                                                                 | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/friends/requests                                                        | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/friends/requests                                                       | 201   | 201    | 201    | 201      | 201     | 401   | 401  | 401     | 401
POST /api/friends/requests/{userId}/accept · who asked the owner                 | 200   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/friends/requests/{userId}/decline · who asked the owner                | 200   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
DELETE /api/friends/{userId} · the owner's friend                                | 200   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------
GET /api/conversations                                                           | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
POST /api/conversations                                                          | 201   | 201    | 201    | 201      | 201     | 401   | 401  | 401     | 401
GET /api/conversations/{conversationId}                                          | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}                                        | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/settings                               | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId} · for oneself                         | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId} · for everyone                        | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/read                                    | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/leave                                   | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/invite                                  | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/invite · another code                   | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
POST /api/conversations/join · a code of nothing                                 | 404   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/participants                            | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId}/participants/{userId}                 | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId}/participants/{userId} · by own group  | 404   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/participants/{userId}                  | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/participants/{userId} · oneself        | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/participants/{userId} · by own group   | 404   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------
GET /api/conversations/{conversationId}/messages                                 | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/messages                                | 201   | 201    | 404    | 404      | 201     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/messages · over the block               | 403   | 404    | 404    | 404      | 403     | 401   | 401  | 401     | 401
GET /api/conversations/{conversationId}/messages/search                          | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
GET /api/conversations/{conversationId}/messages/{messageId}                     | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
GET /api/conversations/{conversationId}/messages/{messageId} · by own group      | 404   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/messages/{messageId}                   | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/messages/{messageId} · the former's    | 403   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/messages/{messageId} · by own group    | 404   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
PATCH /api/conversations/{conversationId}/messages/{messageId} · over the block  | 403   | 404    | 404    | 404      | 403     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId}/messages/{messageId} · for oneself    | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId}/messages/{messageId} · for everyone   | 200   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId}/messages/{messageId} · the former's   | 403   | 403    | 404    | 404      | 403     | 401   | 401  | 401     | 401
DELETE /api/conversations/{conversationId}/messages/{messageId} · by own group   | 404   | 404    | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/messages/{messageId}/translate          | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
POST /api/conversations/{conversationId}/messages/{messageId}/translate · by own group | 404 | 404 | 404    | 404      | 404     | 401   | 401  | 401     | 401
POST /api/messages/preview-translation                                           | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
GET /api/sync                                                                    | 200   | 200    | 200    | 200      | 200     | 401   | 401  | 401     | 401
-------------------------------------------------------------------------------------------------------------------------------------------------------------
POST /api/attachments/upload-url                                                 | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
POST /api/attachments/upload-url · over the block                                | 403   | 404    | 404    | 404      | 403     | 401   | 401  | 401     | 401
GET /api/attachments/download-url                                                | 200   | 200    | 404    | 404      | 200     | 401   | 401  | 401     | 401
";

/// A route that lets everybody in, whatever token comes along.
pub struct Open {
    /// The route.
    pub route: &'static str,
    /// What everybody gets.
    pub status: i64,
    /// Why it asks for no token.
    pub reason: &'static str,
}

const fn open(route: &'static str, status: i64, reason: &'static str) -> Open {
    Open { route, status, reason }
}

/// Routes that ask nobody who they are. A new one needs its reason.
#[rustfmt::skip]
pub const OPEN: &[Open] = &[
    open("POST /api/auth/register",            201, "there is no account yet; limited by address and account (B4, E5)"),
    open("POST /api/auth/login",               200, "there is no token yet: the password is the proof; limited (B4)"),
    open("POST /api/auth/oauth",               200, "there is no token yet: the provider's ID token is the proof (A2)"),
    open("POST /api/auth/google",              200, "there is no token yet: Google's ID token is the proof (A2)"),
    open("GET /api/auth/google",               302, "there is no token yet: it leads to Google (A7)"),
    open("GET /api/auth/google/callback",      200, "there is no token yet: state, cookie and Google's code are the proof (A7)"),
    open("POST /api/auth/check-email",         200, "asked before there is an account; limited by address and in all (E1)"),
    open("POST /api/auth/refresh",             200, "the access token has expired: the refresh token is the proof (B5)"),
    open("GET /api/users/{userId}/pictures/{picture}", 302, "an address in a page has no token; it leads to pictures alone (F9)"),
    open("GET /api/languages",                 200, "chosen before there is an account; the same for everybody"),
    open("GET /api/push/vapid-public-key",     200, "a public key; the same for everybody"),
    open("$default",                           404, "what is no route is not found, whoever asks"),
];

/// What is asked for.
#[derive(Debug, Default)]
struct Ask {
    variables: Vec<(&'static str, String)>,
    query: String,
    body: Option<Value>,
    cookie: Option<String>,
}

impl Ask {
    fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((variable, value.into()));
        self
    }

    fn query(self, query: impl Into<String>) -> Self {
        Self { query: query.into(), ..self }
    }

    fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The call of a route: its method, and its path with the variables in it.
    fn of(self, route: &str) -> Call {
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/api/nothing-is-here"));
        let mut full = path.to_owned();
        for (name, value) in &self.variables {
            let variable = format!("{{{name}}}");
            assert!(full.contains(&variable), "{route} has no {name}");
            full = full.replace(&variable, value);
        }
        assert!(!full.contains('{'), "{full}");
        full.push_str(&self.query);
        let mut asked = call(method, &full, self.body.as_ref());
        for (name, value) in &self.variables {
            asked = asked.path(name, value);
        }
        match self.cookie {
            Some(cookie) => asked.cookie(&cookie),
            None => asked,
        }
    }
}

/// What somebody asks of a route in a case.
pub async fn asked(scene: &Scene, route: &str, case: &str, who: Who) -> Call {
    let (group, message) = scene.place(case, who);
    let (room, ask) = (Ask::default().with("conversationId", group), Ask::default());
    let participant = if case == "oneself" { scene.person(who) } else { &scene.witness };
    let ask = match route.split_once(' ').map_or(route, |(_, path)| path) {
        "/api/auth/change-password" => ask.body(json!({ "oldPassword": PASSWORD, "newPassword": WORDS[2] })),
        "/api/auth/sessions/{sessionId}" => ask.with("sessionId", scene.tablet.actor.session.to_string()),
        "/api/users/me" if route.starts_with("PATCH") => ask.body(json!({ "bio": "hello" })),
        "/api/users/me" if route.starts_with("DELETE") => ask.body(json!({ "password": PASSWORD })),
        "/api/users/me/country" => ask.body(json!({ "preferredCountry": "MX" })),
        "/api/users/me/language" => ask.body(json!({ "preferredLanguage": "fr" })),
        "/api/users/search" => ask.query("?q=olga"),
        "/api/users/{userId}/report" if case == "the former's" => {
            let body = json!({ "reason": "spam", "conversationId": group, "messageId": message });
            ask.with("userId", &scene.person(Who::Former).id).body(body)
        }
        "/api/users/{userId}/report" => {
            ask.with("userId", &scene.bystander.id).body(json!({ "reason": "spam", "details": WORDS[0] }))
        }
        "/api/users/{userId}/block" => ask.with("userId", &scene.bystander.id),
        "/api/users/{userId}" => ask.with("userId", &scene.owner().id),
        "/api/users/profile-picture/upload-url" => ask.body(json!({ "contentType": "image/png", "fileSize": 9 })),
        "/api/users/profile-picture" if route.starts_with("PUT") => {
            ask.body(json!({ "key": scene.uploaded_picture().await }))
        }
        "/api/users/profile-picture" => {
            scene.shown_picture().await;
            ask
        }
        "/api/devices/register" => ask.body(json!({ "token": "a-device", "platform": "android" })),
        "/api/devices/unregister" => ask.body(json!({ "token": scene.device })),
        "/api/push/subscriptions" if route.starts_with("POST") => {
            ask.body(json!({ "subscription": subscription("mine") }))
        }
        "/api/push/subscriptions" => ask.body(json!({ "endpoint": scene.browser })),
        "/api/notifications/{notificationId}/read" => ask.with("notificationId", &scene.note),
        "/api/friends/requests" if route.starts_with("POST") => ask.body(json!({ "friendId": scene.passer_by.id })),
        "/api/friends/requests/{userId}/accept" | "/api/friends/requests/{userId}/decline" => {
            ask.with("userId", &scene.bystander.id)
        }
        "/api/friends/{userId}" => ask.with("userId", &scene.witness.id),
        "/api/conversations" if route.starts_with("POST") => {
            ask.body(json!({ "type": "group", "participantIds": [scene.bystander.id] }))
        }
        "/api/conversations/{conversationId}" if route.starts_with("PATCH") => room.body(json!({ "name": "Mine" })),
        "/api/conversations/{conversationId}" if case == "for everyone" => room.body(json!({ "forEveryone": true })),
        "/api/conversations/{conversationId}/settings" => room.body(json!({ "pinned": true })),
        "/api/conversations/{conversationId}"
        | "/api/conversations/{conversationId}/read"
        | "/api/conversations/{conversationId}/leave" => room,
        "/api/conversations/{conversationId}/invite" => room.body(json!({ "rotate": case == "another code" })),
        "/api/conversations/join" => ask.body(json!({ "conversationCode": "000000000000" })),
        "/api/conversations/{conversationId}/participants" => {
            room.body(json!({ "participantIds": [scene.bystander.id] }))
        }
        "/api/conversations/{conversationId}/participants/{userId}" => {
            let room = room.with("userId", &participant.id);
            if route.starts_with("PATCH") { room.body(json!({ "role": "admin" })) } else { room }
        }
        "/api/conversations/{conversationId}/messages" if route.starts_with("GET") => room,
        "/api/conversations/{conversationId}/messages/search" => room.query("?q=the"),
        "/api/conversations/{conversationId}/messages" => room.body(json!({ "content": WORDS[0], "tempId": "t" })),
        "/api/conversations/{conversationId}/messages/{messageId}" => {
            let room = room.with("messageId", message);
            match route.split(' ').next() {
                Some("PATCH") => room.body(json!({ "content": WORDS[1] })),
                Some("DELETE") => room.body(json!({ "forEveryone": case != "for oneself" })),
                _ => room,
            }
        }
        "/api/conversations/{conversationId}/messages/{messageId}/translate" => {
            room.with("messageId", message).body(json!({ "targetLanguage": "fr" }))
        }
        "/api/messages/preview-translation" => ask.body(json!({ "content": WORDS[3], "targetLanguage": "fr" })),
        // A minute back: all that was ever said.
        "/api/sync" => ask.query(format!("?since={}", domain::Timestamp::from_millis(now().millis() - 60_000))),
        "/api/attachments/upload-url" => ask.body(json!({
            "fileName": "x.png", "contentType": "image/png", "fileSize": 9, "conversationId": group,
        })),
        "/api/attachments/download-url" => ask.query(format!("?key={}", scene.file)),
        path => of_open(scene, ask, path, route).await,
    };
    ask.of(route)
}

/// What is asked of the open routes, and of those that take nothing.
async fn of_open(scene: &Scene, ask: Ask, path: &str, route: &str) -> Ask {
    let google = || scene.elsewhere().google.token(&scene.elsewhere().claims("g-new", "new@gmail.com"));
    match path {
        "/api/auth/register" => ask.body(json!({
            "email": "new@example.com", "password": PASSWORD, "username": "newcomer",
            "preferredLanguage": "en", "preferredCountry": "US",
        })),
        "/api/auth/login" => ask.body(json!({ "email": scene.owner().email, "password": PASSWORD })),
        "/api/auth/oauth" => ask.body(json!({ "provider": "google", "idToken": google() })),
        "/api/auth/google" if route.starts_with("POST") => ask.body(json!({ "idToken": google() })),
        "/api/auth/google/callback" => {
            let issuer = &scene.elsewhere().google;
            issuer.welcome(json!({ "sub": "g-new", "email": "new@gmail.com", "email_verified": true }));
            let (start, cookie) = scene.elsewhere().begin().await;
            let back = issuer.visit(start.header("location").unwrap()).await;
            let cookie = cookie.split(';').next().map(str::to_owned);
            Ask { cookie, ..ask.query(format!("?{}", back.split_once('?').unwrap().1)) }
        }
        "/api/auth/check-email" => ask.body(json!({ "email": scene.owner().email })),
        "/api/auth/refresh" => ask.body(json!({ "refreshToken": scene.owner().refresh_token })),
        "/api/users/{userId}/pictures/{picture}" => {
            let key = scene.shown_picture().await;
            let [_, user, file] = key.split('/').collect::<Vec<_>>().try_into().unwrap();
            ask.with("userId", user).with("picture", file)
        }
        _ => ask,
    }
}

/// Words of the group that are in an answer.
pub fn leaked(answer: &Value) -> Vec<&'static str> {
    let answer = answer.to_string();
    SECRETS.into_iter().filter(|secret| answer.contains(secret)).collect()
}
