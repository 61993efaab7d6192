//! How programs are built again.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use super::sources::{Metadata, Sources};
use crate::model::Application;

/// What makes the functions' programs of their sources.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// Folder in which Cargo is asked.
    workspace: PathBuf,
    /// The command and its arguments; nothing is built without one.
    command: Vec<OsString>,
    /// Cargo packages whose sources matter.
    packages: Vec<String>,
    /// Cargo package of the program that watches, where that is built in the same workspace.
    host: Option<String>,
    /// Whether it is built before anything is saved.
    beforehand: bool,
    /// Folders of functions that are not built but read by an interpreter, by logical id.
    interpreted: BTreeMap<String, PathBuf>,
}

/// Why something was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The command cannot be run.
    #[error("cannot run {command}: {source}")]
    Run {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It failed; what it wrote.
    #[error("{0}")]
    Failed(String),
    /// Cargo's description of the workspace is not as expected.
    #[error("cannot read what cargo metadata says: {0}")]
    Metadata(#[from] serde_json::Error),
}

impl Build {
    /// `cargo build` of these packages in the profile of a folder of programs and into it; `what` chooses among their
    /// programs.
    pub fn cargo(workspace: &Path, folder: &Path, packages: &[&str], what: &[&str]) -> Self {
        let mut command = vec![cargo(), "build".into()];
        for package in packages {
            command.extend(["--package".into(), OsString::from(package)]);
        }
        command.extend(what.iter().map(OsString::from));
        if folder.file_name().is_some_and(|name| name == "release") {
            command.push("--release".into());
        }
        // Beside the programs, wherever those were built.
        if let Some(target) = folder.parent() {
            command.extend(["--target-dir".into(), target.into()]);
        }
        let packages = packages.iter().map(|package| (*package).to_owned()).collect();
        Self { workspace: workspace.to_owned(), command, packages, ..Self::default() }
    }

    /// Tells apart what this package, that of the program that is running, is made of beside the functions: no build
    /// can change that while it runs, and whoever saves it is told so.
    #[must_use]
    pub fn watched_by(self, package: &str) -> Self {
        Self { host: Some(package.to_owned()), ..self }
    }

    /// Also builds when the watch begins, while everything runs already, so that little is left to build when a file is
    /// saved. Functions go to what that makes.
    #[must_use]
    pub fn beforehand(self) -> Self {
        Self { beforehand: true, ..self }
    }

    /// For the functions of any template: `cargo build` of the packages that have their programs when those are in
    /// `binaries`, otherwise `cargo lambda build`, or the given command line instead of either; functions of
    /// interpreters are only read again.
    pub async fn of(
        application: &Application,
        beside: &Path,
        binaries: Option<&Path>,
        command: Option<&str>,
    ) -> Result<Self, BuildError> {
        let interpreted = |runtime: &str| runtime.starts_with("nodejs") || runtime.starts_with("python");
        let (scripts, built): (Vec<_>, Vec<_>) = application
            .functions
            .values()
            .filter(|function| function.inline.is_none())
            .partition(|function| interpreted(&function.runtime));
        let names: BTreeSet<&str> = built.iter().filter_map(|function| crate::launch::name(function)).collect();
        let metadata = if built.is_empty() { None } else { metadata(beside).await.ok() };
        let packages = metadata.map(|metadata| metadata.packages_of(&names)).unwrap_or_default();
        let chosen: Vec<&str> = packages.iter().map(String::as_str).collect();
        let mut result = match binaries {
            _ if packages.is_empty() => Self { workspace: beside.to_owned(), ..Self::default() },
            Some(folder) => Self::cargo(beside, folder, &chosen, &["--bins"]),
            None => {
                let mut command = vec![cargo(), "lambda".into(), "build".into(), "--release".into()];
                for package in &packages {
                    command.extend(["--package".into(), OsString::from(package)]);
                }
                Self { workspace: beside.to_owned(), command, packages, ..Self::default() }
            }
        };
        if let Some(command) = command {
            result.command = vec!["/bin/sh".into(), "-c".into(), command.into()];
        }
        result.interpreted =
            scripts.iter().map(|function| (function.logical_id.clone(), function.code.clone())).collect();
        Ok(result)
    }

    /// Builds for somebody who watches: with the command's own output.
    pub async fn in_foreground(&self) -> Result<(), BuildError> {
        let status = self.command(&self.command)?.status().await;
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(BuildError::Failed("the functions do not build".to_owned())),
            Err(source) => Err(self.not_run(source)),
        }
    }

    /// Builds after these files changed; an error is what the command wrote.
    pub(super) async fn run(&self, changed: &[PathBuf]) -> Result<(), BuildError> {
        let only_read = changed.iter().all(|path| self.interpreted.values().any(|folder| path.starts_with(folder)));
        if self.command.is_empty() || only_read {
            return Ok(());
        }
        self.build().await
    }

    async fn build(&self) -> Result<(), BuildError> {
        let output = self.command(&self.command)?.stdout(Stdio::piped()).stderr(Stdio::piped()).output().await;
        let output = output.map_err(|source| self.not_run(source))?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let lines = text.lines().skip_while(|line| line.trim_start().starts_with("Compiling"));
        Err(BuildError::Failed(lines.collect::<Vec<_>>().join("\n")))
    }

    /// The build before anything is saved, with the time it took; ready at once, with nothing, where none is wanted.
    pub(super) async fn first(&self, sources: &Sources) -> Option<(Result<(), BuildError>, Duration)> {
        if !self.beforehand || sources.are_none() {
            return None;
        }
        let started = Instant::now();
        Some((self.build().await, started.elapsed()))
    }

    /// Functions whose interpreted code is among the changed files.
    pub(super) fn interpreted(&self, application: &Application, changed: &[PathBuf]) -> Vec<String> {
        let is_changed = |folder: &PathBuf| changed.iter().any(|path| path.starts_with(folder));
        let functions = self.interpreted.iter().filter(|(id, _)| application.functions.contains_key(*id));
        functions.filter(|(_, folder)| is_changed(folder)).map(|(id, _)| id.clone()).collect()
    }

    /// What to watch.
    pub(super) async fn sources(&self) -> Result<Sources, BuildError> {
        let mut sources = if self.packages.is_empty() {
            Sources::default()
        } else {
            metadata(&self.workspace).await?.sources(&self.packages, self.host.as_deref())
        };
        sources.add(self.interpreted.values());
        Ok(sources)
    }

    fn command(&self, words: &[OsString]) -> Result<Command, BuildError> {
        let Some((program, arguments)) = words.split_first() else {
            return Err(BuildError::Failed("there is no command to build with".to_owned()));
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        if self.workspace.is_dir() {
            command.current_dir(&self.workspace);
        }
        Ok(command)
    }

    fn not_run(&self, source: std::io::Error) -> BuildError {
        let words: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
        BuildError::Run { command: words.join(" "), source }
    }
}

async fn metadata(workspace: &Path) -> Result<Metadata, BuildError> {
    let mut command = Command::new(cargo());
    command.args(["metadata", "--format-version", "1", "--no-deps"]).stdin(Stdio::null()).kill_on_drop(true);
    if workspace.is_dir() {
        command.current_dir(workspace);
    }
    let output = command.output().await;
    let output = output.map_err(|source| BuildError::Run { command: "cargo metadata".to_owned(), source })?;
    if !output.status.success() {
        return Err(BuildError::Failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The Cargo that started this program, so that the same toolchain builds again.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
