//! Functions: `AWS::Serverless::Function` and `AWS::Lambda::Function`, and the roles they run under.

use std::collections::BTreeMap;
use std::path::{Component, PathBuf};
use std::time::Duration;

use super::event_invoke;
use super::fields::Fields;
use super::link::FunctionPart;
use super::node::{Entry, Kind, Node};
use super::stack::{Declared, Stack};
use super::{elsewhere, events, policies};
use crate::model::{Function, OtherEvent, Statement};

/// Names Lambda keeps for itself (gateway fact L-05).
const RESERVED: [&str; 20] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];
/// Bytes of all variables together (gateway fact L-05).
const MAX_ENVIRONMENT: usize = 4096;

/// Roles the SAM transform makes for functions that name none: `<Function>Role`.
pub(super) fn generated(stack: &Stack<'_>) -> Vec<Declared> {
    let functions = stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::Function");
    let role = |function: &Declared| Declared {
        id: format!("{}Role", function.id),
        kind: "AWS::IAM::Role".into(),
        at: function.at,
        properties: Node::map(function.at, Vec::new()),
        condition: function.condition.clone(),
        depends_on: Vec::new(),
        generated: true,
    };
    let deployed = functions.clone().find(|function| function.properties.get("DeploymentPreference").is_some());
    let application = deployed.map(|function| Declared {
        id: "ServerlessDeploymentApplication".into(),
        kind: "AWS::CodeDeploy::Application".into(),
        condition: None,
        ..role(function)
    });
    let unnamed = functions.filter(|function| function.properties.get("Role").is_none());
    unnamed.map(role).chain(application).collect()
}

pub(super) fn serverless(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    let fields = Fields::new(stack, &declared.id, properties);
    let code = match fields.get("CodeUri") {
        Some(Node { kind: Kind::Map(_), .. }) | None => PathBuf::new(),
        Some(_) => local_path(stack, &fields.text("CodeUri").unwrap_or_default()),
    };
    let code = Code { folder: code, inline: inline(&fields, "InlineCode", &runtime(&fields)) };
    let statements = policies::serverless(&fields);
    let events = events::read(stack, declared, properties);
    elsewhere::tell_url(&fields);
    add(&fields, declared, code, statements, events);
}

pub(super) fn lambda(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    let fields = Fields::new(stack, &declared.id, properties);
    let code = match fields.get("Code") {
        Some(Node { kind: Kind::Scalar { text, .. }, .. }) => {
            Code { folder: local_path(stack, text), ..Code::default() }
        }
        Some(code) => Code { inline: inline(&fields.part(code), "ZipFile", &runtime(&fields)), ..Code::default() },
        None => Code::default(),
    };
    if fields.lacks("Role") {
        fields.report(declared.at, "`Role` is missing");
    }
    add(&fields, declared, code, Vec::new(), Vec::new());
}

/// Where a function's code is.
#[derive(Default)]
struct Code {
    folder: PathBuf,
    inline: Option<String>,
}

/// Source text in the template: for interpreters only.
fn inline(fields: &Fields<'_>, key: &str, runtime: &str) -> Option<String> {
    let at = fields.get(key)?.at;
    if !["nodejs", "python"].iter().any(|interpreter| runtime.starts_with(interpreter)) {
        fields.report(at, format_args!("`{key}` is for Node.js and Python, not for `{runtime}`"));
    }
    fields.text(key)
}

fn runtime(fields: &Fields<'_>) -> String {
    fields.text("Runtime").unwrap_or_else(|| "provided.al2023".into())
}

fn add(fields: &Fields<'_>, declared: &Declared, code: Code, statements: Vec<Statement>, events: Vec<OtherEvent>) {
    let stack = fields.stack;
    let Some(name) = stack.name_of(declared) else {
        fields.text("FunctionName");
        return;
    };
    let number = |key: &str, allowed, unit, default: u32| {
        fields.number(key, allowed, unit).and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
    };
    let role = fields.text("Role").and_then(|arn| Some(arn.rsplit_once('/')?.1.to_owned()));
    let function = Function {
        logical_id: stack.full_id(&declared.id),
        code: code.folder,
        inline: code.inline,
        handler: fields.text("Handler").unwrap_or_else(|| "bootstrap".into()),
        runtime: runtime(fields),
        architecture: fields.texts("Architectures").into_iter().next().unwrap_or_else(|| "x86_64".into()),
        memory_mb: number("MemorySize", 128..=10_240, " (MB)", 128),
        timeout: Duration::from_secs(number("Timeout", 1..=900, " (seconds)", 3).into()),
        environment: environment(fields),
        reserved_concurrency: fields
            .number("ReservedConcurrentExecutions", 0..=u64::from(u32::MAX), "")
            .and_then(|number| u32::try_from(number).ok()),
        alias: fields.text("AutoPublishAlias"),
        event_invoke: event_invoke::of(fields),
        policies: statements,
        events,
        policies_elsewhere: policies::elsewhere(fields),
        location: stack.location(declared.at),
        name,
    };
    let part = FunctionPart { arn: stack.function_arn(&function.name), function, role };
    stack.reader.parts.borrow_mut().functions.push(part);
}

fn environment(fields: &Fields<'_>) -> BTreeMap<String, String> {
    let Some(environment) = fields.get("Environment") else { return BTreeMap::new() };
    let environment = fields.part(environment);
    let Some(variables) = environment.get("Variables") else { return BTreeMap::new() };
    let mut size = 0;
    for Entry { key, at, value } in variables.entries() {
        size += key.len() + value.as_text().map_or(0, str::len);
        if RESERVED.contains(&key.as_str()) {
            fields.report(*at, format_args!("the environment variable `{key}` is reserved by Lambda"));
        } else if !is_variable_name(key) {
            let rule = "letters, digits and `_`, at least two characters, a letter first";
            fields.report(*at, format_args!("`{key}` is no name for an environment variable ({rule})"));
        }
    }
    if size > MAX_ENVIRONMENT {
        let message = format!("the environment has {size} bytes; Lambda allows {MAX_ENVIRONMENT}");
        fields.report(variables.at, message);
    }
    environment.strings("Variables")
}

fn is_variable_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// A path of the template, from the template's folder, without `.` parts.
fn local_path(stack: &Stack<'_>, path: &str) -> PathBuf {
    stack.folder().join(path).components().filter(|part| *part != Component::CurDir).collect()
}

/// Notes what a role may do, for functions that name it (`AWS::IAM::Role`, `AWS::IAM::Policy`, managed policies).
pub(super) fn note_role(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    let fields = Fields::new(stack, &declared.id, properties);
    let (names, statements) = match declared.kind.as_str() {
        "AWS::IAM::Role" => (stack.name_of(declared).into_iter().collect(), policies::inline(&fields)),
        "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => (fields.texts("Roles"), policies::document(&fields)),
        _ => return,
    };
    let mut parts = stack.reader.parts.borrow_mut();
    for name in names {
        parts.roles.entry(name).or_default().extend(statements.iter().cloned());
    }
}
