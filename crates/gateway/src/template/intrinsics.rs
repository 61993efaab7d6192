//! Intrinsic functions: `Ref`, `Fn::GetAtt`, `Fn::Sub` and the rest (gateway fact T-04), resolved where they stand.
//!
//! A resolved tree has the places of the template, so that whatever reads it can still say where a value came from.
//! A mistake becomes a [`Kind::Broken`] node: reported once, then passed along silently.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::lists::items;
use super::names::split_attribute;
use super::node::{Entry, Kind, Mark, Node};
use super::similar;
use super::stack::Stack;

/// Bytes a resolved text may have; a chain of references can double at every step.
pub(super) const MAX_TEXT: usize = 256 * 1024;
/// Values and references inside one another that are followed before reading gives up.
const MAX_DEPTH: usize = 200;

impl Stack<'_> {
    /// Resolves a value. `None` is `AWS::NoValue`: the property or element vanishes.
    pub(super) fn evaluate(&self, node: &Node) -> Option<Node> {
        self.deeper(node.at, || self.evaluate_here(node)).unwrap_or_else(|| Some(Node::broken(node.at)))
    }

    /// Runs one step further down, or reports that this is too deep: all templates share one call stack.
    pub(super) fn deeper<T>(&self, at: Mark, step: impl FnOnce() -> T) -> Option<T> {
        let depth = self.reader.depth.get();
        if depth == MAX_DEPTH {
            self.report(at, format!("values and references go more than {MAX_DEPTH} deep here"));
            return None;
        }
        self.reader.depth.set(depth + 1);
        let value = step();
        self.reader.depth.set(depth);
        Some(value)
    }

    fn evaluate_here(&self, node: &Node) -> Option<Node> {
        if let Some((function, argument)) = node.call() {
            let value = self.call(node.at, function, argument)?;
            if value.as_text().is_some_and(|text| text.len() > MAX_TEXT) {
                self.report(node.at, format!("{function} makes a text of more than {MAX_TEXT} bytes"));
                return Some(Node::broken(node.at));
            }
            return Some(value);
        }
        match &node.kind {
            Kind::Scalar { .. } | Kind::Broken => Some(node.clone()),
            Kind::List(items) => {
                Some(Node::list(node.at, items.iter().filter_map(|item| self.evaluate(item)).collect()))
            }
            Kind::Map(entries) => {
                let resolved = entries.iter().filter_map(|entry| {
                    if entry.key.starts_with("Fn::") {
                        self.report(entry.at, format!("`{}` must stand alone in its mapping", entry.key));
                    }
                    let value = self.evaluate(&entry.value)?;
                    Some(Entry { key: entry.key.clone(), at: entry.at, value })
                });
                Some(Node::map(node.at, resolved.collect()))
            }
        }
    }

    /// Resolves to text, or reports that `what` must be text.
    pub(super) fn text(&self, node: &Node, what: &str) -> Option<String> {
        let value = self.evaluate(node)?;
        if let Some(text) = value.as_text() {
            return Some(text.to_owned());
        }
        if matches!(value.kind, Kind::Scalar { .. }) && value.is_null() {
            return Some(String::new());
        }
        if !value.is_broken() {
            self.report(node.at, format!("{what} must be text, not {}", value.describe()));
        }
        None
    }

    fn call(&self, at: Mark, function: &str, argument: &Node) -> Option<Node> {
        if argument.is_broken() {
            return Some(Node::broken(at));
        }
        if function == "Fn::If" {
            return self.choose(at, argument);
        }
        if function == "Ref" {
            return self.reference_call(at, argument);
        }
        if matches!(function, "Fn::ToJsonString" | "Fn::Length") {
            self.extends(at, function);
        }
        let value = match function {
            "Fn::GetAtt" => self.attribute_call(at, argument),
            "Fn::Sub" => self.substitute(at, argument),
            "Fn::Join" => self.join(at, argument),
            "Fn::Select" => self.select(at, argument),
            "Fn::Split" => self.split(at, argument),
            "Fn::FindInMap" => self.find_in_map(at, argument),
            "Fn::Base64" => self.text(argument, "Fn::Base64").map(|text| Node::text(at, STANDARD.encode(text))),
            "Fn::GetAZs" => self.zones(at, argument),
            // Exports belong to other stacks, unknown here: the export's name stands for its value.
            "Fn::ImportValue" => self.text(argument, "Fn::ImportValue").map(|name| Node::text(at, name)),
            "Fn::ToJsonString" => self.evaluate(argument).map(|value| Node::text(at, value.to_json().to_string())),
            "Fn::Length" => self.length(at, argument),
            "Fn::Transform" => self.include(at, argument),
            _ if function.starts_with("Fn::ForEach") => {
                self.report(at, "a loop stands in Resources, Conditions or Outputs, as `Fn::ForEach::Name`");
                None
            }
            "Fn::Cidr" => self.subnets(at, argument),
            // The outputs of other stacks are unknown here.
            "Fn::GetStackOutput" => {
                self.unsupported(at, format!("{function} is not known here: the value is left out"));
                None
            }
            unknown => {
                self.report(at, format!("there is no function {unknown}"));
                None
            }
        };
        Some(value.unwrap_or(Node::broken(at)))
    }

    /// Notes that something is there only with a transform of its own.
    fn extends(&self, at: Mark, what: &str) {
        if !self.extensions {
            self.report(at, format!("{what} needs `Transform: AWS::LanguageExtensions`"));
        }
    }

    fn reference_call(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some(name) = argument.as_text() else {
            self.report(at, "Ref takes the name of a parameter or resource");
            return Some(Node::broken(at));
        };
        if name == "AWS::NoValue" {
            return None;
        }
        Some(self.reference(name, at))
    }

    /// What a name refers to: a pseudo-parameter, a parameter, or a resource.
    pub(super) fn reference(&self, name: &str, at: Mark) -> Node {
        if let Some(value) = self.pseudo(name) {
            return Node::text(at, value);
        }
        if let Some(value) = self.parameters.get(name) {
            return Node { at, kind: value.kind.clone() };
        }
        if let Some(published) = self.published(name) {
            return Node::text(at, published);
        }
        match self.resource_value(name, None, at) {
            Some(value) => value,
            None => Node::broken(at),
        }
    }

    /// A pseudo-parameter other than `AWS::NoValue`.
    pub(super) fn pseudo(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::Region" => self.reader.settings.region.clone(),
            "AWS::AccountId" => self.reader.settings.account_id.clone(),
            "AWS::StackName" => self.name.clone(),
            "AWS::StackId" => self.stack_id(),
            "AWS::Partition" => "aws".into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::NotificationARNs" => String::new(),
            _ => return None,
        })
    }

    fn attribute_call(&self, at: Mark, argument: &Node) -> Option<Node> {
        let wrong = || {
            self.report(at, "Fn::GetAtt takes `Resource.Attribute` or a list of the two");
            None
        };
        let (resource, attribute) = match &argument.kind {
            Kind::Scalar { text, .. } => match split_attribute(text) {
                Some((resource, attribute)) => (resource.to_owned(), attribute.to_owned()),
                None => return wrong(),
            },
            Kind::List(items) => match items.as_slice() {
                [resource, attributes @ ..] if !attributes.is_empty() => {
                    let attributes: Option<Vec<String>> =
                        attributes.iter().map(|item| self.text(item, "an attribute name")).collect();
                    (self.text(resource, "a resource name")?, attributes?.join("."))
                }
                _ => return wrong(),
            },
            _ => return wrong(),
        };
        self.resource_value(&resource, Some(&attribute), at)
    }

    fn choose(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([condition, yes, no]) = items(argument) else {
            self.report(at, "Fn::If takes a list of a condition's name and two values");
            return Some(Node::broken(at));
        };
        let Some(name) = condition.as_text() else {
            self.report(condition.at, "Fn::If takes the name of a condition first");
            return Some(Node::broken(at));
        };
        let (chosen, other) = if self.condition(name, condition.at) { (yes, no) } else { (no, yes) };
        self.check_references(other);
        self.evaluate(chosen)
    }

    fn find_in_map(&self, at: Mark, argument: &Node) -> Option<Node> {
        let with_default = items(argument).map(|[map, first, second, options]| ([map, first, second], Some(options)));
        let Some((keys, options)) = with_default.or_else(|| Some((items(argument)?, None))) else {
            self.report(at, "Fn::FindInMap takes a list of a mapping's name and two keys");
            return None;
        };
        let default = options.and_then(|options| options.get("DefaultValue"));
        if default.is_some() {
            self.extends(at, "`DefaultValue` of Fn::FindInMap");
        }
        let mut found = &self.mappings;
        for (key, what) in keys.into_iter().zip(["mapping", "key", "key"]) {
            let name = self.text(key, &format!("a {what} of Fn::FindInMap"))?;
            let Some(inner) = found.get(&name) else {
                if let Some(default) = default {
                    return self.evaluate(default);
                }
                let hint = similar::hint(&name, found.entries().iter().map(|entry| entry.key.as_str()));
                self.report(key.at, format!("Fn::FindInMap: unknown {what} `{name}`{hint}"));
                return None;
            };
            found = inner;
        }
        Some(Node { at, kind: found.kind.clone() })
    }
}
