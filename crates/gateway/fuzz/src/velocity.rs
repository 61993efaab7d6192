//! Mapping templates. Input: a line with a message, then the template.

use std::collections::BTreeMap;

use gateway::velocity::{Scope, Template};
use serde_json::json;

use super::message;

/// Reads the template, and renders it twice: the same must come out.
pub fn run(data: &[u8]) {
    let (body, template) = message::line(data);
    let (Ok(body), Ok(template)) = (std::str::from_utf8(body), std::str::from_utf8(template)) else { return };
    let template = match Template::read(template) {
        Ok(template) => template,
        Err(message) => return assert!(!message.is_empty()),
    };
    let event = json!({ "requestContext": { "connectionId": "c=", "identity": { "sourceIp": "::1" } } });
    let stage_variables = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
    let scope = Scope { body, event: &event, stage_variables: &stage_variables };
    let rendered = template.render(scope);
    assert!(rendered.as_ref().is_ok_and(|text| text.len() <= 128 * 1024) || rendered.is_err());
    assert_eq!(template.render(scope), rendered);
}
