//! The template as it is followed: which files it is, and how it is read again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::Running;
use crate::model::Application;
use crate::template::{self, Settings};

/// Decides whether a changed application can be gone on with; an error says why not.
pub type Check = dyn Fn(&Application) -> Result<(), String> + Send + Sync;

/// A template that is followed while it is edited.
pub struct Template {
    path: PathBuf,
    settings: Settings,
    strict: bool,
    check: Option<Box<Check>>,
    files: Arc<RwLock<BTreeSet<PathBuf>>>,
}

impl Template {
    /// The template at a path, always read with these settings.
    pub fn new(path: &Path, settings: Settings) -> std::io::Result<Self> {
        Ok(Self { path: std::path::absolute(path)?, settings, strict: false, check: None, files: Arc::default() })
    }

    /// Refused, or not, when anything in it is left out.
    #[must_use]
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// With a question to ask before anything changes.
    #[must_use]
    pub fn checked(self, check: impl Fn(&Application) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { check: Some(Box::new(check)), ..self }
    }

    /// Reads it again and goes on with it; an error is for the person who saved it, with every mistake and its place.
    pub(super) fn apply(&self, running: &Running) -> Result<(), String> {
        let read = template::read(&self.path, &self.settings);
        let read = if self.strict { read.and_then(Application::complete) } else { read };
        let application = read.map_err(|errors| errors.to_string())?;
        if let Some(check) = &self.check {
            check(&application)?;
        }
        let files = application.files.clone();
        running.replace(application).map_err(|error| error.to_string())?;
        self.know(&files);
        Ok(())
    }

    /// From now on changes of these files are changes of the template.
    pub(super) fn know(&self, files: &BTreeSet<PathBuf>) {
        let absolute = files.iter().filter_map(|file| std::path::absolute(file).ok());
        let mut known: BTreeSet<PathBuf> = absolute.collect();
        known.insert(self.path.clone());
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Tells whether a path is one of its files.
    pub(super) fn files(&self) -> impl Fn(&Path) -> bool + Send + 'static {
        let files = Arc::clone(&self.files);
        move |path| files.read().unwrap_or_else(PoisonError::into_inner).contains(path)
    }

    /// Folders its files are in.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.iter().filter_map(|file| file.parent()).filter(|folder| folder.is_dir()).map(Path::to_owned).collect()
    }
}
