//! Files: what may be uploaded, under which keys, and how it may be shown.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::id::{AttachmentId, ConversationId, UserId};
use crate::message::MessageType;
use crate::person::invisible;
use crate::problem::Problem;

/// What a file holds (004).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A recording.
    Audio,
    /// Anything to read.
    Document,
}

impl Category {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
        }
    }

    /// Whether a message of this type can carry such a file.
    pub fn suits(self, kind: MessageType) -> bool {
        match kind {
            MessageType::Image | MessageType::Gif => self == Self::Image,
            MessageType::Voice => self == Self::Audio,
            MessageType::Video => self == Self::Video,
            MessageType::Text | MessageType::File => true,
        }
    }
}

/// How far a file that was sent has been inspected (security F7, F8). It never goes back from `ready` or `refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It is inspected: nobody can download it yet.
    Pending,
    /// It can be downloaded.
    Ready,
    /// It cannot be shown, or is dangerous: nobody can ever download it.
    Refused,
}

impl FileState {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Refused => "refused",
        }
    }

    /// Reads what is stored; what was sent before files were inspected has no state.
    pub fn stored(text: Option<&str>) -> Self {
        match text {
            Some("pending") => Self::Pending,
            Some("refused") => Self::Refused,
            _ => Self::Ready,
        }
    }
}

/// A type of file that may be uploaded (004, Allowed File Types). The extension of a key comes from here and never from
/// a file's name (security F2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType(&'static Known);

#[derive(Debug, PartialEq, Eq)]
struct Known {
    name: &'static str,
    extension: &'static str,
    category: Category,
    /// Bytes at a place that such a file has; any of them will do, and none is asked for where there are none.
    signs: &'static [(usize, &'static [u8])],
}

const fn known(
    name: &'static str,
    extension: &'static str,
    category: Category,
    signs: &'static [(usize, &'static [u8])],
) -> Known {
    Known { name, extension, category, signs }
}

const ZIP: &[(usize, &[u8])] = &[(0, b"PK\x03\x04")];
const OLE: &[(usize, &[u8])] = &[(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")];
const EBML: &[(usize, &[u8])] = &[(0, b"\x1A\x45\xDF\xA3")];
const BOXES: &[(usize, &[u8])] =
    &[(4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide"), (4, b"free"), (4, b"skip"), (4, b"pnot")];

static KNOWN: [Known; 17] = [
    known("image/jpeg", "jpg", Category::Image, &[(0, b"\xFF\xD8\xFF")]),
    known("image/png", "png", Category::Image, &[(0, b"\x89PNG\r\n\x1A\n")]),
    known("image/gif", "gif", Category::Image, &[(0, b"GIF87a"), (0, b"GIF89a")]),
    known("image/webp", "webp", Category::Image, &[(8, b"WEBP")]),
    known("video/mp4", "mp4", Category::Video, BOXES),
    known("video/quicktime", "mov", Category::Video, BOXES),
    known("video/webm", "webm", Category::Video, EBML),
    known(
        "audio/mpeg",
        "mp3",
        Category::Audio,
        &[(0, b"ID3"), (0, b"\xFF\xFB"), (0, b"\xFF\xF3"), (0, b"\xFF\xF2"), (0, b"\xFF\xFA")],
    ),
    known("audio/wav", "wav", Category::Audio, &[(8, b"WAVE")]),
    known("audio/ogg", "ogg", Category::Audio, &[(0, b"OggS")]),
    known("audio/webm", "weba", Category::Audio, EBML),
    known("application/pdf", "pdf", Category::Document, &[(0, b"%PDF-")]),
    known("application/msword", "doc", Category::Document, OLE),
    known("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", Category::Document, ZIP),
    known("application/vnd.ms-excel", "xls", Category::Document, OLE),
    known("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", Category::Document, ZIP),
    known("text/plain", "txt", Category::Document, &[]),
];

impl MediaType {
    /// How many bytes of a file [`MediaType::begins`] looks at.
    pub const LOOKED_AT: usize = 16;

    /// Reads a type, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::find(text).ok_or_else(|| Problem::new("is not a type of file that can be sent"))
    }

    /// Reads the type of a person's picture (004: JPEG, PNG, WebP).
    pub fn parse_picture(text: &str) -> Result<Self, Problem> {
        let pictures = ["image/jpeg", "image/png", "image/webp"];
        Self::find(text)
            .filter(|found| pictures.contains(&found.as_str()))
            .ok_or_else(|| Problem::new("must be one of image/jpeg, image/png, image/webp"))
    }

    fn find(text: &str) -> Option<Self> {
        KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(text.trim())).map(Self)
    }

    fn by_extension(extension: &str) -> Option<Self> {
        KNOWN.iter().find(|known| known.extension == extension).map(Self)
    }

    /// Every type.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        KNOWN.iter().map(Self)
    }

    /// Its name, such as `image/jpeg`.
    pub fn as_str(self) -> &'static str {
        self.0.name
    }

    /// What such a file holds.
    pub fn category(self) -> Category {
        self.0.category
    }

    /// The end of the names of such files.
    pub fn extension(self) -> &'static str {
        self.0.extension
    }

    /// Whether a browser may show such a file in place; everything else is only to be saved (security F6).
    pub fn is_shown(self) -> bool {
        self.0.category != Category::Document
    }

    /// Whether a file with this beginning can be of this type. Text has no marks of its own: it must only have no NUL.
    pub fn begins(self, bytes: &[u8]) -> bool {
        if self.0.signs.is_empty() {
            return !bytes.contains(&0);
        }
        self.0.signs.iter().any(|(place, sign)| bytes.get(*place..).is_some_and(|rest| rest.starts_with(sign)))
    }
}

/// The name a person's file has for others: its last part, 1 to 255 characters in NFC, without what hides or turns
/// text. It is shown and never part of a key (security F2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    const LONGEST: usize = 255;

    /// Reads a name; whatever cannot be in one is dropped, and of a path the last part is taken.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = last.nfc().filter(|letter| !invisible(*letter)).take(Self::LONGEST).collect();
        match name.trim() {
            "" | "." | ".." => Err(Problem::new("must be the name of a file")),
            name => Ok(Self(name.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `Content-Disposition` of a download: shown in place only where that is safe, and with a name that cannot leave
    /// its quotes (RFC 6266, RFC 8187).
    pub fn disposition(&self, media: MediaType) -> String {
        let how = if media.is_shown() { "inline" } else { "attachment" };
        let plain: String = self.0.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
        let mut encoded = String::new();
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                encoded.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
            }
        }
        format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
    }
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "._- ()".contains(letter)
}

/// Checks the length of a file, in bytes.
pub fn file_size(bytes: u64, most: u64) -> Result<u64, Problem> {
    match bytes {
        0 => Err(Problem::new("must not be empty")),
        bytes if bytes > most => Err(Problem::new(format!("must be at most {most} bytes"))),
        bytes => Ok(bytes),
    }
}

/// The key of an attachment: `conv_…/att_….ext`, made by the server from ids and its own table of types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentKey {
    /// Where it was sent.
    pub conversation: ConversationId,
    /// Which it is.
    pub id: AttachmentId,
    /// Its type.
    pub media: MediaType,
}

impl AttachmentKey {
    /// Reads a key; anything but the one spelling of one is refused.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let read = || {
            let (conversation, rest) = text.split_once('/')?;
            let (id, extension) = rest.split_once('.')?;
            Some(Self {
                conversation: ConversationId::parse(conversation).ok()?,
                id: AttachmentId::parse(id).ok()?,
                media: MediaType::by_extension(extension)?,
            })
        };
        read().ok_or_else(|| Problem::new("must be the key of an attachment"))
    }

    /// Where the file is until its message is sent: nothing that is read later can be written to.
    pub fn upload(&self) -> String {
        format!("uploads/{self}")
    }

    /// Where what was sent is until it has been inspected: no address leads there (security F7, F8).
    pub fn held(&self) -> String {
        format!("held/{self}")
    }
}

impl fmt::Display for AttachmentKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}.{}", self.conversation, self.id, self.media.extension())
    }
}

/// The key of a person's picture: `profiles/user_…/<uuid>.ext`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureKey {
    /// Whose picture it is.
    pub user: UserId,
    picture: Uuid,
    /// Its type.
    pub media: MediaType,
}

impl PictureKey {
    /// A new picture's key.
    pub fn new(user: UserId, picture: Uuid, media: MediaType) -> Self {
        Self { user, picture, media }
    }

    /// Reads a key; anything but the one spelling of one is refused.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let read = || {
            let (user, file) = text.strip_prefix("profiles/")?.split_once('/')?;
            Self::parse_file(UserId::parse(user).ok()?, file)
        };
        read().ok_or_else(|| Problem::new("must be the key of a picture"))
    }

    /// Reads the last part of a key.
    pub fn parse_file(user: UserId, file: &str) -> Option<Self> {
        let (picture, extension) = file.split_once('.')?;
        let uuid = Uuid::try_parse(picture).ok().filter(|uuid| uuid.as_hyphenated().to_string() == picture)?;
        let media = MediaType::by_extension(extension)?;
        MediaType::parse_picture(media.as_str()).ok().map(|media| Self::new(user, uuid, media))
    }

    /// The last part of the key.
    pub fn file(&self) -> String {
        format!("{}.{}", self.picture.as_hyphenated(), self.media.extension())
    }

    /// Where the file is until it is taken for the picture.
    pub fn upload(&self) -> String {
        format!("uploads/{self}")
    }

    /// Where it is while it is looked through for malware: no address leads there.
    pub fn held(&self) -> String {
        format!("held/{self}")
    }
}

impl fmt::Display for PictureKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "profiles/{}/{}", self.user, self.file())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(extension: &str) -> String {
        format!("conv_00000000-0000-4000-8000-000000000001/att_00000000-0000-4000-8000-000000000002.{extension}")
    }

    #[test]
    fn every_type_has_an_extension_of_its_own() {
        let extensions: std::collections::BTreeSet<_> = MediaType::all().map(MediaType::extension).collect();
        assert_eq!(extensions.len(), MediaType::all().len());
        for media in MediaType::all() {
            assert_eq!(MediaType::parse(&media.as_str().to_uppercase()), Ok(media));
        }
        for name in ["image/svg+xml", "text/html", "application/zip", "image/jpeg; charset=x", ""] {
            assert!(MediaType::parse(name).is_err(), "{name}");
        }
        assert!(MediaType::parse_picture("image/gif").is_err());
    }

    #[test]
    fn f6_a_page_is_no_picture_whatever_it_calls_itself() {
        let media = |name| MediaType::parse(name).unwrap();
        assert!(media("image/png").begins(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"));
        assert!(media("image/webp").begins(b"RIFF\x24\0\0\0WEBPVP8 "));
        assert!(media("video/mp4").begins(b"\0\0\0\x18ftypisom"));
        for page in [&b"<html><script>"[..], b"<svg xmlns=", b"<?xml version=", b""] {
            for media in MediaType::all().filter(|media| media.category() != Category::Document) {
                assert!(!media.begins(page), "{media:?}");
            }
        }
        assert!(media("text/plain").begins(b"hello") && !media("text/plain").begins(b"MZ\0\0"));
    }

    #[test]
    fn f2_a_key_has_one_spelling_and_leads_nowhere_else() {
        let good = key("jpg");
        assert_eq!(AttachmentKey::parse(&good).unwrap().to_string(), good);
        assert_eq!(AttachmentKey::parse(&good).unwrap().upload(), format!("uploads/{good}"));
        let long = "a".repeat(300);
        for bad in [
            "",
            "a/b",
            "../x",
            &key("exe"),
            &key("jpg/../x"),
            &key("JPG"),
            &format!("/{good}"),
            &format!("{good}\0"),
            &good.replace('/', "%2f"),
            &long,
        ] {
            assert!(AttachmentKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn f9_a_picture_is_under_its_owners_name() {
        let user = UserId::new(Uuid::from_u128(7));
        let key = PictureKey::new(user.clone(), Uuid::from_u128(9), MediaType::parse_picture("image/webp").unwrap());
        assert_eq!(PictureKey::parse(&key.to_string()), Ok(key.clone()));
        for bad in [format!("profiles/{user}/x.webp"), format!("profiles/{user}/../{}", key.file()), key.upload()] {
            assert!(PictureKey::parse(&bad).is_err(), "{bad}");
        }
        assert!(PictureKey::parse(&key.to_string().replace(".webp", ".gif")).is_err());
    }

    #[test]
    fn f2_names_lose_what_deceives() {
        let name = |text: &str| FileName::parse(text).map(|name| name.as_str().to_owned());
        assert_eq!(name("../../etc/passwd").unwrap(), "passwd");
        assert_eq!(name("C:\\files\\report.pdf").unwrap(), "report.pdf");
        assert_eq!(name("gpj.\u{202E}exe").unwrap(), "gpj.exe");
        assert_eq!(name("a\0b\r\n.txt").unwrap(), "ab.txt");
        assert_eq!(name(&"a".repeat(300)).unwrap().chars().count(), 255);
        assert!(name("..").is_err() && name("dir/").is_err() && name(" ").is_err());
    }

    #[test]
    fn f6_documents_are_saved_and_pictures_shown() {
        let name = FileName::parse("Übersicht \"neu\".pdf").unwrap();
        let pdf = MediaType::parse("application/pdf").unwrap();
        assert_eq!(
            name.disposition(pdf),
            "attachment; filename=\"_bersicht _neu_.pdf\"; filename*=UTF-8''%C3%9Cbersicht%20%22neu%22.pdf"
        );
        assert!(name.disposition(MediaType::parse("image/png").unwrap()).starts_with("inline; "));
    }

    proptest! {
        #[test]
        fn f6_no_name_leaves_its_quotes(text in "\\PC{1,80}") {
            if let Ok(name) = FileName::parse(&text) {
                let header = name.disposition(MediaType::parse("text/plain").unwrap());
                prop_assert_eq!(header.matches('"').count(), 2);
                prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
}
