//! Parameter mapping of HTTP APIs (gateway facts H-60 to H-64).

use std::collections::BTreeMap;

/// What an integration changes of requests, and of responses by their status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// `RequestParameters`.
    pub requests: Vec<Change>,
    /// `ResponseParameters`.
    pub responses: BTreeMap<u16, Vec<Change>>,
}

/// One change, e.g. `append:header.x-user` by `$context.authorizer.userId`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is changed.
    pub place: Place,
    /// How.
    pub action: Action,
    /// By which value; nothing for [`Action::Remove`].
    pub value: Vec<Term>,
}

/// A part of a request or of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A header, by its name in lower case.
    Header(String),
    /// A parameter of the query, by its name as it is.
    Query(String),
    /// The path; it can only be overwritten.
    Path,
    /// The status of a response; it can only be overwritten.
    Status,
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One value more.
    Append,
    /// This value in place of all that there are.
    Overwrite,
    /// None.
    Remove,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Text as it is.
    Text(String),
    /// What a variable stands for.
    Variable(Variable),
}

/// What a value can refer to; header, query and body are the request's or, for a response, the response's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// `$request.header.X`, `$response.header.X`, in lower case.
    Header(String),
    /// `$request.querystring.X`.
    Query(String),
    /// `$request.body`, or a path into its JSON.
    Body(Option<Vec<String>>),
    /// `$request.path`.
    Path,
    /// `$request.path.X`.
    PathVariable(String),
    /// `$context.X`.
    Context(String),
    /// `$stageVariables.X`.
    StageVariable(String),
}
