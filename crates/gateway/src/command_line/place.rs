//! Where the template is.

use std::path::{Path, PathBuf};

/// The template named on the command line, or the nearest `template.yaml` from `start` upward, or the one of the
/// workspace that the gateway was built in.
pub fn template(named: Option<&Path>, start: &Path) -> Result<PathBuf, String> {
    if let Some(path) = named {
        return if path.is_file() {
            Ok(path.to_owned())
        } else {
            Err(format!("there is no template {}", path.display()))
        };
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_owned);
    let folders = start.ancestors().map(Path::to_owned).chain(workspace);
    let mut candidates = folders.map(|folder| folder.join("template.yaml"));
    candidates
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| "there is no template.yaml here or above; name one with --template".to_owned())
}
