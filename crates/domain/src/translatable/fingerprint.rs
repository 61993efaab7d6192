//! The name under which a translation is found again.

use std::fmt;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::language::Language;

/// SHA-256 of a source text and its language, in lower-case hexadecimal (64 characters).
///
/// Texts that differ only in surrounding whitespace or in how an accented letter is composed (NFC) have the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of a text in a language.
    pub fn of(text: &str, source: Language) -> Self {
        let normalised: String = text.trim().nfc().collect();
        let mut digest = Sha256::new();
        digest.update(source.as_str());
        digest.update("\n");
        digest.update(normalised);
        Self(hex::encode(digest.finalize()))
    }

    /// One that was kept: the 64 characters that [`Self::as_str`] gave.
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(hexadecimal)).then(|| Self(text.to_owned()))
    }

    /// The 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differs_by_text_and_language_only() {
        let (english, spanish) = (Language::english(), Language::parse("es").unwrap());
        let one = Fingerprint::of("caf\u{e9}", english);
        assert_eq!(one, Fingerprint::of(" cafe\u{301}\n", english));
        assert_ne!(one, Fingerprint::of("café", spanish));
        assert_ne!(one, Fingerprint::of("Café", english));
        assert_eq!(one.as_str().len(), 64);
        assert_eq!(Fingerprint::parse(one.as_str()), Some(one));
        assert_eq!(Fingerprint::parse("CAFE#"), None);
    }
}
