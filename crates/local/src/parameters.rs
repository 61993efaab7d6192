//! `--parameter-overrides` in SAM's spelling, and the parameters that the stack supplies itself.

use std::collections::BTreeMap;
use std::path::Path;

use crate::signing::{Malformed, TokenKey};

/// An override that has none of SAM's forms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither Name=Value nor ParameterKey=Name,ParameterValue=Value")]
pub struct OverrideError(String);

/// One override: `Name=Value` or `ParameterKey=Name,ParameterValue=Value`. A value may stand in double quotes, in which
/// a backslash escapes a quote.
pub fn parse_override(text: &str) -> Result<(String, String), OverrideError> {
    let wrong = || OverrideError(text.to_owned());
    let (name, value) = match text.strip_prefix("ParameterKey=") {
        Some(rest) => rest.split_once(",ParameterValue=").ok_or_else(wrong)?,
        None => text.split_once('=').ok_or_else(wrong)?,
    };
    let name = unquoted(name);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(wrong());
    }
    Ok((name, unquoted(value)))
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\""),
        None => value.to_owned(),
    }
}

/// Written so that a shell, SAM and [`parse_override`] all read it as it was.
pub fn write_override(name: &str, value: &str) -> String {
    if value.contains('"') { format!("'{name}=\"{}\"'", value.replace('"', "\\\"")) } else { format!("{name}={value}") }
}

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

    fn parsed(text: &str) -> (String, String) {
        parse_override(text).unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn both_of_sams_forms() {
        assert_eq!(parsed("Stage=dev"), pair("Stage", "dev"));
        assert_eq!(parsed("ParameterKey=Stage,ParameterValue=dev"), pair("Stage", "dev"));
        assert_eq!(parsed("CorsAllowedOrigins=https://a.example,https://b.example?x=1"), {
            pair("CorsAllowedOrigins", "https://a.example,https://b.example?x=1")
        });
        assert_eq!(parsed(r#"TokenSigningKey="{\"kid\":\"a\"}""#), pair("TokenSigningKey", r#"{"kid":"a"}"#));
        assert_eq!(parsed("AlarmEmail="), pair("AlarmEmail", ""));
        for wrong in ["Stage", "=dev", "ParameterKey=Stage", "Sta-ge=dev", ""] {
            assert!(parse_override(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = r#"{"kid":"a","seed":"b"}"#;
        let written = write_override("TokenSigningKey", value);
        assert_eq!(written, r#"'TokenSigningKey="{\"kid\":\"a\",\"seed\":\"b\"}"'"#);
        assert_eq!(parsed(written.trim_matches('\'')), pair("TokenSigningKey", value));
    }

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
