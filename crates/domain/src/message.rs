//! Messages: what may be sent, how far others have come with it, and what is found by its words.

mod search;

use unicode_segmentation::UnicodeSegmentation;

use crate::id::{AttachmentId, ConversationId, MessageId};
use crate::problem::{Problem, Problems};

pub use search::TextQuery;

/// What a message is (004).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageType {
    /// Words.
    Text,
    /// A picture.
    Image,
    /// A moving picture.
    Gif,
    /// A document.
    File,
    /// A recording of speech.
    Voice,
    /// A film.
    Video,
}

impl MessageType {
    const ALL: [Self; 6] = [Self::Text, Self::Image, Self::Gif, Self::File, Self::Voice, Self::Video];

    /// Reads a type, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| Problem::new("must be one of text, image, gif, file, voice, video"))
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Gif => "gif",
            Self::File => "file",
            Self::Voice => "voice",
            Self::Video => "video",
        }
    }

    /// Whether the words of such a message are translated (004, Translation Behavior by Type).
    pub fn is_translated(self, translate_document: bool) -> bool {
        self == Self::Text || (self == Self::File && translate_document)
    }
}

/// The words of a message, at most so many characters as the deployment allows; kept exactly as they came (security I1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content(String);

impl Content {
    /// Takes the words of a message.
    pub fn parse(text: &str, max_characters: usize) -> Result<Self, Problem> {
        if text.chars().count() > max_characters {
            return Err(Problem::new(format!("must be at most {max_characters} characters long")));
        }
        Ok(Self(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// The client's own name for a message, by which a retry is known (contract, `message:send`): 1 to 128 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TempId(String);

impl TempId {
    /// Reads a client's name for a message.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if (1..=128).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::new("must be 1 to 128 characters long"))
        }
    }

    /// The name as the client wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody reacts with: one character as a reader counts, and no word (security G3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emoji(String);

impl Emoji {
    /// Longest in bytes: a family of four with its skin tones has 41.
    const LONGEST: usize = 64;

    /// Reads an emoji.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let is_one = text.graphemes(true).count() == 1 && text.len() <= Self::LONGEST;
        // A digit is one of an emoji only within a key's outline (1️⃣).
        let is_key = text.ends_with('\u{20e3}') && text.starts_with(|first: char| first.is_ascii_digit());
        let is_word =
            |letter: char| letter.is_alphanumeric() && !matches!(letter, '\u{1f100}'..='\u{1f2ff}' | 'ℹ' | 'Ⓜ');
        let is_blank = |letter: char| letter.is_whitespace() || letter.is_control();
        if is_one && (is_key || !text.chars().any(is_word)) && !text.chars().any(is_blank) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::new("must be one emoji"))
        }
    }

    /// The emoji as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A checked message that is not sent yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where it goes.
    pub conversation: ConversationId,
    /// What it is.
    pub kind: MessageType,
    /// Its words; empty only beside an attachment.
    pub content: Content,
    /// An upload of this conversation.
    pub attachment: Option<AttachmentId>,
    /// Whether a document's words are translated too.
    pub translate_document: bool,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The client's name for it.
    pub temp_id: Option<TempId>,
}

impl Draft {
    /// The rule over several fields: a message says something or carries something.
    pub fn problem(&self) -> Option<Problems> {
        (self.content.is_blank() && self.attachment.is_none())
            .then(|| Problems::one("content", "must not be empty without an attachment"))
    }
}

/// What others see of a message that is answered: its first 100 characters, cut between two of them as a reader counts.
pub fn preview(content: &str) -> String {
    content.graphemes(true).take(100).collect()
}

/// What is pushed of a text: up to 200 characters and 1,000 bytes, with an ellipsis where it goes on. What a push service
/// takes has 4,096 bytes in all.
pub fn excerpt(text: &str) -> String {
    let text = text.trim();
    let mut end = 0;
    for (start, character) in text.grapheme_indices(true).take(200) {
        if start + character.len() > 1_000 {
            break;
        }
        end = start + character.len();
    }
    if end == text.len() { text.to_owned() } else { format!("{}…", text[..end].trim_end()) }
}

/// How far the other members have come with a message (004 `status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Stored.
    Sent,
    /// On a device of every other member.
    Delivered,
    /// Read by every other member.
    Read,
}

impl Status {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The status of the message at `sequence`, given how far each other member has received and read.
    pub fn of(sequence: u64, others: impl IntoIterator<Item = Progress>) -> Self {
        let reached = |progress: Progress| {
            if progress.read >= sequence {
                Self::Read
            } else if progress.delivered >= sequence {
                Self::Delivered
            } else {
                Self::Sent
            }
        };
        others.into_iter().map(reached).min().unwrap_or(Self::Sent)
    }
}

/// How far a member has come: sequence numbers that only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Last message on one of the member's devices.
    pub delivered: u64,
    /// Last message read.
    pub read: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_in_any_case() {
        assert_eq!(MessageType::parse("TEXT"), Ok(MessageType::Text));
        assert!(MessageType::parse("sticker").is_err());
    }

    #[test]
    fn only_text_and_asked_for_documents_are_translated() {
        let translated: Vec<_> = MessageType::ALL.into_iter().filter(|kind| kind.is_translated(true)).collect();
        assert_eq!(translated, [MessageType::Text, MessageType::File]);
        assert!(!MessageType::File.is_translated(false));
    }

    #[test]
    fn g3_a_reaction_is_one_emoji() {
        for emoji in ["👍", "❤️", "❤", "👨‍👩‍👧", "👍🏽", "🇪🇸", "1️⃣", "ℹ️", "🅰️", "©"]
        {
            assert!(Emoji::parse(emoji).is_ok(), "{emoji}");
        }
        let zalgo = format!("👍{}", "\u{301}".repeat(40));
        for text in ["", " ", "a", "é", "7", "👍👍", "ok", "語", "\u{0}", "\n", zalgo.as_str()] {
            assert!(Emoji::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_preview_never_cuts_a_character_in_two() {
        let family = "👨‍👩‍👧".repeat(101);
        assert_eq!(preview(&family), "👨‍👩‍👧".repeat(100));
    }

    #[test]
    fn an_excerpt_is_short_and_whole() {
        assert_eq!(excerpt("  Hello. "), "Hello.");
        assert_eq!(excerpt(&"a".repeat(200)), "a".repeat(200));
        assert_eq!(excerpt(&"a".repeat(201)), format!("{}…", "a".repeat(200)));
        let families = excerpt(&"👨‍👩‍👧".repeat(100));
        assert_eq!(families, format!("{}…", "👨‍👩‍👧".repeat(55)));
        assert!(families.len() <= 1_003);
    }

    #[test]
    fn status_is_that_of_the_slowest() {
        let progress = |delivered, read| Progress { delivered, read };
        assert_eq!(Status::of(5, []), Status::Sent);
        assert_eq!(Status::of(5, [progress(5, 5), progress(9, 9)]), Status::Read);
        assert_eq!(Status::of(5, [progress(5, 4), progress(9, 9)]), Status::Delivered);
        assert_eq!(Status::of(5, [progress(4, 4), progress(9, 9)]), Status::Sent);
    }
}
