//! The functions' variables in a file, for tools that start functions themselves.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// In the data folder.
const NAME: &str = "functions.env";

/// Writes `NAME='value'` lines, as `cargo lambda watch --env-file` reads them; the file's path.
pub(crate) fn write(data: &Path, variables: &BTreeMap<String, String>) -> Result<PathBuf, String> {
    let path = data.join(NAME);
    let mut text = String::new();
    for (name, value) in variables {
        // It refuses a bare `=`, and knows no way to write a quotation mark between two of its kind.
        let quote = ['\'', '"', '`'].into_iter().find(|mark| !value.contains(*mark));
        let quote = quote.ok_or_else(|| format!("{name} holds every quotation mark, so it cannot be written"))?;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}={quote}{value}{quote}");
    }
    std::fs::write(&path, text).map_err(|error| format!("cannot write to {}: {error}", path.display()))?;
    Ok(path)
}
