//! What somebody tells moderators of another person.

use unicode_normalization::UnicodeNormalization;

use crate::problem::Problem;

/// Why somebody is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Advertising, or the same again and again.
    Spam,
    /// Insults, threats, stalking.
    Harassment,
    /// Hatred of people for what they are.
    Hate,
    /// Violence, or calls for it.
    Violence,
    /// Sexual content that nobody asked for.
    Sexual,
    /// Abuse of children.
    ChildSafety,
    /// Danger to oneself.
    SelfHarm,
    /// Pretending to be somebody else.
    Impersonation,
    /// Fraud.
    Scam,
    /// Anything else.
    Other,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Spam,
        Self::Harassment,
        Self::Hate,
        Self::Violence,
        Self::Sexual,
        Self::ChildSafety,
        Self::SelfHarm,
        Self::Impersonation,
        Self::Scam,
        Self::Other,
    ];

    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            Problem::new(format!("must be one of {all}"))
        })
    }

    /// The word for it, in the table and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Harassment => "harassment",
            Self::Hate => "hate",
            Self::Violence => "violence",
            Self::Sexual => "sexual",
            Self::ChildSafety => "child_safety",
            Self::SelfHarm => "self_harm",
            Self::Impersonation => "impersonation",
            Self::Scam => "scam",
            Self::Other => "other",
        }
    }
}

/// What the reporter adds in their own words: at most 1,000 characters in NFC. Empty is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details(String);

impl Details {
    const MAX_LENGTH: usize = 1_000;

    /// Reads them; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text: String = text.trim().nfc().collect();
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(Problem::new("must be at most 1000 characters long"));
        }
        if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
            return Err(Problem::new("must not contain control characters"));
        }
        Ok(Self(text))
    }

    /// The words, if there are any.
    pub fn as_option(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back_and_others_are_none() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Ok(reason));
        }
        assert!(Reason::parse("boring").is_err() && Reason::parse("SPAM").is_err());
    }

    #[test]
    fn details_have_a_length_and_no_control_characters() {
        assert!(Details::parse(&"é".repeat(1_000)).is_ok() && Details::parse(&"é".repeat(1_001)).is_err());
        assert!(Details::parse("a\u{0}b").is_err());
        assert_eq!(Details::parse("  \n ").unwrap().as_option(), None);
    }
}
