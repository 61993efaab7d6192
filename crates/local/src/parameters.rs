//! The parameters that the stack supplies itself.

use std::collections::BTreeMap;
use std::path::Path;

use crate::signing::{Malformed, TokenKey};
use crate::web_push::{self, WebPushKey};

const SIGNING: &str = "TokenSigningKey";
const PUBLIC: &str = "TokenPublicKeys";
const PUSHING: &str = "WebPushKey";
const SUBSCRIBING: &str = "WebPushPublicKey";

/// Why keys given as parameters cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyParameters {
    /// Tokens could be checked and none issued.
    #[error("TokenPublicKeys is given without TokenSigningKey; give both, or neither")]
    PublicAlone,
    /// The signing key is not one.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The key for pushing to browsers is not one.
    #[error(transparent)]
    WebPush(#[from] web_push::Malformed),
}

/// Whether a template has a parameter for the signing key; one that cannot be read is refused by whoever reads it next.
pub(crate) fn wants_keys(template: &Path) -> bool {
    std::fs::read_to_string(template).is_ok_and(|text| text.contains(SIGNING))
}

/// Whether `parameters` bring keys of their own, so that the stack need not make any.
pub(crate) fn bring_keys(parameters: &BTreeMap<String, String>) -> bool {
    parameters.contains_key(SIGNING) || parameters.contains_key(PUBLIC)
}

/// `parameters` with the keys of `own`, or with the public key that belongs to the signing key they give.
pub(crate) fn with_keys(
    mut parameters: BTreeMap<String, String>,
    own: Option<&TokenKey>,
) -> Result<BTreeMap<String, String>, KeyParameters> {
    match (parameters.get(SIGNING), own) {
        (Some(signing), _) => {
            let public = TokenKey::parse(signing)?.public_parameter();
            parameters.entry(PUBLIC.to_owned()).or_insert(public);
        }
        (None, Some(own)) => {
            parameters.insert(SIGNING.to_owned(), own.signing_parameter());
            parameters.insert(PUBLIC.to_owned(), own.public_parameter());
        }
        (None, None) => return Err(KeyParameters::PublicAlone),
    }
    Ok(parameters)
}

/// Whether a template has a parameter for the key of pushes to browsers, and `parameters` do not say what it is.
pub(crate) fn wants_web_push_key(template: &Path, parameters: &BTreeMap<String, String>) -> bool {
    let brought = parameters.contains_key(PUSHING) || parameters.contains_key(SUBSCRIBING);
    !brought && std::fs::read_to_string(template).is_ok_and(|text| text.contains(PUSHING))
}

/// `parameters` with this key for pushes to browsers, or with the public key that belongs to the one they give.
pub(crate) fn with_web_push_key(
    mut parameters: BTreeMap<String, String>,
    own: Option<&WebPushKey>,
) -> Result<BTreeMap<String, String>, KeyParameters> {
    let given = parameters.get(PUSHING).filter(|key| !key.is_empty()).map(|key| WebPushKey::parse(key)).transpose()?;
    if let Some(key) = given.as_ref().or(own) {
        parameters.entry(SUBSCRIBING.to_owned()).or_insert_with(|| key.public_parameter());
        parameters.entry(PUSHING.to_owned()).or_insert_with(|| key.private_parameter());
    }
    Ok(parameters)
}

/// `parameters` with platform applications of SNS, of which the stand-in knows every one, if the template has parameters for
/// them.
pub(crate) fn with_phones(template: &Path, mut parameters: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(template).unwrap_or_default();
    for (name, application) in [("ApnsApplication", "APNS/stand-in"), ("FcmApplication", "GCM/stand-in")] {
        if text.contains(name) {
            parameters.entry(name.to_owned()).or_insert_with(|| application.to_owned());
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_come_in_pairs() {
        let own = TokenKey::generate().unwrap();
        let filled = with_keys(BTreeMap::new(), Some(&own)).unwrap();
        assert_eq!(filled["TokenPublicKeys"], own.public_parameter());
        assert_eq!(filled["TokenSigningKey"], own.signing_parameter());

        let given = BTreeMap::from([(SIGNING.to_owned(), own.signing_parameter())]);
        assert!(bring_keys(&given));
        assert_eq!(with_keys(given, None).unwrap()["TokenPublicKeys"], own.public_parameter());
        let alone = BTreeMap::from([(PUBLIC.to_owned(), own.public_parameter())]);
        assert!(matches!(with_keys(alone, None), Err(KeyParameters::PublicAlone)));
        let wrong = BTreeMap::from([(SIGNING.to_owned(), "{}".to_owned())]);
        assert!(matches!(with_keys(wrong, None), Err(KeyParameters::Malformed(_))));
    }

    #[test]
    fn the_key_of_pushes_is_the_one_given_or_an_own() {
        let own = WebPushKey::generate().unwrap();
        let filled = with_web_push_key(BTreeMap::new(), Some(&own)).unwrap();
        assert_eq!(filled[PUSHING], own.private_parameter());
        let given = BTreeMap::from([(PUSHING.to_owned(), own.private_parameter())]);
        assert_eq!(with_web_push_key(given, None).unwrap()[SUBSCRIBING], own.public_parameter());
        let none = BTreeMap::from([(PUSHING.to_owned(), String::new())]);
        assert_eq!(with_web_push_key(none.clone(), None).unwrap(), none);
        let wrong = BTreeMap::from([(PUSHING.to_owned(), "x".to_owned())]);
        assert!(matches!(with_web_push_key(wrong, None), Err(KeyParameters::WebPush(_))));
    }
}
