//! Programs where Lambda's tools leave them.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Launch, LaunchError, Launcher, Preload, Remote, interpreted, name};
use crate::model::{Application, Function};

/// Finds the program of each function: where it was told to look, then where `cargo lambda build` and `sam build` leave
/// it, then an interpreter with its Lambda runtime interface client.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// Folder of programs named after the last part of each `CodeUri`.
    pub binaries: Option<PathBuf>,
    /// Programs of single functions, by logical id, function name or program name.
    pub named: BTreeMap<String, PathBuf>,
    /// Folder in whose `.aws-sam/build` SAM leaves what it built: the template's.
    pub beside: PathBuf,
    /// External extensions of every function (L-12).
    pub extensions: Vec<PathBuf>,
    /// Variables added to every function's.
    pub environment: BTreeMap<String, String>,
    /// Runs all functions elsewhere instead.
    pub remote: Option<Remote>,
    /// What interpreters load first.
    pub preload: Option<Arc<Preload>>,
    /// `PATH` to look for interpreters in.
    pub path: std::ffi::OsString,
}

impl Launcher for Programs {
    fn launch(&self, function: &Function) -> Result<Launch, LaunchError> {
        let program = self.program(function)?;
        let preload = self.preload.as_ref().filter(|_| program.is_none());
        let launch = match program {
            Some(program) => Launch { program, ..Launch::default() },
            None => interpreted::launch(function, &self.beside, &self.path).ok_or_else(|| self.missing(function))??,
        };
        let mut environment = self.environment.clone();
        environment.extend(launch.environment);
        if let Some(preload) = preload {
            preload.add(function, &mut environment);
        }
        Ok(Launch { environment, extensions: self.extensions.clone(), ..launch })
    }

    fn remote(&self, _: &Function) -> Option<Remote> {
        self.remote.clone()
    }
}

impl Programs {
    /// Has interpreted functions run from where `sam build` put them with what they need, if it did.
    pub fn prefer_built(application: &mut Application, beside: &Path) {
        for function in application.functions.values_mut().filter(|function| interpreted::is(function)) {
            let built = beside.join(".aws-sam/build").join(&function.logical_id);
            if built.is_dir() && function.inline.is_none() {
                function.code = built;
            }
        }
    }

    fn program(&self, function: &Function) -> Result<Option<PathBuf>, LaunchError> {
        let own = [Some(function.logical_id.as_str()), Some(&function.name), name(function)];
        if let Some(program) = own.into_iter().flatten().find_map(|own| self.named.get(own)) {
            return Ok(Some(program.clone()));
        }
        if let Some(folder) = &self.binaries {
            let names = own.into_iter().flatten();
            let found = names.map(|name| folder.join(name)).find(|program| is_program(program));
            if found.is_some() || !interpreted::is(function) {
                return found.map(Some).ok_or_else(|| {
                    LaunchError(format!(
                        "there is no program {}",
                        folder.join(name(function).unwrap_or(&function.name)).display()
                    ))
                });
            }
        }
        Ok(self.built(function).into_iter().find(|program| is_program(program)))
    }

    /// Where tools leave what they built.
    fn built(&self, function: &Function) -> [PathBuf; 3] {
        [
            // `sam build` first: whoever ran it means what it made.
            self.beside.join(".aws-sam/build").join(&function.logical_id).join("bootstrap"),
            function.code.join("bootstrap"),
            function.code.clone(),
        ]
    }

    fn missing(&self, function: &Function) -> LaunchError {
        let [_, bootstrap, _] = self.built(function);
        LaunchError(format!(
            "there is no program {}; build it (cargo lambda build), or say where it is with --binaries DIR, \
             --function {}=PROGRAM or --invoke URL",
            bootstrap.display(),
            function.logical_id,
        ))
    }
}

/// The executable files of a folder, by name: external extensions.
pub fn extensions(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if is_program(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
