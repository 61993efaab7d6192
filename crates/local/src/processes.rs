//! From a function of the template to a process.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{PoisonError, RwLock};

use gateway::launch::Remote;
use gateway::model::{Application, Function};
use gateway::{Launch, LaunchError, Launcher};

pub use gateway::launch::name;

use crate::aws::Account;
use crate::multi_call;

/// Which programs run the functions.
#[derive(Debug, Clone)]
pub enum Functions {
    /// One program for all of them, run as `<program> function <name>`: the same code as the deployed binaries.
    MultiCall {
        /// The program, usually the one that is running.
        program: PathBuf,
        /// A program of functions alone (`functions/all`), run as `<next> <name>` as soon as it was built, if somebody
        /// builds it.
        next: Option<PathBuf>,
    },
    /// The deployed binaries, `<directory>/<name>`.
    Binaries {
        /// Where they are.
        directory: PathBuf,
    },
    /// None: another Lambda Invoke API runs them, with the variables of [`Stack::functions_environment`].
    ///
    /// [`Stack::functions_environment`]: crate::Stack::functions_environment
    Elsewhere(Remote),
}

/// Launches functions with the addresses of the embedded services and an access key of their own.
pub(crate) struct Processes {
    pub(crate) functions: Functions,
    pub(crate) account: Account,
    /// `AWS_ENDPOINT_URL_…`.
    pub(crate) endpoints: BTreeMap<String, String>,
    /// The functions that are in the program of functions alone, once that was built.
    pub(crate) built: RwLock<Option<BTreeSet<String>>>,
}

impl Processes {
    /// Program and arguments of the function of this name.
    fn program(&self, name: &str) -> Result<(PathBuf, Vec<OsString>), String> {
        let absent = |program: &Path| format!("there is no function `{name}` in {}", program.display());
        match &self.functions {
            Functions::MultiCall { program, next } => {
                let built = self.built.read().unwrap_or_else(PoisonError::into_inner);
                match (next, &*built) {
                    (Some(next), Some(names)) if names.contains(name) => Ok((next.clone(), vec![name.into()])),
                    (Some(next), Some(_)) => Err(absent(next)),
                    _ if multi_call::has(name) => Ok((program.clone(), vec!["function".into(), name.into()])),
                    _ => Err(absent(program)),
                }
            }
            Functions::Binaries { directory } => Ok((directory.join(name), Vec::new())),
            Functions::Elsewhere(_) => Err(format!("`{name}` does not run here")),
        }
    }
}

impl Launcher for Processes {
    fn launch(&self, function: &Function) -> Result<Launch, LaunchError> {
        let refused = |reason: String| LaunchError(reason);
        let name = name(function).ok_or_else(|| {
            refused(format!("CodeUri {} does not end in the name of a function", function.code.display()))
        })?;
        let (program, arguments) = self.program(name).map_err(refused)?;
        if !program.is_file() {
            return Err(refused(format!("there is no program {}", program.display())));
        }
        let key = self.account.issue(&function.logical_id);
        let mut environment = self.endpoints.clone();
        environment.insert("AWS_ACCESS_KEY_ID".to_owned(), key.id);
        environment.insert("AWS_SECRET_ACCESS_KEY".to_owned(), key.secret);
        Ok(Launch { program, arguments, environment, ..Launch::default() })
    }

    fn remote(&self, _: &Function) -> Option<Remote> {
        match &self.functions {
            Functions::Elsewhere(remote) => Some(remote.clone()),
            Functions::MultiCall { .. } | Functions::Binaries { .. } => None,
        }
    }

    fn built(&self) -> Result<bool, LaunchError> {
        let Functions::MultiCall { next: Some(next), .. } = &self.functions else { return Ok(false) };
        let names = names_in(next).map_err(LaunchError)?;
        Ok(self.built.write().unwrap_or_else(PoisonError::into_inner).replace(names).is_none())
    }
}

/// Asks a program of functions alone which ones are in it.
fn names_in(program: &Path) -> Result<BTreeSet<String>, String> {
    let failed = |why: String| format!("cannot run {}: {why}", program.display());
    let output = Command::new(program).stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Variables for functions that something else starts, the same for all of them: those of the template, `endpoints`, and
/// an access key that belongs to none of them.
pub(crate) fn environment_of_all(
    application: &Application,
    account: &Account,
    endpoints: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    for function in application.functions.values() {
        environment.extend(function.environment.clone());
    }
    environment.extend(endpoints.clone());
    let key = account.issue("functions-elsewhere");
    let own = [
        ("AWS_ACCESS_KEY_ID", key.id),
        ("AWS_SECRET_ACCESS_KEY", key.secret),
        ("AWS_REGION", application.region.clone()),
        ("AWS_DEFAULT_REGION", application.region.clone()),
    ];
    environment.extend(own.map(|(name, value)| (name.to_owned(), value)));
    environment
}
