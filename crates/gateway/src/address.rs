//! Addresses of HTTP servers as integrations give them: with `{variables}` and `${stageVariables.X}` (H-50).

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

/// Whether an address can be one; the error says why not.
pub fn check(uri: &str) -> Result<(), String> {
    if uri.starts_with("${stageVariables.") {
        return Ok(());
    }
    let filled = fill(uri, |_| Some("x".to_owned()), |_| Some("x".to_owned()));
    let parsed = filled.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some() && uri.host().is_some());
    match parsed {
        Some(parsed) if parsed.scheme() == Some(&Scheme::HTTP) || parsed.scheme() == Some(&Scheme::HTTPS) => Ok(()),
        _ => Err(format!("`{uri}` is no address of an HTTP server: `http://…` or `https://…` is needed")),
    }
}

/// The address with everything put in: stage variables, variables (already encoded), another path, more of a query.
/// `None` when it turns out to be no address of HTTP.
pub fn address(
    uri: &str,
    stage_variable: impl Fn(&str) -> Option<String>,
    variable: impl Fn(&str) -> Option<String>,
    path: Option<&str>,
    query: &str,
) -> Option<Uri> {
    let mut parts = fill(uri, stage_variable, variable).parse::<Uri>().ok()?.into_parts();
    parts.scheme.as_ref().filter(|scheme| **scheme == Scheme::HTTP || **scheme == Scheme::HTTPS)?;
    parts.authority.as_ref()?;
    let own = parts.path_and_query.take().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let path = path.unwrap_or_else(|| own.path());
    let queries: Vec<&str> = own.query().into_iter().chain([query]).filter(|query| !query.is_empty()).collect();
    let mark = if queries.is_empty() { "" } else { "?" };
    parts.path_and_query = Some(format!("{path}{mark}{}", queries.join("&")).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Puts in `${stageVariables.X}` and `{X}` or `{X+}`; what is not known is left out.
fn fill(
    uri: &str,
    stage_variable: impl Fn(&str) -> Option<String>,
    variable: impl Fn(&str) -> Option<String>,
) -> String {
    let mut filled = String::new();
    let mut rest = uri;
    while let Some((plain, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        let staged = plain.strip_suffix('$').zip(name.strip_prefix("stageVariables."));
        let value = if let Some((plain, name)) = staged {
            filled += plain;
            stage_variable(name)
        } else {
            filled += plain;
            variable(name.strip_suffix('+').unwrap_or(name))
        };
        filled += &value.unwrap_or_default();
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_50_addresses_are_checked_and_filled_in() {
        for good in ["https://example.com", "http://localhost:3000/a/{proxy}?x=1", "https://${stageVariables.host}/a"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for wrong in ["", "example.com/a", "arn:aws:lambda:x", "ftp://example.com", "https://", "http://a b/"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        let known = |name: &str| (name == "a").then(|| "1".to_owned());
        let table = [
            ("http://h/{a}/{a+}/{b}/x", "http://h/1/1//x"),
            ("http://${stageVariables.a}.h/${stageVariables.b}{a}", "http://1.h/1"),
            ("http://h/{a", "http://h/{a"),
            ("http://h/${a}", "http://h/$1"),
        ];
        for (uri, expected) in table {
            assert_eq!(fill(uri, known, known), expected);
        }
    }
}
