//! Limits of a deployment: parameters of the template, told with their defaults.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Error;

/// Limits that show in a schema: type, field, keyword, parameter.
const BOUNDS: &[(&str, &str, &str, &str)] = &[
    ("RegisterRequest", "password", "minLength", "PasswordMinLength"),
    ("ChangePasswordRequest", "newPassword", "minLength", "PasswordMinLength"),
    ("CreateConversationRequest", "password", "minLength", "PasswordMinLength"),
    ("CreateConversationRequest", "maxMembers", "maximum", "GroupMaxMembers"),
    ("SendMessageData", "content", "maxLength", "MessageMaxCharacters"),
    ("SendMessageRequest", "content", "maxLength", "MessageMaxCharacters"),
    ("EditMessageData", "content", "maxLength", "MessageMaxCharacters"),
    ("PreviewRequest", "content", "maxLength", "MessageMaxCharacters"),
    ("EditMessageRequest", "content", "maxLength", "MessageMaxCharacters"),
];

/// The template's parameters with their defaults.
pub(crate) struct Limits(BTreeMap<String, String>);

impl Limits {
    pub(crate) fn new(parameters: BTreeMap<String, String>) -> Self {
        Self(parameters)
    }

    /// The default of a parameter.
    pub(crate) fn get(&self, parameter: &str) -> Result<&str, Error> {
        self.0.get(parameter).map(String::as_str).ok_or_else(|| Error::Limit(parameter.to_owned()))
    }

    /// The text with `{Parameter}` replaced by that parameter's default. Other braces stay.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// Writes the limits into the schemas that are there; each must have its field.
    pub(crate) fn bound(&self, schemas: &mut Map<String, Value>) -> Result<(), Error> {
        for (schema, field, keyword, parameter) in BOUNDS {
            let Some(schema) = schemas.get_mut(*schema) else { continue };
            let field = schema.pointer_mut(&format!("/properties/{field}")).and_then(Value::as_object_mut);
            let field = field.ok_or_else(|| Error::Limit(format!("{parameter} of {keyword}")))?;
            let value = self.get(parameter)?;
            let number: u64 = value.parse().map_err(|_| Error::Limit(format!("number in {parameter}")))?;
            field.insert((*keyword).to_owned(), number.into());
        }
        Ok(())
    }
}
