//! Building the functions' binaries, with Cargo's own progress on the terminal.

use std::path::{Path, PathBuf};

use tokio::process::Command;

/// Builds every function as its own binary, in the profile of this program, and gives the folder they are in.
pub(crate) async fn build(workspace: &Path, program: &Path) -> Result<PathBuf, String> {
    let folder = program.parent().ok_or("this program is in no folder")?.to_owned();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", "function-binaries"]).current_dir(workspace).kill_on_drop(true);
    if folder.file_name().is_some_and(|name| name == "release") {
        cargo.arg("--release");
    }
    // Beside this program, wherever that was built.
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    let status = cargo.status().await.map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(folder) } else { Err("the functions do not build".to_owned()) }
}
