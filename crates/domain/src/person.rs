//! What a person gives about themselves, checked on the way in.

mod availability;
mod name;
mod password;
mod profile;
mod search;

pub use availability::Availability;
pub(crate) use name::invisible;
pub use name::{DisplayName, Username};
pub use password::Password;
pub use profile::{Bio, Change, SettingsChange, Theme};
pub use search::{Phrase, SearchQuery, phrases};

use std::fmt;

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization;

use crate::folding::fold;
use crate::language::{Country, Language};
use crate::problem::Problem;

/// An e-mail address: at most 254 characters, with a top-level domain, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text: String = text.trim().nfc().collect();
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        EmailAddress::parse_with_options(&text, options)
            .map(|address| Self(address.as_str().to_owned()))
            .map_err(|_| Problem::new("must be a valid email address"))
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one mailbox share: two accounts cannot differ in case or composition alone (security K4).
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A checked registration (contract, `auth-register`).
#[derive(Debug, Clone)]
pub struct Registration {
    /// Address to sign in with.
    pub email: Email,
    /// Secret to sign in with.
    pub password: Password,
    /// Unique name; absent when only a display name was given (002's `name`): one is derived then.
    pub username: Option<Username>,
    /// Name shown to others; the username when absent.
    pub display_name: Option<DisplayName>,
    /// Language this person reads (default `en`).
    pub language: Language,
    /// Country, for regional variants (default `US`).
    pub country: Country,
}

impl Registration {
    /// The usernames to try, best first: the one asked for, or some made from the display name or the address, the last
    /// of them with the given random number behind it.
    pub fn candidate_usernames(&self, random: u32) -> Vec<Username> {
        if let Some(username) = &self.username {
            return vec![username.clone()];
        }
        let source = self.display_name.as_ref().map_or(self.email.as_str(), DisplayName::as_str);
        Username::derive(source, random)
    }

    /// The name shown to others.
    pub fn shown_name(&self, username: &Username) -> DisplayName {
        self.display_name.clone().unwrap_or_else(|| DisplayName::from(username))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_one_mailbox_fold_alike() {
        let fold = |text: &str| Email::parse(text).unwrap().folded();
        assert_eq!(fold("Ana@Example.com"), fold("ana@example.COM"));
        assert_eq!(fold("  straße@example.com"), fold("STRASSE@example.com"));
        assert_eq!(fold("jose\u{301}@example.com"), fold("josé@example.com"));
    }

    #[test]
    fn refuses_what_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(260));
        for text in
            ["", "ana", "ana@", "@example.com", "ana@example", "a b@example.com", "Ana <ana@example.com>", &long]
        {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
