//! What measurements share. Each measurement is a program of its own in `src/bin`; `docs/performance.md` has the
//! commands and what they gave.
//!
//! What goes wrong in here ends the measurement with all that was seen, as in a test.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod figures;
pub mod lambda;
pub mod people;
pub mod process;
pub mod runtime_api;
/// The embedded services with people in them, as the contract tests have them.
#[allow(dead_code, missing_docs, unreachable_pub, clippy::return_self_not_must_use)]
#[path = "../../functions/tests/support/mod.rs"]
pub mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the functions' release binaries, so that nothing stale is measured, and gives the folder they are in.
pub fn release_binaries() -> PathBuf {
    release_build(&["--package", "function-binaries"])
}

/// Builds `parlance`, likewise. This package is named too, so that its dependencies are not built once more with other
/// features.
pub fn release_parlance() -> PathBuf {
    release_build(&["--package", "benches", "--package", "local", "--bin", "parlance"]).join("parlance")
}

fn release_build(what: &[&str]) -> PathBuf {
    let program = std::env::current_exe().expect("this program's path");
    let target = program.ancestors().nth(2).expect("a target folder");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release"]).args(what).arg("--target-dir").arg(target);
    let built = cargo.current_dir(workspace()).status().expect("cargo");
    assert!(built.success(), "{what:?} does not build");
    target.join("release")
}

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}
