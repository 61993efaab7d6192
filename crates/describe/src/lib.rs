//! The API description: OpenAPI for HTTP, AsyncAPI for the socket, made from the types of `wire` and from the template.
//!
//! What only people can say (summaries, examples, which errors mean what) stands in one table, a row for each function,
//! a file for each group (`groups`). Shapes come from the types; routes are held against the template, and limits
//! are its parameters' defaults. `cargo run -p describe` writes the documents under `docs/api`, where a test finds them
//! stale when they are.

mod asyncapi;
mod examples;
mod groups;
mod limits;
mod openapi;
mod operation;
mod row;
mod schemas;
mod template;

use std::path::{Path, PathBuf};

use gateway::model::{Application, TemplateErrors};
use serde_json::Value;

pub use operation::{Kind, Operation, operations};

/// Why there is no description.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateErrors),
    /// Template and table disagree; a line for each difference.
    #[error("template.yaml and crates/describe disagree:\n{}", .0.join("\n"))]
    Differences(Vec<String>),
    /// Two types have the same name.
    #[error("two different types are called {0}")]
    SameName(String),
    /// A limit is told of a field that no type has, or by a parameter that the template does not have.
    #[error("there is no {0} to take or to limit")]
    Limit(String),
    /// A query is given by a schema without fields, such as a reference: its parameters would be missing.
    #[error("the query of {0} has no fields: its row takes `json_schema`, not `subschema_for`")]
    Query(String),
}

/// The description of the API, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Documents {
    /// OpenAPI 3.1: the HTTP API.
    pub openapi: Value,
    /// AsyncAPI 3.0: the socket.
    pub asyncapi: Value,
}

impl Documents {
    /// Each document with its place in the repository, as text.
    pub fn files(&self) -> [(&'static str, String); 2] {
        [("docs/api/openapi.json", text(&self.openapi)), ("docs/api/asyncapi.json", text(&self.asyncapi))]
    }
}

/// The documents for the template in this folder.
pub fn documents(root: &Path) -> Result<Documents, Error> {
    let application = read_template(root)?;
    let differences = differences(&application);
    if !differences.is_empty() {
        return Err(Error::Differences(differences));
    }
    let limits = limits::Limits::new(application.parameters);
    Ok(Documents { openapi: openapi::document(&limits)?, asyncapi: asyncapi::document(&limits)? })
}

/// The template of this folder with its defaults; what has no default gets a value that is good for reading alone.
pub fn read_template(root: &Path) -> Result<Application, TemplateErrors> {
    template::read(&root.join("template.yaml"))
}

/// Routes of the template that are not described and described ones that it does not have, a line each; empty when both
/// are the same.
pub fn differences(application: &Application) -> Vec<String> {
    template::differences(application, &operations())
}

/// The repository that this program was built from.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Indented, with a line end: readable, and equal byte for byte whenever the value is.
fn text(document: &Value) -> String {
    format!("{document:#}\n")
}
