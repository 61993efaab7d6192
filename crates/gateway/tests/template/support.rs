//! Small templates in a folder of their own.

use std::fmt::Write;

use gateway::model::{Application, TemplateErrors};
use gateway::template::{Settings, read};

/// Reads a text as `template.yaml` of an empty folder.
pub(crate) fn try_read(text: &str, settings: &Settings) -> Result<Application, TemplateErrors> {
    read_files(&[("template.yaml", text)], settings)
}

/// Writes several files and reads the first.
pub(crate) fn read_files(files: &[(&str, &str)], settings: &Settings) -> Result<Application, TemplateErrors> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    read(&folder.path().join(files[0].0), settings)
}

/// Reads a template that has no mistakes.
pub(crate) fn application(text: &str) -> Application {
    try_read(text, &Settings::default()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The mistakes of a template as `file:line:column: message`, folders left out.
pub(crate) fn mistakes_of(result: Result<Application, TemplateErrors>) -> Vec<String> {
    let Err(TemplateErrors(errors)) = result else { panic!("the template was accepted") };
    let told = |error: gateway::model::TemplateError| {
        let file = error.location.file.file_name().unwrap().to_string_lossy().into_owned();
        format!("{file}:{}:{}: {}", error.location.line, error.location.column, error.message)
    };
    errors.into_iter().map(told).collect()
}

/// The mistakes of one template as `line:column: message`.
pub(crate) fn mistakes(text: &str) -> Vec<String> {
    let all = mistakes_of(try_read(text, &Settings::default()));
    all.into_iter().map(|line| line.strip_prefix("template.yaml:").unwrap_or(&line).to_owned()).collect()
}

/// What of a template does not run here, as `line:column: message`; the template has no mistakes.
pub(crate) fn left_out(text: &str) -> Vec<String> {
    let told = |note: &gateway::model::TemplateError| {
        format!("{}:{}: {}", note.location.line, note.location.column, note.message)
    };
    application(text).left_out.iter().map(told).collect()
}

/// A function `F` to which properties can be added; the first added line is line 6.
pub(crate) const FUNCTION: &str =
    "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n";

/// That function with more properties.
pub(crate) fn function(properties: &str) -> String {
    format!("{FUNCTION}{properties}")
}

/// Compares the mistakes of all cases before failing, so that one run shows every difference.
pub(crate) fn each<T: AsRef<str>>(cases: impl IntoIterator<Item = (T, Vec<&'static str>)>) {
    compare(cases, mistakes);
}

/// The same for what is left out.
pub(crate) fn each_left_out<T: AsRef<str>>(cases: impl IntoIterator<Item = (T, Vec<&'static str>)>) {
    compare(cases, left_out);
}

fn compare<T: AsRef<str>>(cases: impl IntoIterator<Item = (T, Vec<&'static str>)>, read: impl Fn(&str) -> Vec<String>) {
    let mut differences = String::new();
    for (text, expected) in cases {
        let (text, found) = (text.as_ref(), read(text.as_ref()));
        if found != expected {
            writeln!(differences, "in\n{text}\nexpected {expected:#?}\nfound {found:#?}").unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// The same for templates written out as they are.
pub(crate) fn check(cases: &[(&str, &[&'static str])]) {
    each(cases.iter().map(|(text, expected)| (*text, expected.to_vec())));
}
