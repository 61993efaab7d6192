//! Passwords are kept as Argon2id hashes: 19 MiB, two passes, one lane (security B1).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::person::Password;

use crate::error::{Error, Result};

/// A hash that no password has, of the same cost as any other: checked where there is no account, so that an unknown
/// address takes as long to refuse as a wrong password (security B3).
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlz$2xUrpMcLoFYpVFAEvfwoDAdrLkpXYDYcUyMCUYXINME";

/// The hash of a new password, in PHC form. Takes tens of milliseconds on purpose.
pub fn hash(password: &Password) -> Result<String> {
    let hash = Argon2::default().hash_password(password.secret().as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
}

/// Whether this is the account's password. Always does the work of one check, also when there is no account or no
/// password to it.
pub fn matches(typed: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let same = Argon2::default().verify_password(typed.as_bytes(), &parsed).is_ok();
    same && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_salted_and_matches_its_password_only() {
        let password = Password::parse("correct horse battery", 8).unwrap();
        let (one, other) = (hash(&password).unwrap(), hash(&password).unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(matches("correct horse battery", Some(&one)));
        assert!(!matches("correct horse batterY", Some(&one)));
        assert!(!matches("correct horse battery", None));
    }

    #[test]
    fn the_hash_of_nobody_is_checked_in_full() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        assert!(parsed.hash.is_some() && parsed.salt.is_some());
    }
}
