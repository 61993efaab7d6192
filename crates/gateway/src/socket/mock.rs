//! MOCK integrations: the gateway answers itself, by the templates of the integration (gateway fact W-37).
//!
//! Of Velocity, what such templates are made of: text, `$input.body`, `$input.path('$.a.b')`, `$input.json('$.a')`,
//! `$context.…` and `$stageVariables.…`, each also in braces. Directives are refused where the template is read.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::Value;

use super::reply::Failed;
use super::select;
use crate::model::{Mock, MockResponse, Templates};

/// Bytes a rendered template may have: what a message may have (W-27).
const LARGEST: usize = 128 * 1024;
/// The key that serves when no other does.
const DEFAULT: &str = "$default";

/// What templates can refer to.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `$input`: the message; empty for `$connect` and `$disconnect`.
    pub body: &'a str,
    /// The event that a function would get; its `requestContext` is `$context`.
    pub event: &'a Value,
    /// `$stageVariables`.
    pub stage_variables: &'a BTreeMap<String, String>,
}

/// What a mock says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mocked {
    /// The status that its request template names.
    pub status: u16,
    /// What the client is told, where the route is two-way.
    pub text: Option<String>,
}

/// Answers in place of a backend.
pub fn answer(mock: &Mock, scope: Scope<'_>) -> Result<Mocked, Failed> {
    let template = choose(&mock.requests, scope, None).ok_or(Failed)?;
    let request: Value = serde_json::from_str(&render(template, scope)?).map_err(|_| Failed)?;
    let status = &request["statusCode"];
    let status = status.as_u64().or_else(|| status.as_str()?.parse().ok()).ok_or(Failed)?;
    let status = u16::try_from(status).ok().filter(|status| (100..600).contains(status)).ok_or(Failed)?;
    let Some(response) = response(&mock.responses, status) else {
        // Without any there is nothing to say; with others only, none was meant for this.
        return if mock.responses.is_empty() { Ok(Mocked { status, text: None }) } else { Err(Failed) };
    };
    let text = choose(&response.templates, scope, Some(status)).map(|template| render(template, scope)).transpose()?;
    Ok(Mocked { status, text })
}

/// The integration response for a status: a key `/expression/` that matches it whole, else `$default`.
fn response(responses: &BTreeMap<String, MockResponse>, status: u16) -> Option<&MockResponse> {
    let status = status.to_string();
    let matching = responses.iter().find(|(key, _)| {
        expression(key).is_ok_and(|expression| expression.is_some_and(|expression| expression.is_match(&status)))
    });
    matching.map(|(_, response)| response).or_else(|| responses.get(DEFAULT))
}

/// Reads the key of an integration response: `$default`, which is no expression, or `/expression/`.
pub fn expression(key: &str) -> Result<Option<Regex>, String> {
    if key == DEFAULT {
        return Ok(None);
    }
    let inner = key.strip_prefix('/').and_then(|key| key.strip_suffix('/'));
    let inner = inner.ok_or_else(|| format!("`{key}` is neither `$default` nor `/expression/`"))?;
    Regex::new(&format!("^(?:{inner})$")).map(Some).map_err(|error| format!("`{key}`: {error}"))
}

fn choose<'t>(templates: &'t Templates, scope: Scope<'_>, status: Option<u16>) -> Option<&'t str> {
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    let selected = templates.selection.as_deref().map(|expression| {
        let expression = expression.replace("${integration.response.statuscode}", &status);
        select::evaluate(&expression.replace("$integration.response.statuscode", &status), scope.body)
    });
    let selected = selected.and_then(|key| templates.templates.get(&key));
    selected.or_else(|| templates.templates.get(DEFAULT)).map(String::as_str)
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Body,
    /// `$input.path`, or `$input.json` when it is to stay JSON.
    Input {
        path: Vec<&'t str>,
        json: bool,
    },
    Context(Vec<&'t str>),
    StageVariable(&'t str),
}

/// Whether a template can be rendered here; the error names what cannot.
pub fn check(template: &str) -> Result<(), String> {
    pieces(template).map(|_| ())
}

fn render(template: &str, scope: Scope<'_>) -> Result<String, Failed> {
    let input: Value = serde_json::from_str(scope.body).unwrap_or_default();
    let mut text = String::new();
    for piece in pieces(template).map_err(|_| Failed)? {
        match piece {
            Piece::Text(plain) => text += plain,
            Piece::Body => text += scope.body,
            Piece::Input { path, json } => match (within(&input, &path), json) {
                (Some(value), true) => text += &value.to_string(),
                (None, true) => text += "\"\"",
                (value, false) => text += &shown(value),
            },
            Piece::Context(path) => text += &shown(within(&scope.event["requestContext"], &path)),
            Piece::StageVariable(name) => {
                text += scope.stage_variables.get(name).map(String::as_str).unwrap_or_default();
            }
        }
        if text.len() > LARGEST {
            return Err(Failed);
        }
    }
    Ok(text)
}

fn within<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    })
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn pieces(template: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let at = rest.find(['$', '#']).unwrap_or(rest.len());
        let (plain, sign) = rest.split_at(at);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        let Some(first) = sign.chars().next() else { break };
        let next = sign[1..].chars().next();
        let special = match first {
            '#' => next.is_some_and(|next| next.is_ascii_alphabetic() || "#*[{@".contains(next)),
            _ => next.is_some_and(|next| next.is_ascii_alphabetic() || "{!".contains(next)),
        };
        if !special {
            pieces.push(Piece::Text(&sign[..1]));
            rest = &sign[1..];
            continue;
        }
        let (piece, after) = reference(sign).ok_or_else(|| {
            let shown: String = sign.chars().take(40).take_while(|c| *c != '\n').collect();
            format!("`{shown}` of this template is not supported here")
        })?;
        pieces.push(piece);
        rest = after;
    }
    Ok(pieces)
}

/// The reference that a text begins with, and what follows it.
fn reference(text: &str) -> Option<(Piece<'_>, &str)> {
    let inner = text.strip_prefix('$')?;
    let Some(braced) = inner.strip_prefix('{') else { return bare(inner) };
    let (piece, after) = bare(braced)?;
    Some((piece, after.strip_prefix('}')?))
}

fn bare(text: &str) -> Option<(Piece<'_>, &str)> {
    if let Some(rest) = text.strip_prefix("input.") {
        if let Some(after) = rest.strip_prefix("body") {
            return Some((Piece::Body, after));
        }
        let (json, rest) = match rest.strip_prefix("path(") {
            Some(rest) => (false, rest),
            None => (true, rest.strip_prefix("json(")?),
        };
        let quote = rest.chars().next().filter(|quote| "'\"".contains(*quote))?;
        let (path, after) = rest[1..].split_once(quote)?;
        return Some((Piece::Input { path: json_path(path)?, json }, after.strip_prefix(')')?));
    }
    let name =
        |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    if let Some(rest) = text.strip_prefix("context.") {
        // A full stop at the end is the sentence's.
        let path = rest[..name(rest)].trim_end_matches('.');
        return Some((Piece::Context(path.split('.').collect()), &rest[path.len()..]));
    }
    let rest = text.strip_prefix("stageVariables.")?;
    let variable = rest[..name(rest)].trim_end_matches('.');
    Some((Piece::StageVariable(variable), &rest[variable.len()..]))
}

/// `$`, `$.a.b` or `$.list[0].b`.
fn json_path(path: &str) -> Option<Vec<&str>> {
    let keys = path.strip_prefix('$')?;
    if keys.is_empty() {
        return Some(Vec::new());
    }
    let keys = keys.strip_prefix('.')?;
    if keys.contains("..") || keys.contains(['*', '?', '(', '@', '\'', '"']) {
        return None;
    }
    let all = keys.split(['.', '[']).map(|key| key.strip_suffix(']').unwrap_or(key));
    all.map(|key| Some(key).filter(|key| !key.is_empty())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn templates<const N: usize>(selection: Option<&str>, all: [(&str, &str); N]) -> Templates {
        let templates = all.map(|(key, template)| (key.to_owned(), template.to_owned())).into();
        Templates { selection: selection.map(str::to_owned), templates }
    }

    fn of(mock: &Mock, body: &str) -> Result<(u16, Option<String>), Failed> {
        let event = json!({ "requestContext": { "connectionId": "c=", "identity": { "sourceIp": "::1" } } });
        let stage_variables = [("greeting".to_owned(), "hello".to_owned())].into();
        let scope = Scope { body, event: &event, stage_variables: &stage_variables };
        answer(mock, scope).map(|mocked| (mocked.status, mocked.text))
    }

    #[test]
    fn w_37_the_request_template_names_the_status_and_the_response_template_the_answer() {
        let response = |template: &str| MockResponse { templates: templates(None, [(DEFAULT, template)]) };
        let mut mock = Mock {
            requests: templates(
                Some("${request.body.kind}"),
                [(DEFAULT, "{\"statusCode\": 200}"), ("bad", "{\"statusCode\": \"404\"}"), ("worse", "{}")],
            ),
            responses: BTreeMap::new(),
        };
        assert_eq!(of(&mock, "{}"), Ok((200, None)));
        mock.responses.insert("/4\\d\\d/".to_owned(), response("no"));
        assert_eq!(of(&mock, "{}"), Err(Failed));
        assert_eq!(of(&mock, r#"{"kind":"bad"}"#), Ok((404, Some("no".to_owned()))));
        mock.responses.insert(DEFAULT.to_owned(), response("yes"));
        assert_eq!(of(&mock, "no json"), Ok((200, Some("yes".to_owned()))));
        assert_eq!(of(&mock, r#"{"kind":"worse"}"#), Err(Failed));
        let by_status = templates(Some("${integration.response.statuscode}"), [("200", "fine")]);
        mock.responses.insert("/20./".to_owned(), MockResponse { templates: by_status });
        assert_eq!(of(&mock, "{}"), Ok((200, Some("fine".to_owned()))));
        mock.requests.templates.clear();
        assert_eq!(of(&mock, "{}"), Err(Failed));
    }

    #[test]
    fn w_37_what_templates_can_say() {
        let body = r#"{"a":{"b":[1,"two"]},"t":"x"}"#;
        let table = [
            ("plain, $5 and # 1", "plain, $5 and # 1"),
            ("$input.body", body),
            ("$input.path('$.t')|$input.json('$.t')", "x|\"x\""),
            ("$input.path(\"$.a.b[1]\")|$input.json('$.a.b')", "two|[1,\"two\"]"),
            ("$input.path('$.none')|$input.json('$.none')", "|\"\""),
            ("${context.connectionId}, $context.identity.sourceIp.", "c=, ::1."),
            ("${stageVariables.greeting}$stageVariables.none!", "hello!"),
            ("$input.json('$')", body),
        ];
        for (template, expected) in table {
            let requests = templates(None, [(DEFAULT, "{\"statusCode\":200}")]);
            let responses = [(DEFAULT.to_owned(), MockResponse { templates: templates(None, [(DEFAULT, template)]) })];
            let mock = Mock { requests, responses: responses.into() };
            assert_eq!(of(&mock, body), Ok((200, Some(expected.to_owned()))), "{template}");
        }
        for refused in
            ["#set($a = 1)", "## note", "$util.escapeJavaScript('a')", "$!a", "$input.path('$..a')", "${context.a"]
        {
            assert!(check(refused).is_err(), "{refused}");
        }
        let long = "$input.body".repeat(10_000);
        let mock = Mock { requests: templates(None, [(DEFAULT, &long)]), responses: BTreeMap::new() };
        assert_eq!(of(&mock, body), Err(Failed));
    }

    #[test]
    fn w_37_keys_are_default_or_an_expression() {
        assert!(matches!(expression(DEFAULT), Ok(None)));
        assert!(expression("/2.*/").unwrap().unwrap().is_match("204"));
        assert!(!expression("/2/").unwrap().unwrap().is_match("200"), "an expression matches the whole status");
        for wrong in ["200", "/200", "/(/"] {
            assert!(expression(wrong).is_err(), "{wrong}");
        }
    }
}
