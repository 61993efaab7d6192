//! The described functions, by name.

use std::fmt;

use crate::groups;

/// A function of the API and what reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Name of the function: of its module, its binary, its resource in the template.
    pub function: &'static str,
    /// What it serves.
    pub kind: Kind,
}

/// What a function serves. Displays as the function's first doc line has it, such as `POST /api/conversations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An HTTP route.
    Http {
        /// Method, in upper case.
        method: &'static str,
        /// Path with `{parameters}`.
        path: &'static str,
    },
    /// The HTTP API's `$default` route.
    HttpDefault,
    /// An action over the socket, such as `message:send`.
    Action(&'static str),
    /// The socket's `$default` route.
    SocketDefault,
    /// A beginning or an end of a connection: `$connect` or `$disconnect`.
    Lifecycle(&'static str),
    /// The authorizer of `$connect`.
    Authorizer,
    /// Nothing from outside: other functions invoke it.
    Invoked,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { method, path } => write!(formatter, "{method} {path}"),
            Self::HttpDefault => formatter.write_str("$default (HTTP)"),
            Self::Action(key) | Self::Lifecycle(key) => formatter.write_str(key),
            Self::SocketDefault => formatter.write_str("$default (socket)"),
            Self::Authorizer => formatter.write_str("$connect authorizer"),
            Self::Invoked => formatter.write_str("no route"),
        }
    }
}

impl Operation {
    /// Name in the documents, which is unique there: `conversationsCreate` for `conversations-create`.
    pub fn id(&self) -> String {
        id(self.function)
    }
}

/// `conversationsCreate` for `conversations-create`.
pub(crate) fn id(function: &str) -> String {
    let mut words = function.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capitalised(word))
}

/// With its first letter in upper case.
pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every described function, HTTP first, in the order of the documents.
pub fn operations() -> Vec<Operation> {
    let routes = groups::routes()
        .into_iter()
        .map(|row| Operation { function: row.function, kind: Kind::Http { method: row.method, path: row.path } });
    let actions =
        groups::actions().into_iter().map(|row| Operation { function: row.function, kind: Kind::Action(row.key) });
    let others = groups::others().into_iter().map(|row| Operation { function: row.function, kind: row.kind });
    routes.chain(actions).chain(others).collect()
}
