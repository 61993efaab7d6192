//! Functions for Node.js and Python: their interpreter with the published Lambda runtime interface client.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Launch, LaunchError};
use crate::model::Function;

/// Whether the function's `Runtime` is one of an interpreter.
pub(super) fn is(function: &Function) -> bool {
    function.runtime.starts_with("nodejs") || function.runtime.starts_with("python")
}

/// How to run the function; `None` when its `Runtime` is none of an interpreter, an error when something is missing.
///
/// Node's client may lie beside the template too.
pub(super) fn launch(function: &Function, beside: &Path, path: &OsStr) -> Option<Result<Launch, LaunchError>> {
    if let Some(version) = function.runtime.strip_prefix("python") {
        return Some(python(function, version, path));
    }
    function.runtime.starts_with("nodejs").then(|| node(function, beside, path))
}

fn python(function: &Function, version: &str, path: &OsStr) -> Result<Launch, LaunchError> {
    let names = [format!("python{version}"), "python3".to_owned(), "python".to_owned()];
    let candidates: Vec<PathBuf> = names.iter().flat_map(|name| programs(name, path)).collect();
    let program =
        candidates.into_iter().find(|python| succeeds(Command::new(python).args(["-c", "import awslambdaric"])));
    let Some(program) = program else {
        return Err(LaunchError(format!(
            "{} needs Python with the Lambda runtime interface client: pip install awslambdaric",
            function.runtime
        )));
    };
    let arguments = vec!["-m".into(), "awslambdaric".into(), OsString::from(&function.handler)];
    Ok(interpreted(function, program, arguments, ("PYTHONPATH", &function.code)))
}

fn node(function: &Function, template: &Path, path: &OsStr) -> Result<Launch, LaunchError> {
    let how = "npm install aws-lambda-ric (in the function's folder or the template's, one above, or globally)";
    let missing = |what: &str| LaunchError(format!("{} needs {what}: {how}", function.runtime));
    let program = programs("node", path).into_iter().next().ok_or_else(|| missing("Node.js and its Lambda client"))?;
    let beside =
        function.code.ancestors().chain(template.ancestors()).map(|folder| folder.join("node_modules/aws-lambda-ric"));
    // A global installation lies beside the interpreter: bin/node, lib/node_modules.
    let global = program.parent().and_then(Path::parent).map(|root| root.join("lib/node_modules/aws-lambda-ric"));
    let local = Path::new("/usr/local/lib/node_modules/aws-lambda-ric").to_owned();
    let script = beside
        .chain(global)
        .chain([local])
        // Up to version 3, then from version 4 on.
        .flat_map(|package| [package.join("bin/index.mjs"), package.join("index.mjs")])
        .find(|script| script.is_file())
        .ok_or_else(|| missing("its Lambda runtime interface client"))?;
    let arguments = vec![script.into_os_string(), OsString::from(&function.handler)];
    Ok(interpreted(function, program, arguments, ("NODE_PATH", &function.code.join("node_modules"))))
}

/// The wrapper script of `AWS_LAMBDA_EXEC_WRAPPER` runs the interpreter, as in AWS's managed runtimes; a shell starts
/// it, so that a missing one is exit status 127 (L-07).
fn interpreted(
    function: &Function,
    program: PathBuf,
    arguments: Vec<OsString>,
    (variable, value): (&str, &Path),
) -> Launch {
    let mut environment = BTreeMap::from([
        ("AWS_EXECUTION_ENV".to_owned(), format!("AWS_Lambda_{}", function.runtime)),
        (variable.to_owned(), value.display().to_string()),
    ]);
    // Lambda's PATH does not hold this machine's interpreter, which may well start itself again.
    if let Some(folder) = program.parent() {
        environment.insert("PATH".to_owned(), format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display()));
    }
    if !function.environment.contains_key("AWS_LAMBDA_EXEC_WRAPPER") {
        return Launch { program, arguments, environment, extensions: Vec::new() };
    }
    let script = r#"exec "$AWS_LAMBDA_EXEC_WRAPPER" "$@""#;
    let mut wrapped: Vec<OsString> = ["-c", script, "bootstrap"].map(OsString::from).to_vec();
    wrapped.push(program.into_os_string());
    wrapped.extend(arguments);
    Launch { program: PathBuf::from("/bin/sh"), arguments: wrapped, environment, extensions: Vec::new() }
}

/// Every file of this name in `PATH`. Not resolved: what a virtual environment's link points at knows nothing of it.
fn programs(name: &str, path: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(name)).filter(|program| program.is_file()).collect()
}

fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
