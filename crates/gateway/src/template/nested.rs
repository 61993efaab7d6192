//! Nested applications: `AWS::Serverless::Application` and `AWS::CloudFormation::Stack` with a local template.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::node::{Kind, Mark, Node};
use super::parameters::Given;
use super::stack::{Declared, Outputs, Stack};
use super::{similar, source};

/// Templates inside one another.
const MAX_DEPTH: usize = 8;
/// Templates of one application.
const MAX_TEMPLATES: usize = 200;

pub(super) fn is_nested(kind: &str) -> bool {
    matches!(kind, "AWS::Serverless::Application" | "AWS::CloudFormation::Stack")
}

impl Stack<'_> {
    /// `Ref` (the stack's id) or `Fn::GetAtt` (`Outputs.Name`) of a nested stack.
    pub(super) fn nested_value(&self, declared: &Declared, attribute: Option<&str>, at: Mark) -> Option<Node> {
        let id = &declared.id;
        let Some(attribute) = attribute else {
            let name = format!("{}-{id}", self.name);
            let settings = self.reader.settings;
            let unique = super::reader::uuid_like(&name);
            let arn =
                format!("arn:aws:cloudformation:{}:{}:stack/{name}/{unique}", settings.region, settings.account_id);
            return Some(Node::text(at, arn));
        };
        let Some(output) = attribute.strip_prefix("Outputs.") else {
            self.report(
                at,
                format!("`{id}` is a nested stack: its attributes are `Outputs.<Name>`, not `{attribute}`"),
            );
            return None;
        };
        let outputs = outputs(self, id)?;
        let Some(value) = outputs.get(output) else {
            let hint = similar::hint(output, similar::keys(&outputs));
            self.report(at, format!("`{id}` has no output `{output}`{hint}"));
            return None;
        };
        Some(Node { at, kind: value.kind.clone() })
    }
}

/// Outputs of a nested stack; its template is read the first time they are asked for. `None` after a reported mistake.
pub(super) fn outputs(stack: &Stack<'_>, id: &str) -> Option<Outputs> {
    if let Some(known) = stack.nested.borrow().get(id) {
        return known.clone();
    }
    // A circle of references is reported by `cycles`.
    if stack.naming.borrow().iter().any(|naming| naming == id) {
        return None;
    }
    stack.naming.borrow_mut().push(id.to_owned());
    let outputs = stack.find(id).and_then(|declared| read(stack, declared));
    stack.naming.borrow_mut().pop();
    stack.nested.borrow_mut().insert(id.to_owned(), outputs.clone());
    outputs
}

fn read(stack: &Stack<'_>, declared: &Declared) -> Option<Outputs> {
    let properties = stack.evaluate(&declared.properties)?;
    let fields = Fields::new(stack, &declared.id, &properties);
    let property = if declared.kind == "AWS::Serverless::Application" { "Location" } else { "TemplateURL" };
    let location = match properties.get(property) {
        None => {
            stack.report(declared.at, format!("{}: `{property}` is missing", declared.id));
            return None;
        }
        // An application of the Serverless Application Repository.
        Some(Node { kind: Kind::Map(_), at }) => {
            stack.leave_out(*at, format!("{}: only local templates are read here", declared.id));
            return None;
        }
        Some(_) => fields.text(property)?,
    };
    let at = properties.get(property).map_or(declared.at, |node| node.at);
    if location.contains("://") {
        stack.leave_out(at, format!("{}: {location} is left out: only local templates are read here", declared.id));
        return None;
    }
    let path = stack.folder().join(location.strip_prefix("./").unwrap_or(&location));
    let reader = stack.reader;
    let canonical = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
    let own = std::fs::canonicalize(&stack.file).unwrap_or_else(|_| stack.file.clone());
    if canonical == own || reader.including.borrow().contains(&canonical) {
        stack.report(at, format!("{}: the template includes itself", declared.id));
        return None;
    }
    if !path.is_file() {
        stack.report(at, format!("{}: there is no template {}", declared.id, path.display()));
        return None;
    }
    let templates = reader.templates.get() + 1;
    reader.templates.set(templates);
    if reader.including.borrow().len() >= MAX_DEPTH || templates > MAX_TEMPLATES {
        let limits = format!("{MAX_DEPTH} levels or {MAX_TEMPLATES} templates");
        stack.report(at, format!("{}: nested applications go beyond {limits}", declared.id));
        return None;
    }
    let passed = properties.get("Parameters").map(Node::entries).unwrap_or_default();
    let given = Given {
        values: passed.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect::<BTreeMap<_, _>>(),
        from: Some(stack.file.clone()),
    };
    reader.including.borrow_mut().push(own);
    let prefix = format!("{}{}.", stack.prefix, declared.id);
    let name = format!("{}-{}", stack.name, declared.id);
    let text = source::read(reader, &path);
    let nested = text.and_then(|text| Stack::open(reader, (&path, &text), prefix, name, &given));
    let outputs = nested.map(|nested| nested.build());
    reader.including.borrow_mut().pop();
    outputs
}
