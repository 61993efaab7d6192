//! Integrations that are no `AWS_PROXY`: mocks, HTTP servers, functions behind templates (gateway facts W-37, W-50 to
//! W-54).

pub mod parameters;
pub mod request;

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::Value;

use super::reply::Failed;
use super::select;
use crate::model::{Custom, IntegrationResponse, Passthrough, Templates};
use crate::velocity::{Scope, Template};

/// The key that serves when no other does.
const DEFAULT: &str = "$default";

/// What an integration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Of a mock, what its request template names; of a backend, its response's.
    pub status: u16,
    /// What the client is told, where the route is two-way.
    pub text: Option<String>,
}

/// Answers in place of a backend (W-37).
pub fn mocked(custom: &Custom, scope: Scope<'_>) -> Result<Answered, Failed> {
    let template = choose(&custom.requests, scope.body, None).ok_or(Failed)?;
    let request: Value = serde_json::from_str(&render(template, scope)?).map_err(|_| Failed)?;
    let status = &request["statusCode"];
    let status = status.as_u64().or_else(|| status.as_str()?.parse().ok()).ok_or(Failed)?;
    let status = u16::try_from(status).ok().filter(|status| (100..600).contains(status)).ok_or(Failed)?;
    let Some(response) = response(&custom.responses, status) else {
        // Without any there is nothing to say; with others only, none was meant for this.
        return if custom.responses.is_empty() { Ok(Answered { status, text: None }) } else { Err(Failed) };
    };
    let template = choose(&response.templates, scope.body, Some(status));
    let text = template.map(|template| render(template, scope)).transpose()?;
    Ok(Answered { status, text })
}

/// What a backend or a function gets: what the chosen template makes, or the message as it is (W-54).
pub fn requested(custom: &Custom, scope: Scope<'_>) -> Result<String, Failed> {
    if let Some(template) = choose(&custom.requests, scope.body, None) {
        return render(template, scope);
    }
    match custom.passthrough {
        Passthrough::NoMatch => Ok(scope.body.to_owned()),
        Passthrough::NoTemplates if custom.requests.templates.is_empty() => Ok(scope.body.to_owned()),
        Passthrough::NoTemplates | Passthrough::Never => Err(Failed),
    }
}

/// What the client is told of a backend's response, which is `$input`: what the template of its status makes, or the
/// response as it is (W-54).
pub fn answered(custom: &Custom, status: u16, scope: Scope<'_>) -> Result<Answered, Failed> {
    let Some(response) = response(&custom.responses, status) else {
        let text = custom.responses.is_empty().then(|| scope.body.to_owned()).ok_or(Failed)?;
        return Ok(Answered { status, text: Some(text) });
    };
    let text = match choose(&response.templates, scope.body, Some(status)) {
        Some(template) => render(template, scope)?,
        None => scope.body.to_owned(),
    };
    Ok(Answered { status, text: Some(text) })
}

/// The integration response for a status: a key `/expression/` that matches it whole, else `$default`.
fn response(responses: &BTreeMap<String, IntegrationResponse>, status: u16) -> Option<&IntegrationResponse> {
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

/// The template that the expression names, else `$default`. In the expression of a response, `body` is the response's.
fn choose<'t>(templates: &'t Templates, body: &str, status: Option<u16>) -> Option<&'t str> {
    let selected = templates.selection.as_deref().map(|expression| match status {
        None => select::evaluate(expression, body),
        Some(status) => {
            let status = status.to_string();
            let expression = expression.replace("${integration.response.statuscode}", &status);
            let expression = expression.replace("$integration.response.statuscode", &status);
            select::evaluate(&expression.replace("integration.response.body", "request.body"), body)
        }
    });
    let selected = selected.and_then(|key| templates.templates.get(&key));
    selected.or_else(|| templates.templates.get(DEFAULT)).map(String::as_str)
}

/// Whether a template can be rendered here; the error names what cannot.
pub fn check(template: &str) -> Result<(), String> {
    Template::read(template).map(drop)
}

fn render(template: &str, scope: Scope<'_>) -> Result<String, Failed> {
    Template::read(template).map_err(|_| Failed)?.render(scope).map_err(|_| Failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Target;

    fn templates<const N: usize>(selection: Option<&str>, all: [(&str, &str); N]) -> Templates {
        let templates = all.map(|(key, template)| (key.to_owned(), template.to_owned())).into();
        Templates { selection: selection.map(str::to_owned), templates }
    }

    fn mock(requests: Templates) -> Custom {
        let (parameters, responses) = (Vec::new(), BTreeMap::new());
        Custom { target: Target::Mock, parameters, requests, passthrough: Passthrough::NoMatch, responses }
    }

    fn of(mock: &Custom, body: &str) -> Result<(u16, Option<String>), Failed> {
        let event = json!({ "requestContext": { "connectionId": "c=", "identity": { "sourceIp": "::1" } } });
        let stage_variables = [("greeting".to_owned(), "hello".to_owned())].into();
        let scope = Scope { body, event: &event, stage_variables: &stage_variables };
        mocked(mock, scope).map(|mocked| (mocked.status, mocked.text))
    }

    #[test]
    fn w_37_the_request_template_names_the_status_and_the_response_template_the_answer() {
        let response = |template: &str| IntegrationResponse { templates: templates(None, [(DEFAULT, template)]) };
        let mut mock = mock(templates(
            Some("${request.body.kind}"),
            [(DEFAULT, "{\"statusCode\": 200}"), ("bad", "{\"statusCode\": \"404\"}"), ("worse", "{}")],
        ));
        assert_eq!(of(&mock, "{}"), Ok((200, None)));
        mock.responses.insert("/4\\d\\d/".to_owned(), response("no"));
        assert_eq!(of(&mock, "{}"), Err(Failed));
        assert_eq!(of(&mock, r#"{"kind":"bad"}"#), Ok((404, Some("no".to_owned()))));
        mock.responses.insert(DEFAULT.to_owned(), response("yes"));
        assert_eq!(of(&mock, "no json"), Ok((200, Some("yes".to_owned()))));
        assert_eq!(of(&mock, r#"{"kind":"worse"}"#), Err(Failed));
        let by_status = templates(Some("${integration.response.statuscode}"), [("200", "fine")]);
        mock.responses.insert("/20./".to_owned(), IntegrationResponse { templates: by_status });
        assert_eq!(of(&mock, "{}"), Ok((200, Some("fine".to_owned()))));
        mock.requests.templates.clear();
        assert_eq!(of(&mock, "{}"), Err(Failed));
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

    #[test]
    fn w_54_what_goes_out_and_comes_back() {
        let event = json!({ "requestContext": { "connectionId": "c=" } });
        let stage_variables = BTreeMap::new();
        let scope = |body| Scope { body, event: &event, stage_variables: &stage_variables };
        let mut custom = mock(templates(Some("${request.body.kind}"), [("a", "[$input.json('$.n')]")]));
        assert_eq!(requested(&custom, scope(r#"{"kind":"a","n":1}"#)), Ok("[1]".to_owned()));
        assert_eq!(requested(&custom, scope("other")), Ok("other".to_owned()));
        for refusing in [Passthrough::NoTemplates, Passthrough::Never] {
            custom.passthrough = refusing;
            assert_eq!(requested(&custom, scope("other")), Err(Failed));
        }
        custom.requests.templates.clear();
        assert_eq!(requested(&custom, scope("other")), Err(Failed));
        custom.passthrough = Passthrough::NoTemplates;
        assert_eq!(requested(&custom, scope("other")), Ok("other".to_owned()));

        let told = |custom: &Custom, status, body| answered(custom, status, scope(body)).map(|answered| answered.text);
        assert_eq!(told(&custom, 200, "as it is"), Ok(Some("as it is".to_owned())));
        let by_kind = templates(Some("${integration.response.body.kind}"), [("a", "<$input.path('$.n')>")]);
        custom.responses.insert("/2\\d\\d/".to_owned(), IntegrationResponse { templates: by_kind });
        assert_eq!(told(&custom, 200, r#"{"kind":"a","n":2}"#), Ok(Some("<2>".to_owned())));
        assert_eq!(told(&custom, 204, "no template"), Ok(Some("no template".to_owned())));
        assert_eq!(told(&custom, 500, "no response"), Err(Failed));
    }
}
