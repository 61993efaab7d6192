//! What is built for the functions: their own binaries, or the one program that plays them all.

use std::path::Path;

use gateway::watch::Build;

/// The build of every function as its own binary, or of this program, in this program's profile and beside it.
pub(crate) fn build(workspace: &Path, program: &Path, binaries: bool) -> Result<Build, String> {
    let folder = program.parent().ok_or("this program is in no folder")?;
    let (package, what): (_, &[&str]) =
        if binaries { ("function-binaries", &[]) } else { ("local", &["--bin", "parlance"]) };
    Ok(Build::cargo(workspace, folder, &[package], what))
}
