//! Route selection expressions (gateway facts W-21, W-22).

use serde_json::Value;

use crate::model::{WebSocketApi, WebSocketRoute};

/// The route of a message: the one the expression names, else `$default`, else none (W-23).
///
/// A client cannot name `$connect` or `$disconnect`: these are not for messages.
pub fn choose<'a>(api: &'a WebSocketApi, body: &str) -> Option<(&'a str, &'a WebSocketRoute)> {
    let named = evaluate(&api.route_selection_expression, body);
    let named = (!matches!(named.as_str(), "$connect" | "$disconnect")).then_some(named);
    let route = named.and_then(|key| api.routes.get_key_value(&key)).or_else(|| api.routes.get_key_value("$default"));
    route.map(|(key, route)| (key.as_str(), route))
}

/// Bytes of an expression's value that are looked at; no route has so long a key.
const LONGEST: usize = 256 * 1024;

/// Value of an expression such as `$request.body.action` or `${request.body.a}-${request.body.b}`.
///
/// What is missing, or no string, number or boolean, is empty; `\$` is a dollar sign.
pub fn evaluate(expression: &str, body: &str) -> String {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let mut value = String::new();
    let mut rest = expression;
    // Behind the last brace nothing is closed any more, and nobody looks for one.
    let open = expression.rsplit_once('}').map_or(expression, |(_, after)| after).len();
    while let Some(first) = rest.chars().next().filter(|_| value.len() < LONGEST) {
        if let Some(escaped) = rest.strip_prefix("\\$") {
            value.push('$');
            rest = escaped;
        } else if let Some((name, after)) = variable(rest, rest.len() > open) {
            value += &lookup(name, body, &json);
            rest = after;
        } else {
            value.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    value
}

/// Name of the variable a text starts with, in either form, and what follows it; one in braces only if any is `closed`.
fn variable(text: &str, closed: bool) -> Option<(&str, &str)> {
    if let Some(braced) = text.strip_prefix("${") {
        return if closed { braced.split_once('}') } else { None };
    }
    let name = text.strip_prefix('$')?;
    let end = name.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(name.len());
    name.starts_with("request.").then(|| name.split_at(end))
}

fn lookup(name: &str, body: &str, json: &Value) -> String {
    let Some(path) = name.strip_prefix("request.body") else { return String::new() };
    let Some(path) = path.strip_prefix('.') else { return body.to_owned() };
    let mut value = json;
    for key in path.split('.') {
        let Some(inner) = value.get(key) else { return String::new() };
        value = inner;
    }
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::model::{Location, Throttling};

    fn api(keys: &[&str]) -> WebSocketApi {
        let location = Location { file: PathBuf::new(), line: 1, column: 1 };
        let route = WebSocketRoute {
            function: "F".to_owned(),
            custom: None,
            two_way: false,
            timeout: Duration::from_secs(29),
            location: location.clone(),
        };
        WebSocketApi {
            logical_id: "Socket".to_owned(),
            api_id: "abc".to_owned(),
            stage: "dev".to_owned(),
            stage_variables: BTreeMap::new(),
            throttling: Throttling::default(),
            route_selection_expression: "$request.body.action".to_owned(),
            routes: keys.iter().map(|key| ((*key).to_owned(), route.clone())).collect(),
            authorizer: None,
            signed: false,
            location,
        }
    }

    #[test]
    fn w_21_the_body_names_the_route_or_default_serves() {
        let api = api(&["$connect", "$disconnect", "$default", "message:send", "7"]);
        let table = [
            (r#"{"action":"message:send"}"#, "message:send"),
            (r#"{"action":7}"#, "7"),
            (r#"{"action":"unknown"}"#, "$default"),
            (r#"{"action":{"a":1}}"#, "$default"),
            (r#"{"other":1}"#, "$default"),
            (r#"["message:send"]"#, "$default"),
            ("not json", "$default"),
            ("", "$default"),
            (r#"{"action":"$default"}"#, "$default"),
            (r#"{"action":"$connect"}"#, "$default"),
            (r#"{"action":"$disconnect"}"#, "$default"),
        ];
        for (body, route) in table {
            assert_eq!(choose(&api, body).map(|(key, _)| key), Some(route), "{body}");
        }
    }

    #[test]
    fn w_23_without_default_there_is_no_route() {
        assert!(choose(&api(&["$connect", "a"]), r#"{"action":"b"}"#).is_none());
        assert!(choose(&api(&["$connect"]), r#"{"action":"$connect"}"#).is_none());
    }

    #[test]
    fn w_22_expressions() {
        let body = r#"{"a":"x","b":{"c":true,"d":1.5},"e":null}"#;
        let table = [
            ("$request.body.a", "x"),
            ("$request.body.b.c", "true"),
            ("${request.body.a}-${request.body.b.d}", "x-1.5"),
            ("${request.body.missing}-${request.body.a}", "-x"),
            ("$request.body.e", ""),
            ("$request.body.b", ""),
            (r"\$default", "$default"),
            ("${unclosed", "${unclosed"),
            ("$request.body", body),
            ("$request.header.x", ""),
            ("€$request.body.a", "€x"),
        ];
        for (expression, value) in table {
            assert_eq!(evaluate(expression, body), value, "{expression}");
        }
    }

    #[test]
    fn expressions_that_would_make_too_much_of_a_message() {
        let body = "x".repeat(128 * 1024);
        assert!(evaluate(&"${request.body}".repeat(50_000), &body).len() <= LONGEST + body.len());
        // Each brace would be looked for to the end.
        let open = "${".repeat(250_000);
        assert!(open.starts_with(&evaluate(&open, "")));
    }

    #[test]
    fn deeply_nested_bodies_are_no_json() {
        let deep = "[".repeat(100_000);
        assert_eq!(choose(&api(&["$default"]), &deep).map(|(key, _)| key), Some("$default"));
    }
}
