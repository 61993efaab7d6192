//! What a person changes about themselves.

use unicode_normalization::UnicodeNormalization;

use super::{DisplayName, Username, invisible};
use crate::conversation::PictureUrl;
use crate::language::{Country, Language};
use crate::problem::Problem;

/// What a person says about themselves: at most 500 characters in NFC, of any number of lines, without direction marks.
/// Empty is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bio(String);

impl Bio {
    const MAX_LENGTH: usize = 500;

    /// Reads what somebody says about themselves; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text: String = text.trim().nfc().collect();
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(Problem::new("must be at most 500 characters long"));
        }
        if text.chars().any(|letter| letter != '\n' && invisible(letter)) {
            return Err(Problem::new("must not contain control characters or direction marks"));
        }
        Ok(Self(text))
    }

    /// The words, if there are any.
    pub fn as_option(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

/// How a client looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As the device has it.
    #[default]
    System,
}

impl Theme {
    /// Reads a theme, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        [Self::Light, Self::Dark, Self::System]
            .into_iter()
            .find(|theme| theme.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| Problem::new("must be one of light, dark, system"))
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }
}

/// Settings to change; what is absent stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SettingsChange {
    /// Whether notifications are wanted.
    pub notifications_enabled: Option<bool>,
    /// Whether they make a sound.
    pub sound_enabled: Option<bool>,
    /// How the client looks.
    pub theme: Option<Theme>,
}

/// What to change of a profile; what is absent stays (contract, `users-update`, `users-language`, `users-country`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Unique name.
    pub username: Option<Username>,
    /// Name shown to others.
    pub display_name: Option<DisplayName>,
    /// Picture elsewhere.
    pub avatar_url: Option<PictureUrl>,
    /// Words about oneself.
    pub bio: Option<Bio>,
    /// Settings.
    pub settings: SettingsChange,
    /// Language to read in.
    pub language: Option<Language>,
    /// Country, for regional variants.
    pub country: Option<Country>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_oneself_may_have_lines_and_hide_nothing() {
        assert_eq!(Bio::parse(" One.\nTwo. ").unwrap().as_option(), Some("One.\nTwo."));
        assert_eq!(Bio::parse("  ").unwrap().as_option(), None);
        assert!(Bio::parse(&"x".repeat(500)).is_ok());
        assert!(Bio::parse(&"x".repeat(501)).is_err() && Bio::parse("a\u{202E}b").is_err());
    }

    #[test]
    fn themes_are_read_in_any_case() {
        assert_eq!(Theme::parse("DARK"), Ok(Theme::Dark));
        assert!(Theme::parse("pink").is_err());
    }
}
