//! The Ed25519 key that access tokens are signed with, as the template's parameters want it.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A private key and the id that tokens name it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKey {
    kid: String,
    key: SigningKey,
}

/// Why there is no key. Each is a sentence for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is not what was once written.
    #[error("{} is damaged: {reason}; remove it, and {without}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What follows when it is removed.
        without: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file system refuses.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operating system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
}

/// A signing key that the parameter `TokenSigningKey` does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(r#"TokenSigningKey must be {{"kid":"…","seed":"…"}} with a seed of 32 bytes in base64url: {0}"#)]
pub struct Malformed(String);

/// The value of `TokenSigningKey`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kid: String,
    seed: String,
}

impl TokenKey {
    /// A new key.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(KeyError::Random)?;
        let key = SigningKey::from_bytes(&seed);
        let digest = Sha256::digest(key.verifying_key().as_bytes());
        Ok(Self { kid: URL_SAFE_NO_PAD.encode(&digest[..6]), key })
    }

    /// From the value of `TokenSigningKey`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let written: Written = serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))?;
        let seed = URL_SAFE_NO_PAD.decode(&written.seed).map_err(|error| Malformed(error.to_string()))?;
        let seed: [u8; 32] = seed.try_into().map_err(|_| Malformed("the seed has another length".to_owned()))?;
        if written.kid.is_empty() {
            return Err(Malformed("the kid is empty".to_owned()));
        }
        Ok(Self { kid: written.kid, key: SigningKey::from_bytes(&seed) })
    }

    /// The key kept in a file, which is made, readable by its owner alone, if it is missing.
    pub fn kept_in(path: &Path) -> Result<Self, KeyError> {
        let parse = |text: &str| Self::parse(text).map_err(|Malformed(reason)| reason);
        kept_in(path, "everybody has to sign in again", parse, Self::generate, Self::signing_parameter)
    }

    /// Value for the parameter `TokenSigningKey`: `{"kid":"…","seed":"…"}`.
    pub fn signing_parameter(&self) -> String {
        format!(r#"{{"kid":"{}","seed":"{}"}}"#, self.kid, URL_SAFE_NO_PAD.encode(self.key.to_bytes()))
    }

    /// Value for the parameter `TokenPublicKeys`: `<kid>=<key>`.
    pub fn public_parameter(&self) -> String {
        format!("{}={}", self.kid, URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes()))
    }
}

/// A key kept in a file, which is made, readable by its owner alone, if it is missing.
pub(crate) fn kept_in<K>(
    path: &Path,
    without: &'static str,
    parse: impl FnOnce(&str) -> Result<K, String>,
    generate: impl FnOnce() -> Result<K, KeyError>,
    show: impl FnOnce(&K) -> String,
) -> Result<K, KeyError> {
    let failed = |source| KeyError::Io { path: path.to_owned(), source };
    let damaged = |reason| KeyError::Damaged { path: path.to_owned(), without, reason };
    match std::fs::read_to_string(path) {
        Ok(text) => parse(text.trim()).map_err(damaged),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = generate()?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
            writeln!(file, "{}", show(&key)).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(damaged(error.to_string())),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn parameters_have_the_form_that_the_template_demands() {
        let key = TokenKey::generate().unwrap();
        let (kid, public) = key.public_parameter().split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert!(!kid.is_empty() && public.len() == 43);
        assert!(key.signing_parameter().starts_with(&format!(r#"{{"kid":"{kid}","seed":""#)));
        assert_eq!(TokenKey::parse(&key.signing_parameter()).unwrap(), key);
    }

    #[test]
    fn a_key_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.json");
        let key = TokenKey::kept_in(&path).unwrap();
        assert_eq!(TokenKey::kept_in(&path).unwrap(), key);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.json");
        for text in ["", "{}", r#"{"kid":"a","seed":"c2hvcnQ"}"#, r#"{"kid":"a","seed":"%"}"#] {
            std::fs::write(&path, text).unwrap();
            let error = TokenKey::kept_in(&path).unwrap_err().to_string();
            assert!(error.contains("signing-key.json is damaged"), "{error}");
        }
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(TokenKey::kept_in(&path), Err(KeyError::Damaged { .. })));
    }
}
