//! From a function of the template to a process.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gateway::model::Function;
use gateway::{Launch, LaunchError, Launcher};

pub use gateway::launch::name;

use crate::aws::Account;
use crate::multi_call;

/// Which programs run the functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Functions {
    /// One program for all of them, run as `<program> function <name>`: the same code as the deployed binaries.
    MultiCall {
        /// The program, usually the one that is running.
        program: PathBuf,
    },
    /// The deployed binaries, `<directory>/<name>`.
    Binaries {
        /// Where they are.
        directory: PathBuf,
    },
}

/// Launches functions with the addresses of the embedded services and an access key of their own.
pub(crate) struct Processes {
    pub(crate) functions: Functions,
    pub(crate) account: Account,
    /// `AWS_ENDPOINT_URL_…`.
    pub(crate) endpoints: BTreeMap<String, String>,
}

impl Launcher for Processes {
    fn launch(&self, function: &Function) -> Result<Launch, LaunchError> {
        let refused = |reason: String| LaunchError(reason);
        let name = name(function).ok_or_else(|| {
            refused(format!("CodeUri {} does not end in the name of a function", function.code.display()))
        })?;
        let (program, arguments) = match &self.functions {
            Functions::MultiCall { program } if multi_call::has(name) => {
                (program.clone(), vec!["function".into(), name.into()])
            }
            Functions::MultiCall { .. } => {
                return Err(refused(format!("there is no function `{name}` in this program")));
            }
            Functions::Binaries { directory } => (directory.join(name), Vec::new()),
        };
        if !program.is_file() {
            return Err(refused(format!("there is no program {}", program.display())));
        }
        let key = self.account.issue(&function.logical_id);
        let mut environment = self.endpoints.clone();
        environment.insert("AWS_ACCESS_KEY_ID".to_owned(), key.id);
        environment.insert("AWS_SECRET_ACCESS_KEY".to_owned(), key.secret);
        Ok(Launch { program, arguments, environment, ..Launch::default() })
    }
}
