//! What the API description says of single values: their format, their words. It is documentation and checks nothing;
//! reading and checking are `domain`'s. The types here have no values: they stand in a `#[schemars(with = …)]`.

use std::borrow::Cow;

use domain::language::Language;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A kind of text or number, described in place at each field.
macro_rules! described {
    ($(#[$doc:meta])* $name:ident, $schema:tt) => {
        $(#[$doc])*
        pub enum $name {}

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

/// Texts of one kind, described once and referred to by name.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $description:literal, $key:literal: $value:expr) => {
        $(#[$doc])*
        pub enum $name {}

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $description, $key: $value })
            }
        }
    };
}

described!(
    /// An instant, as `domain::Timestamp` writes it.
    Instant,
    { "type": "string", "format": "date-time", "examples": ["2026-03-14T09:26:53.589Z"] }
);
named!(
    /// A `domain::UserId`.
    UserId,
    "A person.",
    "pattern": "^user_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
);
named!(
    /// A `domain::SessionId`.
    SessionId,
    "A sign-in on one device.",
    "pattern": "^sess_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
);
named!(
    /// A `domain::ConversationId`.
    ConversationId,
    "A conversation.",
    "pattern": "^conv_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
);
named!(
    /// A `domain::MessageId`.
    MessageId,
    "A message. Its first twelve digits are its place in the conversation, so ids sort as the messages do.",
    "pattern": "^msg_[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"
);
named!(
    /// A `domain::AttachmentId`.
    AttachmentId,
    "An attachment.",
    "pattern": "^att_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
);
named!(
    /// A `domain::NotificationId`.
    NotificationId,
    "A notification. Ids sort by when it happened.",
    "pattern": "^note_[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"
);
named!(
    /// A `domain::notification::Kind`.
    NotificationType,
    "What happened.",
    "enum": domain::notification::Kind::ALL.map(domain::notification::Kind::as_str)
);
named!(
    /// A `domain::report::Reason`.
    ReportReason,
    "Why somebody is reported.",
    "enum": domain::report::Reason::ALL.map(domain::report::Reason::as_str)
);
described!(
    /// A `domain::Country`.
    CountryCode,
    { "type": "string", "pattern": "^[A-Z]{2}$", "examples": ["US", "MX"] }
);
described!(
    /// A `domain::person::Email`.
    EmailAddress,
    { "type": "string", "format": "email", "maxLength": 254 }
);
described!(
    /// An address on the web.
    WebAddress,
    { "type": "string", "format": "uri" }
);
described!(
    /// A `domain::conversation::PictureUrl`.
    PictureAddress,
    { "type": "string", "format": "uri", "pattern": "^https://", "maxLength": 2048 }
);
described!(
    /// What two people are after one asked the other.
    Asked,
    { "type": "string", "enum": ["requested", "friends"] }
);
described!(
    /// How many items a page has: [`crate::page::page_size`].
    PageSize,
    { "type": "integer", "minimum": 1, "maximum": 100 }
);

named!(
    /// A `domain::Language`.
    LanguageCode,
    "A language, by the code that Amazon Translate has for it. In requests upper and lower case are the same.",
    "enum": Language::all().map(Language::as_str).collect::<Vec<_>>()
);
named!(
    /// A `domain::conversation::Kind`.
    ConversationType,
    "Between two people, or a group. In requests upper and lower case are the same.",
    "enum": ["direct", "group"]
);
named!(
    /// A `domain::conversation::Role`.
    Role,
    "What a participant may do in a group. In requests upper and lower case are the same.",
    "enum": ["admin", "member"]
);
named!(
    /// A `domain::person::Availability`.
    Availability,
    "Whether somebody is there. In requests upper and lower case are the same.",
    "enum": ["online", "away", "offline"]
);
named!(
    /// A `domain::conversation::TokenSpendingMode`.
    TokenSpendingMode,
    "Who pays for translations: each sender, or whoever made the conversation. In requests upper and lower case are \
     the same.",
    "enum": ["self", "creator"]
);
named!(
    /// A `domain::message::MessageType`.
    MessageType,
    "What a message is. In requests upper and lower case are the same. `text` is translated, `file` if \
     `translateDocument` says so, the others are not.",
    "enum": ["text", "image", "gif", "file", "voice", "video"]
);
named!(
    /// A `domain::message::Status`.
    MessageStatus,
    "How far the slowest other member has come with a message: it is stored, on a device, or read.",
    "enum": ["sent", "delivered", "read"]
);
named!(
    /// A `domain::attachment::MediaType`.
    MediaType,
    "A type of file that can be sent. In requests upper and lower case are the same.",
    "enum": domain::attachment::MediaType::all().map(domain::attachment::MediaType::as_str).collect::<Vec<_>>()
);
named!(
    /// A `domain::attachment::MediaType` of a person's picture.
    PictureType,
    "A type of picture. In requests upper and lower case are the same.",
    "enum": ["image/jpeg", "image/png", "image/webp"]
);
named!(
    /// A `domain::device::Platform`.
    Platform,
    "What a device runs. In requests upper and lower case are the same.",
    "enum": ["ios", "android"]
);
named!(
    /// A `domain::person::Theme`.
    Theme,
    "How a client looks: as its system does by default.",
    "enum": ["light", "dark", "system"]
);
named!(
    /// What an attachment holds.
    AttachmentCategory,
    "What an attachment holds.",
    "enum": ["image", "video", "audio", "document"]
);
named!(
    /// A `domain::attachment::FileState`.
    FileState,
    "How far an attachment has been inspected: `pending` first, where its type is inspected at all; then `ready` to be \
     downloaded, or `refused` for ever. Neither ever changes again.",
    "enum": ["pending", "ready", "refused"]
);

#[cfg(test)]
mod tests {
    use domain::conversation::{Kind, TokenSpendingMode as Mode};
    use domain::message::MessageType as Type;

    use super::*;

    fn words<T: JsonSchema>() -> Vec<String> {
        let schema = T::json_schema(&mut SchemaGenerator::default());
        serde_json::from_value(schema.get("enum").unwrap().clone()).unwrap()
    }

    #[test]
    fn every_described_word_is_one_that_is_read() {
        assert_eq!(words::<LanguageCode>().len(), 75);
        for word in words::<ConversationType>() {
            assert_eq!(Kind::parse(&word).unwrap().as_str(), word);
        }
        for word in words::<Role>() {
            assert_eq!(domain::conversation::Role::parse(&word).unwrap().as_str(), word);
        }
        for word in words::<Availability>() {
            assert_eq!(domain::person::Availability::parse(&word).unwrap().as_str(), word);
        }
        for word in words::<TokenSpendingMode>() {
            assert_eq!(Mode::parse(&word).unwrap().as_str(), word);
        }
        for word in words::<MessageType>() {
            assert_eq!(Type::parse(&word).unwrap().as_str(), word);
        }
    }
}
