//! The rows of the table: what is said of each function besides what its types say.
//!
//! In texts, `{HttpPerMinute}` and the like stand for the default of that parameter of the template.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use wire::ErrorBody;

use crate::examples;
use crate::operation::Kind;

/// The schema of a type: `SchemaGenerator::subschema_for::<T>`.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// An HTTP route.
pub(crate) struct Route {
    pub(crate) function: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// Whether it takes a bearer token; a route without one is open to everybody.
    pub(crate) signed_in: bool,
    /// Variables of the path.
    pub(crate) path_parameters: Vec<PathParameter>,
    pub(crate) query: Option<SchemaOf>,
    pub(crate) request: Option<Request>,
    pub(crate) answers: Vec<Answer>,
    /// What each way to fail looks like.
    pub(crate) errors: Vec<ErrorBody>,
    /// What the requests are counted by; empty where they are not.
    pub(crate) limit: &'static str,
}

impl Default for Route {
    /// What most are: for somebody signed in, without parameters or a body, counted by `HttpPerMinute`.
    fn default() -> Self {
        Self {
            function: "",
            method: "",
            path: "",
            tag: "",
            summary: "",
            description: "",
            signed_in: true,
            path_parameters: Vec::new(),
            query: None,
            request: None,
            answers: Vec::new(),
            errors: Vec::new(),
            limit: "HttpPerMinute",
        }
    }
}

/// A variable of a path.
pub(crate) struct PathParameter {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: SchemaOf,
    pub(crate) example: &'static str,
}

/// A request body.
pub(crate) struct Request {
    pub(crate) schema: SchemaOf,
    pub(crate) examples: Vec<Example>,
}

impl Request {
    /// With one example.
    pub(crate) fn one(schema: SchemaOf, summary: &'static str, value: Value) -> Self {
        Self { schema, examples: vec![Example { name: "example", summary, value }] }
    }
}

/// A worked example.
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) value: Value,
}

/// An answer that is not an error.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    pub(crate) schema: SchemaOf,
    pub(crate) example: Value,
}

impl Answer {
    /// With this value of its type as the example.
    pub(crate) fn new<T: JsonSchema + Serialize>(status: u16, description: &'static str, example: &T) -> Self {
        Self { status, description, schema: SchemaGenerator::subschema_for::<T>, example: examples::json(example) }
    }
}

/// Something a client can ask for over the socket.
pub(crate) struct Action {
    pub(crate) function: &'static str,
    /// What the client puts into `action`.
    pub(crate) key: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) data: SchemaOf,
    /// Worked examples of `data`.
    pub(crate) examples: Vec<Example>,
    /// Events that answer it, besides `error`.
    pub(crate) answers: &'static [&'static str],
    /// What each way to fail looks like.
    pub(crate) errors: Vec<ErrorBody>,
}

/// Something the server says over the socket.
pub(crate) struct ServerEvent {
    /// What stands in its `action`.
    pub(crate) key: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) examples: Vec<Example>,
}

/// A function that is no operation of its own: a `$default` route, an authorizer, a beginning or end of a connection.
pub(crate) struct Other {
    pub(crate) function: &'static str,
    pub(crate) kind: Kind,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// What each way to fail looks like.
    pub(crate) errors: Vec<ErrorBody>,
}
