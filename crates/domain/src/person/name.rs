//! Names of people.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::folding::fold;
use crate::problem::Problem;

/// A unique name of 3 to 30 characters: letters, digits, `.`, `_` and `-`, kept in NFC as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    const LENGTH: std::ops::RangeInclusive<usize> = 3..=30;

    /// Reads a username.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let name: String = text.trim().nfc().collect();
        if !Self::LENGTH.contains(&name.chars().count()) {
            return Err(Problem::new("must be 3 to 30 characters long"));
        }
        if name.chars().all(|letter| letter.is_alphanumeric() || ".-_".contains(letter)) {
            Ok(Self(name))
        } else {
            Err(Problem::new("may contain letters, digits, dots, dashes and underscores"))
        }
    }

    /// Candidates made from a display name or an address: `jane.smith@…` gives `janesmith`, then `janesmith4821`.
    pub fn derive(source: &str, random: u32) -> Vec<Self> {
        let words = source.split('@').next().unwrap_or_default();
        let stem: String = fold(words).chars().filter(|letter| letter.is_alphanumeric()).take(20).collect();
        let stem = if stem.chars().count() < 3 { format!("user{stem}") } else { stem };
        let numbered = format!("{stem}{:04}", random % 10_000);
        let long = format!("{stem}{random:010}");
        [stem, numbered, long].into_iter().filter_map(|name| Self::parse(&name).ok()).collect()
    }

    /// The name as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one name share: names cannot differ in case alone.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A name shown to others: 1 to 50 characters in NFC, without control characters or invisible direction marks, which
/// could make one person look like another (security I2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a display name; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let name: String = text.trim().nfc().collect();
        if !(1..=50).contains(&name.chars().count()) {
            return Err(Problem::new("must be 1 to 50 characters long"));
        }
        if name.chars().any(invisible) {
            return Err(Problem::new("must not contain control characters or direction marks"));
        }
        Ok(Self(name))
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Username> for DisplayName {
    fn from(username: &Username) -> Self {
        Self(username.0.clone())
    }
}

/// Control characters, and the marks that reorder or hide text; the joiners that scripts and emoji need are let through.
pub(crate) fn invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn username_borders() {
        assert!(Username::parse("abc").is_ok());
        assert!(Username::parse("ñandú_7").is_ok());
        assert!(Username::parse(&"a".repeat(30)).is_ok());
        for text in ["ab", "", "a b c", "ana#1", "ana@home", &"a".repeat(31)] {
            assert!(Username::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn derives_names_that_are_valid() {
        let names = |source| Username::derive(source, 42).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names("Jane Smith"), ["janesmith", "janesmith0042", "janesmith0000000042"]);
        assert_eq!(names("j@example.com")[0], "userj");
        assert_eq!(names("李")[0], "user李");
    }

    #[test]
    fn display_names_cannot_hide_anything() {
        assert!(DisplayName::parse("Ana María 🌻").is_ok());
        assert!(DisplayName::parse("ana\u{202E}nimda").is_err());
        assert!(DisplayName::parse(" \n ").is_err());
    }
}
