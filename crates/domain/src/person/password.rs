//! Passwords.

use std::fmt;

use crate::problem::Problem;

/// A new password: long enough, not too long to hash, none of the few thousand that everyone tries first (security B1,
/// B2). Never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Longest password in characters; a longer one would only make hashing slow.
    pub const MAX_LENGTH: usize = 256;
    /// How many guesses a password must outlast: the list of common ones that is refused.
    const COMMON_GUESSES: u64 = 3_000;

    /// Takes a password of at least `min_length` characters (a deployment's setting: 8 by default, 6 for clients that
    /// promise their users so).
    pub fn parse(text: &str, min_length: usize) -> Result<Self, Problem> {
        let length = text.chars().count();
        if length < min_length {
            return Err(Problem::new(format!("must be at least {min_length} characters long")));
        }
        if length > Self::MAX_LENGTH {
            return Err(Problem::new(format!("must be at most {} characters long", Self::MAX_LENGTH)));
        }
        // What is on the list is short; estimating a long one would take long and find nothing.
        if length <= 32 && zxcvbn::zxcvbn(text, &[]).guesses() <= Self::COMMON_GUESSES {
            return Err(Problem::new("is too common"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret itself, for hashing.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_short_long_and_common_ones() {
        for text in ["", "short", "password", "12345678", "qwertyui", &"a".repeat(257)] {
            assert!(Password::parse(text, 8).is_err(), "{text}");
        }
        for text in ["securePassword123", "correct horse battery", "пароль-из-слов", &"ab9#".repeat(64)] {
            assert!(Password::parse(text, 8).is_ok(), "{text}");
        }
        assert!(Password::parse("xk4!pq", 6).is_ok());
    }

    #[test]
    fn is_never_printed() {
        let password = Password::parse("correct horse battery", 8).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
