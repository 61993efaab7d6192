//! The text of a template or of a part of one, from its file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::node::{Mark, Mistake};
use super::reader::Reader;

/// What CloudFormation takes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Reads a template's file; reports what is wrong with it.
pub(super) fn read(reader: &Reader<'_>, path: &Path) -> Option<String> {
    reader.files.borrow_mut().insert(path.to_owned());
    match text(path) {
        Ok(text) => Some(text),
        Err(problem) => {
            let message = match problem {
                Problem::Unreadable(error) => format!("cannot read the template: {error}"),
                Problem::TooLarge => format!("the template has more than {MAX_BYTES} bytes"),
                Problem::NoText => "the template is not UTF-8 text".into(),
            };
            reader.report(path, Mistake { at: Mark::START, message });
            None
        }
    }
}

/// Reads a file that a template includes; the error says what is wrong with it. Only files: opening a named pipe, or
/// reading from a terminal, would wait for somebody.
pub(super) fn included(reader: &Reader<'_>, path: &Path) -> Result<String, String> {
    reader.files.borrow_mut().insert(path.to_owned());
    let shown = path.display();
    if !path.is_file() {
        return Err(format!("cannot read {shown}: there is no such file"));
    }
    text(path).map_err(|problem| match problem {
        Problem::Unreadable(error) => format!("cannot read {shown}: {error}"),
        Problem::TooLarge => format!("{shown} has more than {MAX_BYTES} bytes"),
        Problem::NoText => format!("{shown} is not UTF-8 text"),
    })
}

enum Problem {
    Unreadable(std::io::Error),
    TooLarge,
    NoText,
}

fn text(path: &Path) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(Problem::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| Problem::NoText)
}
