//! The parameters that the stack supplies itself.

use std::collections::BTreeMap;
use std::path::Path;

use crate::signing::{Malformed, TokenKey};

const SIGNING: &str = "TokenSigningKey";
const PUBLIC: &str = "TokenPublicKeys";

/// Why keys given as parameters cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyParameters {
    /// Tokens could be checked and none issued.
    #[error("TokenPublicKeys is given without TokenSigningKey; give both, or neither")]
    PublicAlone,
    /// The signing key is not one.
    #[error(transparent)]
    Malformed(#[from] Malformed),
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
}
