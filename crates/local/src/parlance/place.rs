//! Where things are: the template, and this program.

use std::io;
use std::path::{Path, PathBuf};

/// The template named on the command line, or the nearest `template.yaml` from `start` upward, or the one of the
/// workspace that this program was built in.
pub(crate) fn template(named: Option<PathBuf>, start: &Path) -> Result<PathBuf, String> {
    if let Some(path) = named {
        return if path.is_file() { Ok(path) } else { Err(format!("there is no template {}", path.display())) };
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_owned);
    let folders = start.ancestors().map(Path::to_owned).chain(workspace);
    let mut candidates = folders.map(|folder| folder.join("template.yaml"));
    candidates
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| "there is no template.yaml here or above; name one with --template".to_owned())
}

/// This program, to be run again as a function.
pub(crate) fn program() -> io::Result<PathBuf> {
    std::env::current_exe()
}
