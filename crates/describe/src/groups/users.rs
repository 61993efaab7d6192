//! People.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;
use wire::account::DeleteAccountRequest;
use wire::attachment::{ElsewhereBody, PictureUploadBody, PictureUploadRequest, SetPictureRequest};
use wire::schema;
use wire::user::{
    CountryRequest, LanguageRequest, LocaleBody, MeBody, PeopleBody, PersonView, PictureBody, PublicProfile,
    PublicProfileBody, SearchQueryString, UpdateUserRequest, UserBody,
};
use wire::{Code, SuccessBody};

use crate::examples::{self, ana_to_herself};
use crate::row::{Answer, Example, PathParameter, Request, Route};

const TAG: &str = "People";
const KEY: &str = "profiles/user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10/1d2e3f40-5162-4738-8495-a6b7c8d9e0f1.jpg";
const PICTURE: &str = "https://api.example.com/api/users/user_5f0c6d1e-8f5b-4c8e-9a52-6f1d0f3b7a10/pictures/1d2e3f40-5162-4738-8495-a6b7c8d9e0f1.jpg";
const BUCKET: &str = "https://files.s3.us-east-1.amazonaws.com/";

pub(super) fn routes() -> Vec<Route> {
    vec![
        me(),
        update(),
        delete(),
        language(),
        country(),
        search(),
        get(),
        picture(),
        picture_upload_url(),
        picture_set(),
        picture_delete(),
    ]
}

fn locale() -> LocaleBody {
    let user = ana_to_herself();
    LocaleBody {
        id: user.id.clone(),
        preferred_language: user.preferred_language.clone(),
        preferred_country: user.preferred_country.clone(),
        user,
    }
}

fn luis() -> PersonView {
    PersonView {
        id: examples::LUIS.into(),
        username: "luis".into(),
        display_name: "Luis García".into(),
        name: "Luis García".into(),
        email: None,
        avatar_url: None,
        preferred_language: "es".into(),
        is_online: true,
        last_seen: Some("2026-03-14T09:20:00.000Z".into()),
    }
}

fn luis_in_public() -> PublicProfile {
    let luis = luis();
    PublicProfile {
        id: luis.id,
        username: luis.username,
        display_name: luis.display_name,
        name: luis.name,
        avatar_url: luis.avatar_url,
        bio: Some("Cocina los domingos.".into()),
        preferred_language: luis.preferred_language,
        is_online: luis.is_online,
        last_seen: luis.last_seen,
        created_at: "2026-03-14T08:30:00.000Z".into(),
    }
}

fn with_picture() -> PictureBody {
    let user = wire::user::OwnProfile {
        avatar_url: Some(PICTURE.into()),
        profile_picture: Some(PICTURE.into()),
        ..ana_to_herself()
    };
    PictureBody { user, profile_picture: PICTURE.into() }
}

fn me() -> Route {
    Route {
        function: "users-me",
        method: "GET",
        path: "/api/users/me",
        tag: TAG,
        summary: "The caller's own profile",
        description: "The profile itself, as the oldest clients read it, and the same under `user`.",
        answers: vec![Answer::new(200, "The profile.", &MeBody { profile: ana_to_herself(), user: ana_to_herself() })],
        errors: vec![examples::not_found("User"), examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn update() -> Route {
    Route {
        function: "users-update",
        method: "PATCH",
        path: "/api/users/me",
        tag: TAG,
        summary: "Change the caller's own profile",
        description: "What is absent stays. Others see and find the new name from the moment of the answer. A username that differs in upper and lower case alone is the same.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<UpdateUserRequest>,
            examples: vec![
                Example {
                    name: "names",
                    summary: "Another name",
                    value: json!({ "username": "ana", "displayName": "Ana Smith" }),
                },
                Example {
                    name: "settings",
                    summary: "Words about oneself, and a setting",
                    value: json!({ "bio": "Runs, reads, sleeps.", "settings": { "theme": "dark" } }),
                },
            ],
        }),
        answers: vec![Answer::new(200, "The profile as it is now.", &UserBody { user: ana_to_herself() })],
        errors: vec![
            examples::invalid(&[("settings.theme", "must be one of light, dark, system")]),
            examples::error(Code::UsernameExists, "this username is taken"),
            examples::not_found("User"),
            examples::error(Code::Conflict, "the profile is being changed"),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn delete() -> Route {
    Route {
        function: "users-delete",
        method: "DELETE",
        path: "/api/users/me",
        tag: TAG,
        summary: "Delete the caller's account",
        description: "With the password. An account that signs in elsewhere needs none within ten minutes of a sign-in. \
                      From the answer on all its tokens are void and its sockets closed, and address, username and \
                      identities are free for somebody new. The person leaves all groups (`participant:left`); messages \
                      stay, as of a deleted user. Everything else that is kept is erased within minutes. Tries with a \
                      wrong password are limited to {SignInPerMinute} a minute. The body may be absent.",
        request: Some(Request::one(
            SchemaGenerator::subschema_for::<DeleteAccountRequest>,
            "The password",
            json!({ "password": "correct horse battery" }),
        )),
        answers: vec![Answer::new(200, "The account is gone.", &SuccessBody::DONE)],
        errors: vec![
            examples::invalid(&[("password", "is required")]),
            examples::error(Code::InvalidCredentials, "the email address or the password is wrong"),
            examples::unauthorized(),
            examples::error(Code::Forbidden, "sign in again first: the last time was too long ago"),
            examples::error(Code::Conflict, "the account is being changed at the same time"),
            examples::too_large(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn language() -> Route {
    Route {
        function: "users-language",
        method: "PATCH",
        path: "/api/users/me/language",
        tag: TAG,
        summary: "Change the language the caller reads",
        description: "Messages come in it from now on. The country picks the regional variant where there is one. One of the two fields is needed.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<LanguageRequest>,
            examples: vec![
                Example {
                    name: "current",
                    summary: "By the current name",
                    value: json!({ "preferredLanguage": "es" }),
                },
                Example { name: "older", summary: "As older clients do", value: json!({ "language": "es" }) },
            ],
        }),
        answers: vec![Answer::new(200, "The profile as it is now.", &locale())],
        errors: vec![
            examples::invalid(&[("preferredLanguage", "must be a supported language code such as en, es or zh-TW")]),
            examples::not_found("User"),
            examples::error(Code::Conflict, "the profile is being changed"),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn country() -> Route {
    Route {
        function: "users-country",
        method: "PATCH",
        path: "/api/users/me/country",
        tag: TAG,
        summary: "Change the country the caller lives in",
        description: "It picks the regional variant of the language: Spanish in Mexico is `es-MX`.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<CountryRequest>,
            examples: vec![Example { name: "mexico", summary: "Mexico", value: json!({ "preferredCountry": "MX" }) }],
        }),
        answers: vec![Answer::new(200, "The profile as it is now.", &locale())],
        errors: vec![
            examples::invalid(&[("preferredCountry", "must be a two-letter country code such as US or MX")]),
            examples::not_found("User"),
            examples::error(Code::Conflict, "the profile is being changed"),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn search() -> Route {
    Route {
        function: "users-search",
        method: "GET",
        path: "/api/users/search",
        tag: TAG,
        summary: "Find people by the beginning of a word",
        description: "The beginning of a username, a display name or an e-mail address, or of any word in them, whatever its case and accents; not of an address' domain. Never the caller. An address is shown only to whoever searched for exactly this address.",
        query: Some(SearchQueryString::json_schema),
        answers: vec![Answer::new(200, "One page.", &PeopleBody { users: vec![luis()], next_cursor: None })],
        errors: vec![
            examples::invalid(&[("q", "must have at least 2 letters or digits")]),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn get() -> Route {
    Route {
        function: "users-get",
        method: "GET",
        path: "/api/users/{userId}",
        tag: TAG,
        summary: "Somebody's public profile",
        description: "Never an address.",
        path_parameters: vec![PathParameter {
            name: "userId",
            description: "The person.",
            schema: SchemaGenerator::subschema_for::<schema::UserId>,
            example: examples::LUIS,
        }],
        answers: vec![Answer::new(200, "The profile.", &PublicProfileBody { user: luis_in_public() })],
        errors: vec![examples::not_found("User"), examples::unauthorized(), examples::limited(), examples::defect()],
        ..Route::default()
    }
}

fn picture() -> Route {
    Route {
        function: "users-picture",
        method: "GET",
        path: "/api/users/{userId}/pictures/{picture}",
        tag: TAG,
        summary: "Somebody's picture",
        description: "The address that `profilePicture` and `avatarUrl` give: it does not expire, needs no token, and leads to where the picture is for the next minutes. A picture that is gone is 404 there.",
        signed_in: false,
        path_parameters: vec![
            PathParameter {
                name: "userId",
                description: "Whose picture it is.",
                schema: SchemaGenerator::subschema_for::<schema::UserId>,
                example: examples::ANA,
            },
            PathParameter {
                name: "picture",
                description: "Which of them.",
                schema: SchemaGenerator::subschema_for::<String>,
                example: "1d2e3f40-5162-4738-8495-a6b7c8d9e0f1.jpg",
            },
        ],
        answers: vec![Answer::new(
            302,
            "`Location` is where the picture is.",
            &ElsewhereBody { location: format!("{BUCKET}{KEY}?X-Amz-Signature=0d9c8b7a") },
        )],
        errors: vec![examples::not_found("Picture"), examples::defect()],
        limit: "",
        ..Route::default()
    }
}

fn picture_upload_url() -> Route {
    Route {
        function: "users-picture-upload-url",
        method: "POST",
        path: "/api/users/profile-picture/upload-url",
        tag: TAG,
        summary: "Where the caller can upload a picture to",
        description: "PUT the picture there within five minutes, with its `Content-Type` and its length, which are signed; then give the key to `PUT /api/users/profile-picture`. At most {PictureMaxBytes} bytes.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<PictureUploadRequest>,
            examples: vec![Example {
                name: "jpeg",
                summary: "A JPEG",
                value: json!({ "contentType": "image/jpeg", "fileSize": 512_000 }),
            }],
        }),
        answers: vec![Answer::new(
            200,
            "Where to, and under which key.",
            &PictureUploadBody {
                upload_url: format!("{BUCKET}uploads/{KEY}?X-Amz-Signature=0d9c8b7a"),
                headers: None,
                key: KEY.into(),
                expires_in: 300,
            },
        )],
        errors: vec![
            examples::invalid(&[("contentType", "must be one of image/jpeg, image/png, image/webp")]),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        limit: "UploadsPerMinute",
        ..Route::default()
    }
}

fn picture_set() -> Route {
    Route {
        function: "users-picture-set",
        method: "PUT",
        path: "/api/users/profile-picture",
        tag: TAG,
        summary: "Show an uploaded picture",
        description: "The one before is deleted. What was uploaded must be a picture of the announced type.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<SetPictureRequest>,
            examples: vec![Example { name: "key", summary: "What was uploaded", value: json!({ "key": KEY }) }],
        }),
        answers: vec![Answer::new(200, "The profile as it is now, and the picture's address.", &with_picture())],
        errors: vec![
            examples::invalid(&[("key", "was not uploaded yet")]),
            examples::error(Code::Forbidden, "the key must be that of an upload of your own"),
            examples::not_found("User"),
            examples::error(Code::Conflict, "the profile is being changed"),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn picture_delete() -> Route {
    Route {
        function: "users-picture-delete",
        method: "DELETE",
        path: "/api/users/profile-picture",
        tag: TAG,
        summary: "Take the caller's picture down",
        description: "The file is deleted. 404 when there is none.",
        answers: vec![Answer::new(200, "The profile as it is now.", &UserBody { user: ana_to_herself() })],
        errors: vec![
            examples::not_found("Profile picture"),
            examples::error(Code::Conflict, "the profile is being changed"),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
