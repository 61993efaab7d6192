//! Reading parameter mappings: `append:header.x` and `$request.header.y` (gateway facts H-60, H-61, H-63).

use crate::json_path;
use crate::model::{Action, Change, Place, Term, Variable};

/// Headers that a mapping may not name (H-63); `*` stands for any rest.
const RESERVED: [&str; 22] = [
    "access-control-*",
    "apigw-*",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "forwarded",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "x-amz-*",
    "x-amzn-*",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "via",
];

/// What is mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A request before it reaches the integration.
    Request,
    /// A response before it reaches the client.
    Response,
}

/// Reads one mapping; `None` for an empty value, which maps nothing. The error says what is wrong with it.
pub fn change(side: Side, key: &str, value: &str) -> Result<Option<Change>, String> {
    let (action, place) = key.split_once(':').ok_or_else(|| unknown(side, key))?;
    let action = match action {
        "append" => Action::Append,
        "overwrite" => Action::Overwrite,
        "remove" => Action::Remove,
        _ => return Err(unknown(side, key)),
    };
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned()).ok_or_else(|| unknown(side, key));
    let place = match (place.split_once('.'), place) {
        (Some(("header", name)), _) => Place::Header(header(&named(name)?)?),
        (Some(("querystring", name)), _) if side == Side::Request => Place::Query(named(name)?),
        (None, "path") if side == Side::Request => Place::Path,
        (None, "statuscode") if side == Side::Response => Place::Status,
        _ => return Err(unknown(side, key)),
    };
    if matches!(place, Place::Path | Place::Status) && action != Action::Overwrite {
        return Err(unknown(side, key));
    }
    if action == Action::Remove {
        return Ok(Some(Change { place, action, value: Vec::new() }));
    }
    if value.is_empty() {
        return Ok(None);
    }
    let value = self::value(side, value)?;
    if place == Place::Status
        && let [Term::Text(status)] = value.as_slice()
        && !status.parse::<u16>().is_ok_and(|status| (100..600).contains(&status))
    {
        return Err(format!("`{status}` is no status"));
    }
    Ok(Some(Change { place, action, value }))
}

fn unknown(side: Side, key: &str) -> String {
    let places = match side {
        Side::Request => "append|overwrite|remove:header.X, append|overwrite|remove:querystring.X, overwrite:path",
        Side::Response => "append|overwrite|remove:header.X, overwrite:statuscode",
    };
    format!("`{key}` is no parameter that can be mapped (known: {places})")
}

/// The name of a header in lower case, if it may be mapped.
fn header(name: &str) -> Result<String, String> {
    let lower = name.to_ascii_lowercase();
    let is_reserved = |reserved: &str| match reserved.strip_suffix('*') {
        Some(prefix) => lower.starts_with(prefix),
        None => lower == reserved,
    };
    if RESERVED.iter().any(|reserved| is_reserved(reserved)) {
        return Err(format!("the header `{name}` is reserved and cannot be mapped"));
    }
    http::HeaderName::from_bytes(lower.as_bytes()).map_err(|_| format!("`{name}` is no name of a header"))?;
    Ok(lower)
}

/// A constant, a variable, or text with variables in braces.
fn value(side: Side, text: &str) -> Result<Vec<Term>, String> {
    if !text.contains("${") {
        let term = match text.strip_prefix('$') {
            Some(name) => Term::Variable(variable(side, name)?),
            None => Term::Text(text.to_owned()),
        };
        return Ok(vec![term]);
    }
    let mut terms = Vec::new();
    let mut rest = text;
    while let Some((plain, variable_on)) = rest.split_once("${") {
        if !plain.is_empty() {
            terms.push(Term::Text(plain.to_owned()));
        }
        let (name, after) = variable_on.split_once('}').ok_or_else(|| format!("`${{{variable_on}` has no `}}`"))?;
        terms.push(Term::Variable(variable(side, name)?));
        rest = after;
    }
    if !rest.is_empty() {
        terms.push(Term::Text(rest.to_owned()));
    }
    Ok(terms)
}

fn variable(side: Side, name: &str) -> Result<Variable, String> {
    let (message, known) = match side {
        Side::Request => {
            ("request", "$request.header.X, $request.querystring.X, $request.body.X, $request.path, $request.path.X")
        }
        Side::Response => ("response", "$response.header.X, $response.body.X"),
    };
    let unknown = || format!("`${name}` is no value (known: {known}, $context.X, $stageVariables.X)");
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned()).ok_or_else(unknown);
    if let Some(name) = name.strip_prefix("context.") {
        return named(name).map(Variable::Context);
    }
    if let Some(name) = name.strip_prefix("stageVariables.") {
        return named(name).map(Variable::StageVariable);
    }
    let part = name.strip_prefix(message).and_then(|rest| rest.strip_prefix('.')).ok_or_else(unknown)?;
    let path = |rest: &str| json_path::read(&format!("${rest}")).map(Some).ok_or_else(unknown);
    match part.find(['.', '[']).map_or((part, ""), |at| part.split_at(at)) {
        ("header", rest) => named(rest.trim_start_matches('.')).map(|name| Variable::Header(name.to_ascii_lowercase())),
        ("body", "") => Ok(Variable::Body(None)),
        ("body", rest) => path(rest).map(Variable::Body),
        ("querystring", rest) if side == Side::Request => named(rest.trim_start_matches('.')).map(Variable::Query),
        ("path", "") if side == Side::Request => Ok(Variable::Path),
        ("path", rest) if side == Side::Request => named(rest.trim_start_matches('.')).map(Variable::PathVariable),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_60_what_can_be_mapped() {
        for key in ["append:header.X-A", "overwrite:querystring.a.b", "overwrite:path"] {
            assert!(matches!(change(Side::Request, key, "x"), Ok(Some(_))), "{key}");
        }
        for key in ["remove:header.x", "remove:querystring.x"] {
            let Ok(Some(change)) = change(Side::Request, key, "''") else { panic!("{key}") };
            assert_eq!((change.action, change.value.len()), (Action::Remove, 0));
        }
        assert!(matches!(change(Side::Response, "overwrite:statuscode", "403"), Ok(Some(_))));
        assert_eq!(change(Side::Request, "append:header.x", ""), Ok(None));
        for (side, key, value) in [
            (Side::Request, "header.x", "a"),
            (Side::Request, "append:path", "a"),
            (Side::Request, "remove:path", ""),
            (Side::Request, "append:header.", "a"),
            (Side::Request, "append:header.a b", "a"),
            (Side::Request, "overwrite:statuscode", "200"),
            (Side::Response, "overwrite:path", "a"),
            (Side::Response, "append:querystring.a", "a"),
            (Side::Response, "append:statuscode", "200"),
            (Side::Response, "overwrite:statuscode", "fine"),
            (Side::Response, "overwrite:statuscode", "99"),
        ] {
            assert!(change(side, key, value).is_err(), "{key}");
        }
    }

    #[test]
    fn h_61_what_values_can_refer_to() {
        let of = |text: &str| value(Side::Request, text);
        let body = |keys: &[&str]| Variable::Body(Some(keys.iter().map(|key| (*key).to_owned()).collect()));
        let table = [
            ("$request.header.X-A", Variable::Header("x-a".to_owned())),
            ("${request.querystring.a.b}", Variable::Query("a.b".to_owned())),
            ("$request.body", Variable::Body(None)),
            ("$request.body.a.b[0]", body(&["a", "b", "0"])),
            ("$request.body[0]", body(&["0"])),
            ("$request.path", Variable::Path),
            ("$request.path.petId", Variable::PathVariable("petId".to_owned())),
            ("$context.identity.sourceIp", Variable::Context("identity.sourceIp".to_owned())),
            ("$stageVariables.v", Variable::StageVariable("v".to_owned())),
        ];
        for (text, variable) in table {
            assert_eq!(of(text), Ok(vec![Term::Variable(variable)]), "{text}");
        }
        let text = |text: &str| Term::Text(text.to_owned());
        assert_eq!(of("a constant: 5$"), Ok(vec![text("a constant: 5$")]));
        let combined = of("/a/${request.path.x}-${context.stage}/b").unwrap();
        let variables = [Variable::PathVariable("x".to_owned()), Variable::Context("stage".to_owned())];
        let [first, second] = variables.map(Term::Variable);
        assert_eq!(combined, [text("/a/"), first, text("-"), second, text("/b")]);
        for wrong in
            ["$request.cookie.a", "$request.header.", "$other", "$response.header.a", "${context.a", "$context."]
        {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        for wrong in ["$request.body..a", "$request.body.a[?(@.b)]"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert!(value(Side::Response, "$response.body.a").is_ok());
        for wrong in ["$request.header.a", "$response.path", "$response.querystring.a"] {
            assert!(value(Side::Response, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn h_63_reserved_headers_cannot_be_mapped() {
        for name in ["Access-Control-Allow-Origin", "apigw-x", "AUTHORIZATION", "Via", "x-amzn-trace-id", "TE"] {
            for side in [Side::Request, Side::Response] {
                let error = change(side, &format!("append:header.{name}"), "a").unwrap_err();
                assert!(error.contains("reserved"), "{error}");
            }
        }
        for name in ["Host", "x-forwarded-port", "tea", "content-type"] {
            assert!(change(Side::Request, &format!("overwrite:header.{name}"), "a").is_ok(), "{name}");
        }
    }
}
