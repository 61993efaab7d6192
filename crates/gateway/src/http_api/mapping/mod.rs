//! Parameter mapping: what an integration changes of a request and of its response (gateway facts H-60 to H-64).

pub mod read;

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::authorizer::Caller;
use super::context;
use super::event::{Request, Target, query_values};
use super::routes::{decode, stage};
use crate::Behaviour;
use crate::answer::Answer;
use crate::json_path::{shown, within};
use crate::model::{Action, Change, Mapping, Place, Term, Variable};

/// Of a body, what expressions with a path look at (H-62).
const LOOKED_AT: usize = 100 * 1024;

/// What may stand in a path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// A decoded path, encoded as it is sent.
pub fn encoded(path: &str) -> String {
    utf8_percent_encode(path, IN_PATH).to_string()
}

/// What values refer to: the request, and whose it is.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What it is for.
    pub target: Target<'a>,
    /// As it came.
    pub request: &'a Request<'a>,
    /// Its body.
    pub body: &'a [u8],
    /// Who calls.
    pub caller: &'a Caller,
}

/// A request as it reaches its integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The path, encoded, when it was overwritten.
    pub path: Option<String>,
    /// The query, encoded.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
}

/// Applies what is mapped of a request; `None` when nothing is. Every value is taken from the request as it came.
pub fn request(mapping: &Mapping, scope: Scope<'_>, behaviour: &Behaviour) -> Option<Mapped> {
    if mapping.requests.is_empty() {
        return None;
    }
    let Scope { request, body, .. } = scope;
    let mut mapped = Mapped { path: None, query: request.query.to_owned(), headers: request.headers.clone() };
    let header = |name: &str| {
        let values = request.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(",")
    };
    let message = Message { header: &header, body };
    for change in &mapping.requests {
        let Some(value) = value(change, &message, scope, behaviour) else { continue };
        match &change.place {
            Place::Header(name) => set(&mut mapped.headers, name, change.action, &value),
            Place::Query(name) => mapped.query = query(&mapped.query, name, change.action, &value),
            Place::Path => {
                let slash = if value.starts_with('/') { "" } else { "/" };
                mapped.path = Some(format!("{slash}{}", encoded(&value)));
            }
            Place::Status => {}
        }
    }
    Some(mapped)
}

/// Applies what is mapped of responses with this status.
pub fn response(mapping: &Mapping, mut answer: Answer, scope: Scope<'_>, behaviour: &Behaviour) -> Answer {
    let Some(changes) = mapping.responses.get(&answer.status) else { return answer };
    let original = answer.clone();
    let header = |name: &str| {
        let named = original.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",")
    };
    let message = Message { header: &header, body: &original.body };
    for change in changes {
        let Some(value) = value(change, &message, scope, behaviour) else { continue };
        match &change.place {
            Place::Header(name) => {
                if change.action != Action::Append {
                    answer.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
                }
                if change.action != Action::Remove && HeaderValue::from_str(&value).is_ok() {
                    answer.headers.push((name.clone(), value));
                }
            }
            Place::Status => {
                let status = value.parse().ok().filter(|status| (100..600).contains(status));
                answer.status = status.unwrap_or(answer.status);
            }
            Place::Query(_) | Place::Path => {}
        }
    }
    answer
}

/// The part of a message that variables without a name of their own come from.
struct Message<'a> {
    header: &'a dyn Fn(&str) -> String,
    body: &'a [u8],
}

/// The value of a change; `None` when there is none to set (H-64).
fn value(change: &Change, message: &Message<'_>, scope: Scope<'_>, behaviour: &Behaviour) -> Option<String> {
    let mut text = String::new();
    for term in &change.value {
        match term {
            Term::Text(plain) => text += plain,
            Term::Variable(variable) => text += &look_up(variable, message, scope),
        }
    }
    let nothing = text.is_empty() && change.action != Action::Remove && !behaviour.empty_mapped_values_are_set;
    (!nothing).then_some(text)
}

fn look_up(variable: &Variable, message: &Message<'_>, scope: Scope<'_>) -> String {
    let Scope { target, request, caller, .. } = scope;
    match variable {
        Variable::Header(name) => (message.header)(name),
        Variable::Query(name) => {
            let mut parameters = query_values(request.query).into_iter();
            parameters.find(|(key, _)| key == name).map(|(_, values)| values.join(",")).unwrap_or_default()
        }
        Variable::Body(None) => String::from_utf8_lossy(message.body).into_owned(),
        Variable::Body(Some(path)) => {
            let body = &message.body[..message.body.len().min(LOOKED_AT)];
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            shown(within(&body, path))
        }
        Variable::Path => decode(stage(&target.api.stages, request.path).map_or(request.path, |(_, below)| below)),
        Variable::PathVariable(name) => {
            let mut parameters = target.found.parameters.iter();
            parameters.find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
        }
        Variable::Context(name) => context::value(name, &target, request, caller).unwrap_or_default(),
        Variable::StageVariable(name) => target.stage.variables.get(name).cloned().unwrap_or_default(),
    }
}

/// What cannot stand in a header is left out.
fn set(headers: &mut HeaderMap, name: &str, action: Action, value: &str) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
    let value = HeaderValue::from_str(value);
    match (action, value) {
        (Action::Remove, _) => {
            headers.remove(&name);
        }
        (Action::Append, Ok(value)) => {
            let _ = headers.try_append(name, value);
        }
        (Action::Overwrite, Ok(value)) => {
            let _ = headers.try_insert(name, value);
        }
        (Action::Append | Action::Overwrite, Err(_)) => {}
    }
}

/// The query with a parameter changed; the other parameters stay as they were sent.
fn query(sent: &str, name: &str, action: Action, value: &str) -> String {
    let named = |pair: &&str| form_urlencoded::parse(pair.as_bytes()).next().is_some_and(|(key, _)| key == name);
    let others = sent.split('&').filter(|pair| !pair.is_empty());
    let kept: Vec<&str> = others.filter(|pair| action == Action::Append || !named(pair)).collect();
    let mut query = kept.join("&");
    if action != Action::Remove {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        // Writing to a String cannot fail.
        let _ = write!(query, "{}{pair}", if query.is_empty() { "" } else { "&" });
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_60_queries_are_changed_parameter_by_parameter() {
        let table = [
            ("a=1&b=%41", Action::Append, "a", "x y", "a=1&b=%41&a=x+y"),
            ("a=1&b=%41&a=2", Action::Overwrite, "a", "&", "b=%41&a=%26"),
            ("a=1&b=%41&%61=2", Action::Remove, "a", "", "b=%41"),
            ("", Action::Append, "a", "1", "a=1"),
            ("", Action::Remove, "a", "", ""),
        ];
        for (sent, action, name, value, expected) in table {
            assert_eq!(query(sent, name, action, value), expected);
        }
    }

    #[test]
    fn h_60_what_cannot_be_sent_is_left_out() {
        let mut headers = HeaderMap::new();
        set(&mut headers, "x-a", Action::Append, "1");
        set(&mut headers, "x-a", Action::Append, "2");
        set(&mut headers, "x-b", Action::Overwrite, "1\r\nx-c: 2");
        assert_eq!((headers.get_all("x-a").iter().count(), headers.len()), (2, 2));
        set(&mut headers, "x-a", Action::Overwrite, "3");
        assert_eq!(headers["x-a"], "3");
        set(&mut headers, "x-a", Action::Remove, "");
        assert!(headers.is_empty());
        assert_eq!(encoded("/a b/%?#ü"), "/a%20b/%25%3F%23%C3%BC");
    }
}
