//! One template as a stack: its sections laid out, its resources resolved and turned into parts.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::cycles::Edges;
use super::node::{Entry, Kind, Mark, Mistake, Node};
use super::reader::Reader;
use super::{
    conditions, cycles, events, functions, globals, http, nested, parameters, raw, schedules, similar, sources,
    websocket, yaml,
};
use crate::model::{Location, Resource};

/// What CloudFormation takes.
const MAX_BYTES: u64 = 1024 * 1024;
const SECTIONS: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];
const ATTRIBUTES: [&str; 11] = [
    "Condition",
    "Connectors",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "IgnoreGlobals",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// Resolved outputs of a stack.
pub(super) type Outputs = Rc<BTreeMap<String, Node>>;

/// A resource as it stands in the template, globals merged.
pub(super) struct Declared {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: Mark,
    pub(super) properties: Node,
    pub(super) condition: Option<(String, Mark)>,
    pub(super) depends_on: Vec<(String, Mark)>,
    /// Made by the SAM transform for another resource: it can be referred to, and is built with that resource.
    pub(super) generated: bool,
}

pub(super) struct Stack<'r> {
    pub(super) reader: &'r Reader<'r>,
    pub(super) file: PathBuf,
    /// What a nested stack's logical ids begin with: `Storage.`; empty for the root.
    pub(super) prefix: String,
    /// `AWS::StackName`.
    pub(super) name: String,
    pub(super) parameters: parameters::Parameters,
    /// Whether the template asks for `AWS::LanguageExtensions`.
    pub(super) extensions: bool,
    pub(super) mappings: Node,
    pub(super) conditions: BTreeMap<String, Node>,
    pub(super) decided: RefCell<BTreeMap<String, conditions::Decided>>,
    /// In the order of the template.
    pub(super) resources: Vec<Declared>,
    index: BTreeMap<String, usize>,
    outputs: Node,
    /// Physical names found so far; `None` for one whose mistake is reported.
    pub(super) names: RefCell<BTreeMap<String, Option<String>>>,
    /// Resources whose name is being found, outermost first.
    pub(super) naming: RefCell<Vec<String>>,
    pub(super) nested: RefCell<BTreeMap<String, Option<Outputs>>>,
    /// The resource whose properties are being resolved: what it refers to becomes an edge.
    pub(super) owner: RefCell<Option<String>>,
    pub(super) edges: RefCell<Edges>,
    /// Inside a condition only parameters may be referred to.
    pub(super) in_condition: Cell<bool>,
}

impl<'r> Stack<'r> {
    /// Reads the root template with the parameters of the settings.
    pub(super) fn root(reader: &'r Reader<'r>, path: &Path) -> Option<Self> {
        let given = &reader.settings.parameters;
        let given = given.iter().map(|(name, value)| (name.clone(), Node::text(Mark::START, value))).collect();
        let parent = parameters::Given { values: given, from: None };
        Self::open(reader, path, String::new(), reader.settings.stack_name.clone(), &parent)
    }

    /// Reads and lays out a template. `None` when it cannot be read at all; the reason is reported.
    pub(super) fn open(
        reader: &'r Reader<'r>,
        path: &Path,
        prefix: String,
        name: String,
        given: &parameters::Given,
    ) -> Option<Self> {
        let fail = |at, message| reader.report(path, Mistake { at, message });
        let mut bytes = Vec::new();
        if let Err(error) = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)) {
            fail(Mark::START, format!("cannot read the template: {error}"));
            return None;
        }
        if bytes.len() as u64 > MAX_BYTES {
            fail(Mark::START, format!("the template has more than {MAX_BYTES} bytes"));
            return None;
        }
        let Ok(text) = String::from_utf8(bytes) else {
            fail(Mark::START, "the template is not UTF-8 text".into());
            return None;
        };
        let (root, mistakes) = match yaml::parse(&text) {
            Ok(parsed) => parsed,
            Err(mistake) => {
                reader.report(path, mistake);
                return None;
            }
        };
        for mistake in mistakes {
            reader.report(path, mistake);
        }
        if root.get("Resources").is_none_or(|resources| resources.entries().is_empty()) {
            fail(root.at, "the template has no `Resources`".into());
            return None;
        }
        let section = |key: &str| root.get(key).cloned().unwrap_or_else(|| Node::map(Mark::START, Vec::new()));
        let named = |key: &str| section(key).entries().iter().map(|e| (e.key.clone(), e.value.clone())).collect();
        let mut stack = Self {
            reader,
            file: path.to_owned(),
            prefix,
            name,
            parameters: parameters::Parameters::default(),
            extensions: extensions(&root),
            mappings: section("Mappings"),
            conditions: named("Conditions"),
            decided: RefCell::default(),
            resources: Vec::new(),
            index: BTreeMap::new(),
            outputs: section("Outputs"),
            names: RefCell::default(),
            naming: RefCell::default(),
            nested: RefCell::default(),
            owner: RefCell::default(),
            edges: RefCell::default(),
            in_condition: Cell::new(false),
        };
        for entry in root.entries() {
            if !SECTIONS.contains(&entry.key.as_str()) {
                let hint = similar::hint(&entry.key, SECTIONS.into_iter());
                stack.report(entry.at, format!("unknown section `{}`{hint}", entry.key));
            }
        }
        stack.parameters = parameters::read(&stack, &section("Parameters"), given);
        stack.declare_all(&section("Resources"), &section("Globals"));
        Some(stack)
    }

    fn declare_all(&mut self, resources: &Node, globals: &Node) {
        globals::check(self, globals);
        for entry in resources.entries() {
            if let Some(declared) = self.declared(entry, globals) {
                self.declare(declared);
            }
        }
        if let Some(declared) = http::implicit(self, globals) {
            self.declare(declared);
        }
        let generated =
            [websocket::generated(self), functions::generated(self), http::generated(self), events::generated(self)];
        for declared in generated.into_iter().flatten() {
            if !self.index.contains_key(&declared.id) {
                self.declare(declared);
            }
        }
    }

    fn declare(&mut self, declared: Declared) {
        self.index.insert(declared.id.clone(), self.resources.len());
        self.resources.push(declared);
    }

    fn declared(&self, entry: &Entry, globals: &Node) -> Option<Declared> {
        let (id, node) = (&entry.key, &entry.value);
        if node.is_broken() {
            return None;
        }
        if id.starts_with("Fn::ForEach") {
            self.report(entry.at, "Fn::ForEach is not supported here: write out what it makes");
            return None;
        }
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.report(entry.at, format!("`{id}` is no logical id: only letters and digits are allowed"));
            return None;
        }
        if self.parameters.contains(id) {
            self.report(entry.at, format!("`{id}` is the name of a parameter already"));
        }
        let Some(kind) = node.get("Type").and_then(Node::as_text) else {
            self.report(entry.at, format!("{id}: `Type` is missing"));
            return None;
        };
        for attribute in node.entries() {
            if !ATTRIBUTES.contains(&attribute.key.as_str()) {
                let hint = similar::hint(&attribute.key, ATTRIBUTES.into_iter());
                self.report(attribute.at, format!("{id}: unknown attribute `{}`{hint}", attribute.key));
            }
        }
        let own = node.get("Properties").cloned().unwrap_or_else(|| Node::plain(node.at, ""));
        if !own.is_null() && !own.is_broken() && !matches!(own.kind, Kind::Map(_)) {
            self.report(own.at, format!("{id}: `Properties` must be a mapping, not {}", own.describe()));
        }
        globals::check_properties(self, id, kind, &own);
        let depends_on = match node.get("DependsOn") {
            None => Vec::new(),
            Some(Node { kind: Kind::List(names), .. }) => names.iter().filter_map(located_text).collect(),
            Some(single) => located_text(single).into_iter().collect(),
        };
        Some(Declared {
            id: id.clone(),
            kind: kind.to_owned(),
            at: entry.at,
            properties: globals::merged(globals, kind, &own, node.get("IgnoreGlobals")),
            condition: node.get("Condition").and_then(located_text),
            depends_on,
            generated: false,
        })
    }

    /// Resolves every resource and output, and leaves the parts with the reader. Returns the outputs.
    pub(super) fn build(&self) -> Outputs {
        for name in self.conditions.keys() {
            self.condition(name, Mark::START);
        }
        let mut active = Vec::new();
        for declared in self.resources.iter().filter(|declared| !declared.generated) {
            self.check_dependencies(declared);
            if self.is_active(declared) {
                events::depend(self, declared);
                active.push((declared, self.resolve(declared)));
            } else {
                self.check_references(&declared.properties);
            }
        }
        self.edges.borrow().check(self);
        for (declared, properties) in &active {
            self.build_one(declared, properties);
        }
        let mut outputs = BTreeMap::new();
        for output in self.outputs.entries() {
            if let Some(value) = self.output(&output.value, &output.key, output.at) {
                outputs.insert(output.key.clone(), value);
            }
        }
        Rc::new(outputs)
    }

    /// The properties of a resource with everything in them resolved; notes what the resource depends on.
    fn resolve(&self, declared: &Declared) -> Node {
        let entries = declared.properties.entries().iter().filter_map(|entry| {
            *self.owner.borrow_mut() = (!cycles::is_apart(&declared.kind, &entry.key)).then(|| declared.id.clone());
            let value = self.evaluate(&entry.value)?;
            Some(Entry { key: entry.key.clone(), at: entry.at, value })
        });
        let resolved = Node::map(declared.properties.at, entries.collect());
        *self.owner.borrow_mut() = None;
        resolved
    }

    fn check_dependencies(&self, declared: &Declared) {
        for (name, at) in &declared.depends_on {
            if self.find(name).is_some() {
                self.edges.borrow_mut().add(&declared.id, name, *at);
            } else {
                let hint = similar::hint(name, self.resource_ids());
                self.report(*at, format!("{}: DependsOn names an unknown resource `{name}`{hint}", declared.id));
            }
        }
    }

    fn build_one(&self, declared: &Declared, properties: &Node) {
        match declared.kind.as_str() {
            "AWS::Serverless::Function" => functions::serverless(self, declared, properties),
            "AWS::Lambda::Function" => functions::lambda(self, declared, properties),
            "AWS::Serverless::HttpApi" => http::api(self, declared, properties),
            "AWS::Serverless::WebSocketApi" => websocket::api(self, declared, properties),
            kind if kind.starts_with("AWS::ApiGatewayV2::") && raw::read(self, declared, properties) => {}
            kind => {
                if nested::is_nested(kind) {
                    nested::outputs(self, &declared.id);
                }
                functions::note_role(self, declared, properties);
                match kind {
                    "AWS::Lambda::EventSourceMapping" => sources::mapping(self, declared, properties),
                    "AWS::Events::Rule" => schedules::rule(self, declared, properties),
                    "AWS::Scheduler::Schedule" => schedules::schedule(self, declared, properties),
                    _ => sources::note_polled(self, declared),
                };
                let resource = Resource {
                    kind: kind.to_owned(),
                    properties: properties.to_json(),
                    location: self.location(declared.at),
                };
                self.reader.parts.borrow_mut().resources.insert(self.full_id(&declared.id), resource);
            }
        }
    }

    fn output(&self, node: &Node, name: &str, at: Mark) -> Option<Node> {
        if let Some((condition, at)) = node.get("Condition").and_then(located_text)
            && !self.condition(&condition, at)
        {
            self.check_references(node.get("Value")?);
            return None;
        }
        let Some(value) = node.get("Value") else {
            if !node.is_broken() {
                self.report(at, format!("output `{name}` has no `Value`"));
            }
            return None;
        };
        if let Some(export) = node.get("Export") {
            self.evaluate(export);
        }
        self.evaluate(value)
    }

    /// Whether a resource is created: it has no condition or a true one.
    pub(super) fn is_active(&self, declared: &Declared) -> bool {
        declared.condition.as_ref().is_none_or(|(name, at)| self.condition(name, *at))
    }

    pub(super) fn find(&self, id: &str) -> Option<&Declared> {
        self.index.get(id).and_then(|position| self.resources.get(*position))
    }

    pub(super) fn resource_ids(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().filter(|declared| !declared.generated).map(|declared| declared.id.as_str())
    }

    pub(super) fn full_id(&self, id: &str) -> String {
        format!("{}{id}", self.prefix)
    }

    pub(super) fn location(&self, at: Mark) -> Location {
        Location { file: self.file.clone(), line: at.line, column: at.column }
    }

    pub(super) fn report(&self, at: Mark, message: impl Into<String>) {
        self.reader.report(&self.file, Mistake { at, message: message.into() });
    }

    /// The folder that relative paths in this template start from.
    pub(super) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// What every parameter came to, lists joined by commas.
    pub(super) fn effective_parameters(&self) -> BTreeMap<String, String> {
        self.parameters.effective()
    }
}

fn located_text(node: &Node) -> Option<(String, Mark)> {
    node.as_text().map(|text| (text.to_owned(), node.at))
}

fn extensions(root: &Node) -> bool {
    let asked = |node: &Node| node.as_text() == Some("AWS::LanguageExtensions");
    root.get("Transform").is_some_and(|transform| match &transform.kind {
        Kind::List(transforms) => transforms.iter().any(asked),
        _ => asked(transform),
    })
}
