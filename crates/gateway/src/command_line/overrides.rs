//! `--parameter-overrides` in SAM's spelling.

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

#[cfg(test)]
mod tests {
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
}
