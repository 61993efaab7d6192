//! What is built for the functions: their own binaries, or one program that plays them all.

use std::path::{Path, PathBuf};

use gateway::watch::Build;

/// Package of this program.
const THIS: &str = "local";
/// Program of all functions and nothing else, of the package `all-functions`: this one holds the embedded services too,
/// which takes longer to compile and to link (docs/adr/0028).
const FUNCTIONS: &str = "functions";

/// Where the program of functions alone is when it was built: beside this one.
pub(crate) fn of_functions_alone(program: &Path) -> PathBuf {
    program.with_file_name(FUNCTIONS)
}

/// The build of every function as its own binary, or of the program of functions alone, in this program's profile and
/// beside it.
pub(crate) fn build(workspace: &Path, program: &Path, binaries: bool) -> Result<Build, String> {
    let folder = program.parent().ok_or("this program is in no folder")?;
    let build = if binaries {
        Build::cargo(workspace, folder, &["function-binaries"], &[])
    } else {
        // Chosen together with this program's package, what both use has the same features as here and is not compiled
        // a second time.
        Build::cargo(workspace, folder, &["all-functions"], &["--package", THIS, "--bin", FUNCTIONS]).beforehand()
    };
    Ok(build.watched_by(THIS))
}
