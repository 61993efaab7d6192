//! `RequestParameters` of WebSocket integrations (gateway fact W-51).

use serde_json::Value;

use crate::json_path::{self, shown, within};
use crate::model::{Parameter, ParameterPlace, ParameterSource};
use crate::velocity::Scope;

/// Reads one, e.g. `integration.request.header.connectionId` and `context.connectionId`; the error says what is wrong.
pub fn read(key: &str, value: &str) -> Result<Parameter, String> {
    let unknown = || {
        let known = ["header", "querystring", "path"].map(|part| format!("integration.request.{part}.X")).join(", ");
        format!("`{key}` is no parameter that can be mapped (known: {known})")
    };
    let (part, name) =
        key.strip_prefix("integration.request.").and_then(|key| key.split_once('.')).ok_or_else(unknown)?;
    let place = match part {
        _ if name.is_empty() => return Err(unknown()),
        "header" => {
            http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no name of a header"))?;
            ParameterPlace::Header(name.to_owned())
        }
        "querystring" => ParameterPlace::Query(name.to_owned()),
        "path" => ParameterPlace::Path(name.to_owned()),
        _ => return Err(unknown()),
    };
    Ok(Parameter { place, source: source(value)? })
}

fn source(value: &str) -> Result<ParameterSource, String> {
    type Form = (&'static str, fn(String) -> ParameterSource);
    const FORMS: [Form; 5] = [
        ("route.request.header.", ParameterSource::Header),
        ("route.request.multivalueheader.", ParameterSource::Headers),
        ("route.request.querystring.", ParameterSource::Query),
        ("route.request.multivaluequerystring.", ParameterSource::Queries),
        ("stageVariables.", ParameterSource::StageVariable),
    ];
    let unknown = || {
        let known = FORMS.map(|(prefix, _)| format!("{prefix}X")).join(", ");
        format!("`{value}` is no value (known: {known}, route.request.body.X, context.X, 'text')")
    };
    if let Some(text) = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')) {
        return Ok(ParameterSource::Text(text.to_owned()));
    }
    let path = |rest: &str| json_path::read(&format!("${rest}")).ok_or_else(unknown);
    if let Some(rest) = value.strip_prefix("route.request.body") {
        return path(rest).map(ParameterSource::Body);
    }
    if let Some(rest) = value.strip_prefix("context.") {
        return path(&format!(".{rest}")).map(ParameterSource::Context);
    }
    let of_form = |(prefix, make): &Form| {
        value.strip_prefix(prefix).filter(|name| !name.is_empty()).map(|name| make(name.to_owned()))
    };
    FORMS.iter().find_map(of_form).ok_or_else(unknown)
}

/// What a source stands for; nothing when it is not there.
pub fn values(source: &ParameterSource, scope: Scope<'_>) -> Vec<String> {
    let event = scope.event;
    let header = |map: &str, name: &str| {
        let mut fields = event[map].as_object().into_iter().flatten();
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let found = match source {
        ParameterSource::Header(name) => header("headers", name),
        ParameterSource::Headers(name) => header("multiValueHeaders", name),
        ParameterSource::Query(name) => event["queryStringParameters"].get(name),
        ParameterSource::Queries(name) => event["multiValueQueryStringParameters"].get(name),
        ParameterSource::Context(path) => within(&event["requestContext"], path),
        ParameterSource::Text(text) => return vec![text.clone()],
        ParameterSource::StageVariable(name) => return scope.stage_variables.get(name).cloned().into_iter().collect(),
        ParameterSource::Body(path) if path.is_empty() => return vec![scope.body.to_owned()],
        ParameterSource::Body(path) => {
            let body: Value = serde_json::from_str(scope.body).unwrap_or_default();
            return within(&body, path).map(|value| shown(Some(value))).into_iter().collect();
        }
    };
    match found {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().map(|value| shown(Some(value))).collect(),
        Some(value) => vec![shown(Some(value))],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn w_51_what_parameters_can_refer_to() {
        let event = json!({
            "headers": { "X-A": "2" }, "multiValueHeaders": { "X-A": ["1", "2"] },
            "queryStringParameters": { "q": "2" }, "multiValueQueryStringParameters": { "q": ["1", "2"] },
            "requestContext": { "connectionId": "c=", "identity": { "sourceIp": "::1" }, "connectedAt": 7 },
        });
        let stage_variables = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
        let scope = Scope { body: r#"{"a":[{"b":true}]}"#, event: &event, stage_variables: &stage_variables };
        let table: [(&str, &[&str]); 13] = [
            ("route.request.header.x-a", &["2"]),
            ("route.request.multivalueheader.x-a", &["1", "2"]),
            ("route.request.querystring.q", &["2"]),
            ("route.request.multivaluequerystring.q", &["1", "2"]),
            ("route.request.querystring.Q", &[]),
            ("route.request.body.a[0].b", &["true"]),
            ("route.request.body", &[r#"{"a":[{"b":true}]}"#]),
            ("route.request.body.none", &[]),
            ("context.connectionId", &["c="]),
            ("context.identity.sourceIp", &["::1"]),
            ("context.connectedAt", &["7"]),
            ("stageVariables.v", &["1"]),
            ("'a text'", &["a text"]),
        ];
        for (text, expected) in table {
            let parameter = read("integration.request.header.x", text).unwrap();
            assert_eq!(values(&parameter.source, scope), expected, "{text}");
        }
        for (key, value) in [
            ("integration.request.header.x", "a text"),
            ("integration.request.header.x", "$context.connectionId"),
            ("integration.request.header.x", "route.request.header."),
            ("integration.request.header.x", "route.request.body..a"),
            ("integration.request.header.a b", "'x'"),
            ("integration.request.header.", "'x'"),
            ("integration.request.body.x", "'x'"),
            ("append:header.x", "'x'"),
        ] {
            assert!(read(key, value).is_err(), "{key}: {value}");
        }
    }
}
