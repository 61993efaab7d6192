//! The P-256 key that pushes to browsers are signed with (VAPID), as the template's parameters want it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;

use crate::signing::{self, KeyError};

/// What happens to whoever takes away the file.
const WITHOUT: &str = "every browser has to subscribe again";

/// A private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPushKey(SecretKey);

/// A key that the parameter `WebPushKey` does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("WebPushKey must be 32 bytes of a P-256 key in base64url without padding")]
pub struct Malformed;

impl WebPushKey {
    /// A new key.
    pub fn generate() -> Result<Self, KeyError> {
        loop {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(KeyError::Random)?;
            // Almost every number is a key.
            if let Ok(key) = SecretKey::from_slice(&bytes) {
                return Ok(Self(key));
            }
        }
    }

    /// From the value of `WebPushKey`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Malformed)?;
        SecretKey::from_slice(&bytes).map(Self).map_err(|_| Malformed)
    }

    /// The key kept in a file, which is made, readable by its owner alone, if it is missing.
    pub fn kept_in(path: &std::path::Path) -> Result<Self, KeyError> {
        let parse = |text: &str| Self::parse(text).map_err(|problem| problem.to_string());
        signing::kept_in(path, WITHOUT, parse, Self::generate, Self::private_parameter)
    }

    /// Value for the parameter `WebPushKey`.
    pub fn private_parameter(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.to_bytes())
    }

    /// Value for the parameter `WebPushPublicKey`.
    pub fn public_parameter(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().to_encoded_point(false).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parameters_have_the_form_that_the_template_demands() {
        let key = WebPushKey::generate().unwrap();
        assert_eq!(key.private_parameter().len(), 43);
        assert!(key.public_parameter().len() == 87 && key.public_parameter().starts_with('B'));
        assert_eq!(WebPushKey::parse(&key.private_parameter()), Ok(key));
        for bad in ["", "AAAA", &"A".repeat(43), "%"] {
            assert_eq!(WebPushKey::parse(bad), Err(Malformed), "{bad}");
        }
    }

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web-push-key");
        let key = WebPushKey::kept_in(&path).unwrap();
        assert_eq!(WebPushKey::kept_in(&path).unwrap(), key);
        std::fs::write(&path, "?").unwrap();
        let error = WebPushKey::kept_in(&path).unwrap_err().to_string();
        assert!(error.contains("web-push-key is damaged") && error.contains(WITHOUT), "{error}");
    }
}
