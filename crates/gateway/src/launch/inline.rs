//! Code that stands in the template itself: `InlineCode`, or `ZipFile` of `Code`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::model::{Application, Function};

/// Where such code lies while the gateway runs: in a folder of its own, which goes with it.
#[derive(Default)]
pub(crate) struct Inline(Mutex<Option<TempDir>>);

impl Inline {
    /// Writes it to files, and has its functions' `code` be their folders; code that is as it was stays where it was.
    pub(crate) fn unpack(&self, application: &mut Application) -> std::io::Result<()> {
        let mut folder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for function in application.functions.values_mut() {
            let Some(text) = &function.inline else { continue };
            let folder = match &*folder {
                Some(folder) => folder,
                None => folder.insert(tempfile::Builder::new().prefix("gateway-").tempdir()?),
            };
            let code = folder.path().join(name(function, text));
            if !code.is_dir() {
                write(&code, function, text)?;
            }
            function.code = code;
        }
        Ok(())
    }
}

/// Another one for another text: a function whose code changed begins anew.
fn name(function: &Function, text: &str) -> PathBuf {
    let id = function.logical_id.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
    PathBuf::from(format!("{id}-{}", hex::encode(&Sha256::digest(text)[..6])))
}

/// One file, `index`, as `CloudFormation` makes it: for Node.js a `CommonJS` module.
fn write(code: &Path, function: &Function, text: &str) -> std::io::Result<()> {
    let ending = if function.runtime.starts_with("python") { "py" } else { "js" };
    std::fs::create_dir_all(code)?;
    std::fs::write(code.join("index").with_extension(ending), text)
}
