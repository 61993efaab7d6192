//! What all templates of one application share: settings, the mistakes found, and the parts read so far.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Settings;
use super::link::Parts;
use super::node::{Mark, Mistake};
use crate::model::{Location, TemplateError};

/// Mistakes reported at most: a template with more has something wrong at its root.
const MAX_NOTES: usize = 500;

pub(super) struct Reader<'s> {
    pub(super) settings: &'s Settings,
    pub(super) parts: RefCell<Parts>,
    /// Files being read, outermost first: a template must not include itself.
    pub(super) including: RefCell<Vec<PathBuf>>,
    /// Every file that was asked for.
    pub(super) files: RefCell<BTreeSet<PathBuf>>,
    /// Templates read so far.
    pub(super) templates: Cell<usize>,
    /// Whether an included file is being resolved.
    pub(super) in_include: Cell<bool>,
    /// Values of `NoEcho` parameters: no message repeats them.
    pub(super) secrets: RefCell<Vec<String>>,
    /// Values and references being followed, one inside the other.
    pub(super) depth: Cell<usize>,
    errors: RefCell<Notes>,
    /// What is asked for and not run here.
    left_out: RefCell<Notes>,
    /// What decides who may call what, and is not known because of something left out.
    doubts: RefCell<Notes>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            parts: RefCell::default(),
            including: RefCell::default(),
            files: RefCell::default(),
            templates: Cell::new(0),
            in_include: Cell::new(false),
            secrets: RefCell::default(),
            depth: Cell::new(0),
            errors: RefCell::default(),
            left_out: RefCell::default(),
            doubts: RefCell::default(),
        }
    }

    /// Whether enough mistakes are noted: no more is worth finding out.
    pub(super) fn is_full(&self) -> bool {
        self.errors.borrow().count == MAX_NOTES
    }

    /// Notes a mistake. A value read twice (for its own sake and for a reference to it) is reported once.
    pub(super) fn report(&self, file: &Path, mistake: Mistake) {
        self.errors.borrow_mut().add(file, self.told(mistake));
    }

    /// Notes that something is not run here while all else is. Nothing may become less secure by that: what says who
    /// may call a route is [`Reader::doubt`]ed instead.
    pub(super) fn leave_out(&self, file: &Path, mistake: Mistake) {
        self.left_out.borrow_mut().add(file, self.told(mistake));
    }

    /// Notes a value that cannot be known and that security may rest on. A mistake when no other one tells of it.
    pub(super) fn doubt(&self, file: &Path, mistake: Mistake) {
        self.doubts.borrow_mut().add(file, self.told(mistake));
    }

    fn told(&self, mistake: Mistake) -> Mistake {
        Mistake { message: self.without_secrets(mistake.message), ..mistake }
    }

    /// Short ones could be any word, and are no secrets.
    fn without_secrets(&self, message: String) -> String {
        let secrets = self.secrets.borrow();
        let long = secrets.iter().filter(|secret| secret.len() >= 4);
        long.fold(message, |message, secret| message.replace(secret.as_str(), "****"))
    }

    pub(super) fn report_at(&self, location: &Location, message: String) {
        let at = Mark { line: location.line, column: location.column };
        self.report(&location.file, Mistake { at, message });
    }

    pub(super) fn leave_out_at(&self, location: &Location, message: String) {
        let at = Mark { line: location.line, column: location.column };
        self.leave_out(&location.file, Mistake { at, message });
    }

    /// Every mistake, and everything left out, by file, line and column.
    pub(super) fn into_notes(self) -> (Vec<TemplateError>, Vec<TemplateError>) {
        let mut errors = self.errors.into_inner();
        if errors.count == 0 {
            errors = self.doubts.into_inner();
        }
        (errors.into_list(), self.left_out.into_inner().into_list())
    }
}

/// Messages by their places, each once.
#[derive(Default)]
struct Notes {
    messages: BTreeMap<(PathBuf, Mark), Vec<String>>,
    count: usize,
}

impl Notes {
    fn add(&mut self, file: &Path, Mistake { at, message }: Mistake) {
        if self.count == MAX_NOTES {
            return;
        }
        let messages = self.messages.entry((file.to_owned(), at)).or_default();
        if !messages.contains(&message) {
            messages.push(message);
            self.count += 1;
        }
    }

    fn into_list(self) -> Vec<TemplateError> {
        let located = |((file, at), messages): ((PathBuf, Mark), Vec<String>)| {
            let location = Location { file, line: at.line, column: at.column };
            messages.into_iter().map(move |message| TemplateError { location: location.clone(), message })
        };
        self.messages.into_iter().flat_map(located).collect()
    }
}

/// Ten lower-case alphanumerics that depend on nothing but the seed: the form of an API id (gateway fact T-05).
pub(super) fn short_id(seed: &str) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let digest = Sha256::digest(seed.as_bytes());
    digest.iter().take(10).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// A UUID-shaped text that depends on nothing but the seed.
pub(super) fn uuid_like(seed: &str) -> String {
    let hex = hex::encode(Sha256::digest(seed.as_bytes()));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}
