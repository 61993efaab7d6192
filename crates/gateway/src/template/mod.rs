//! Reads a SAM or `CloudFormation` template (gateway facts T-01 to T-05) into a [`crate::model::Application`].
//!
//! [`read`] collects every mistake it finds, each with its place, so that a template is corrected in one go. Reading
//! follows the file: [`yaml`] makes a located tree of [`node`]s, [`stack`] lays out the sections of one template, [`intrinsics`]
//! resolves references on demand (their order never matters), one file per kind of resource turns properties into
//! parts, and [`link`] puts routes, integrations and functions together once every nested template is read.

mod auth;
mod build;
mod conditions;
mod cycles;
mod doubts;
mod elsewhere;
pub(crate) mod event_invoke;
mod events;
mod fields;
mod for_each;
mod functions;
mod globals;
mod http;
mod include;
mod integrations;
mod intrinsics;
mod link;
mod lists;
mod names;
mod nested;
mod node;
mod openapi;
mod parameters;
mod policies;
mod policy_templates;
mod raw;
mod reader;
mod references;
mod route_keys;
mod schedules;
mod similar;
mod source;
mod sources;
mod stack;
mod substitution;
mod throttling;
mod websocket;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::{Application, TemplateErrors};
use reader::Reader;
use stack::Stack;

/// What stands around a template when it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Values for `Parameters`, as given to `--parameter-overrides`.
    pub parameters: BTreeMap<String, String>,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`, 12 digits.
    pub account_id: String,
    /// `AWS::StackName`, the first part of every name that the template leaves open.
    pub stack_name: String,
}

impl Default for Settings {
    /// Region `us-east-1`, account `000000000000`, stack `parlance`, no overrides.
    fn default() -> Self {
        Self {
            parameters: BTreeMap::new(),
            region: "us-east-1".into(),
            account_id: "000000000000".into(),
            stack_name: "parlance".into(),
        }
    }
}

/// Reads the template at `path` with the local templates it includes.
///
/// Fails with every mistake found: YAML syntax, unknown references, conditions, mappings and parameters, parameters
/// without a value, reference cycles, routes alike, properties out of range: whatever AWS would refuse. What AWS would
/// take and the gateway does not run is noted in [`Application::left_out`], unless what is left would let somebody in
/// whom the template keeps out: that is a mistake too.
pub fn read(path: &Path, settings: &Settings) -> Result<Application, TemplateErrors> {
    read_with(path, settings, |reader| source::read(reader, path))
}

/// Reads a template that is given as text; `path` is where it would be, for mistakes and for files it names.
///
/// Fails like [`read`].
pub fn read_text(text: &str, path: &Path, settings: &Settings) -> Result<Application, TemplateErrors> {
    read_with(path, settings, |_| Some(text.to_owned()))
}

fn read_with(
    path: &Path,
    settings: &Settings,
    text: impl FnOnce(&Reader<'_>) -> Option<String>,
) -> Result<Application, TemplateErrors> {
    let reader = Reader::new(settings);
    let mut application = Application {
        region: settings.region.clone(),
        account_id: settings.account_id.clone(),
        ..Application::default()
    };
    if let Some(stack) = text(&reader).and_then(|text| Stack::root(&reader, path, &text)) {
        let outputs = stack.build();
        application.outputs = outputs.iter().map(|(name, output)| (name.clone(), output.to_json())).collect();
        application.parameters = stack.effective_parameters();
    }
    link::link(&reader, &mut application);
    application.files = reader.files.take();
    let (errors, left_out) = reader.into_notes();
    application.left_out = left_out;
    if errors.is_empty() { Ok(application) } else { Err(TemplateErrors(errors)) }
}
