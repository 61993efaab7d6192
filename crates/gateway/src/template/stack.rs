//! One template as a stack: its sections laid out, its resources resolved and turned into parts.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::cycles::Edges;
use super::node::{Entry, Kind, Mark, Mistake, Node};
use super::reader::Reader;
use super::yaml::Parsed;
use super::{conditions, elsewhere, events, for_each, functions, globals, http, parameters, similar, websocket, yaml};
use crate::model::Location;

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
    pub(super) outputs: Node,
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
    pub(super) fn root(reader: &'r Reader<'r>, path: &Path, text: &str) -> Option<Self> {
        let given = &reader.settings.parameters;
        let given = given.iter().map(|(name, value)| (name.clone(), Node::text(Mark::START, value))).collect();
        let parent = parameters::Given { values: given, from: None };
        Self::open(reader, (path, text), String::new(), reader.settings.stack_name.clone(), &parent)
    }

    /// Lays out the template of this path and text. `None` when it cannot be read at all; the reason is reported.
    pub(super) fn open(
        reader: &'r Reader<'r>,
        (path, text): (&Path, &str),
        prefix: String,
        name: String,
        given: &parameters::Given,
    ) -> Option<Self> {
        let fail = |at, message| reader.report(path, Mistake { at, message });
        let Parsed { root, mistakes, doubled } = match yaml::parse(text) {
            Ok(parsed) => parsed,
            Err(mistake) => {
                reader.report(path, mistake);
                return None;
            }
        };
        for mistake in mistakes {
            reader.report(path, mistake);
        }
        for key in doubled {
            reader.leave_out(path, key);
        }
        if root.get("Resources").is_none_or(|resources| resources.entries().is_empty()) {
            fail(root.at, "the template has no `Resources`".into());
            return None;
        }
        let section = |key: &str| root.get(key).cloned().unwrap_or_else(|| Node::map(Mark::START, Vec::new()));
        let named = |section: &Node| section.entries().iter().map(|e| (e.key.clone(), e.value.clone())).collect();
        let mut stack = Self {
            reader,
            file: path.to_owned(),
            prefix,
            name,
            parameters: parameters::Parameters::default(),
            extensions: extensions(&root),
            mappings: section("Mappings"),
            conditions: named(&section("Conditions")),
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
        let mut resources = section("Resources");
        if for_each::is_in(text) {
            let loops = for_each::Loops::new(&stack);
            let [written, conditions, outputs] =
                ["Resources", "Conditions", "Outputs"].map(|key| loops.written_out(&section(key)));
            (resources, stack.conditions, stack.outputs) = (written, named(&conditions), outputs);
        }
        stack.declare_all(&resources, &section("Globals"));
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
        let generated = [
            websocket::generated(self),
            functions::generated(self),
            http::generated(self),
            events::generated(self),
            elsewhere::generated(self),
        ];
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

    /// Notes what is not run here; see [`Reader::leave_out`].
    pub(super) fn leave_out(&self, at: Mark, message: impl Into<String>) {
        self.reader.leave_out(&self.file, Mistake { at, message: message.into() });
    }

    /// Notes a value that AWS knows and nothing here does. A condition decides what there is, so it must be known.
    pub(super) fn unsupported(&self, at: Mark, message: impl Into<String>) {
        if self.in_condition.get() { self.report(at, message) } else { self.leave_out(at, message) }
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

pub(super) fn located_text(node: &Node) -> Option<(String, Mark)> {
    node.as_text().map(|text| (text.to_owned(), node.at))
}

fn extensions(root: &Node) -> bool {
    let asked = |node: &Node| node.as_text() == Some("AWS::LanguageExtensions");
    root.get("Transform").is_some_and(|transform| match &transform.kind {
        Kind::List(transforms) => transforms.iter().any(asked),
        _ => asked(transform),
    })
}
