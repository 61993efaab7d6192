//! `Parameters`: declared, checked, and given a value by an override, a parent stack or their default.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::node::{Kind, Mark, Mistake, Node};
use super::similar;
use super::stack::Stack;

/// Values from outside: overrides of the root stack, or what a parent passes to a nested stack.
pub(super) struct Given {
    pub(super) values: BTreeMap<String, Node>,
    /// The parent's file when the values' places lie in it.
    pub(super) from: Option<PathBuf>,
}

/// Effective values by name: text, a plain number, a list, or broken when a mistake is reported.
#[derive(Default)]
pub(super) struct Parameters(BTreeMap<String, Node>);

impl Parameters {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.0.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        similar::keys(&self.0)
    }

    /// Values as text, lists joined by commas.
    pub(super) fn effective(&self) -> BTreeMap<String, String> {
        let text = |node: &Node| match &node.kind {
            Kind::List(items) => items.iter().filter_map(Node::as_text).collect::<Vec<_>>().join(","),
            _ => node.as_text().unwrap_or_default().to_owned(),
        };
        self.0.iter().map(|(name, node)| (name.clone(), text(node))).collect()
    }
}

/// Reads the section; reports unknown overrides, missing values and values that the declaration forbids.
pub(super) fn read(stack: &Stack<'_>, section: &Node, given: &Given) -> Parameters {
    let mut parameters = BTreeMap::new();
    for entry in section.entries() {
        let value = Declaration { stack, name: &entry.key, at: entry.at, node: &entry.value, given }.value();
        parameters.insert(entry.key.clone(), value);
    }
    for (name, value) in &given.values {
        if !parameters.contains_key(name) {
            let known: Vec<&str> = similar::keys(&parameters).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!("unknown parameter `{name}`; the template's parameters: {known}");
            match &given.from {
                Some(parent) => stack.reader.report(parent, Mistake { at: value.at, message }),
                None => stack.report(section.at, message),
            }
        }
    }
    Parameters(parameters)
}

struct Declaration<'a> {
    stack: &'a Stack<'a>,
    name: &'a str,
    at: Mark,
    node: &'a Node,
    given: &'a Given,
}

impl Declaration<'_> {
    fn value(&self) -> Node {
        let kind = self.node.get("Type").and_then(Node::as_text).unwrap_or_default();
        if !self.node.is_broken() && !known_type(kind) {
            self.stack.report(self.at, format!("parameter `{}` has an unknown type `{kind}`", self.name));
            return Node::broken(self.at);
        }
        let value = match (self.given.values.get(self.name), self.node.get("Default")) {
            (Some(given), _) => given,
            (None, Some(default)) => default,
            (None, None) => {
                self.stack.report(self.at, self.missing());
                return Node::broken(self.at);
            }
        };
        let text = match &value.kind {
            Kind::Broken => return Node::broken(self.at),
            Kind::List(items) => items.iter().filter_map(Node::as_text).collect::<Vec<_>>().join(","),
            Kind::Scalar { text, .. } => text.clone(),
            Kind::Map(_) => {
                self.stack.report(value.at, format!("parameter `{}` must be text or a list", self.name));
                return Node::broken(self.at);
            }
        };
        if self.node.get("NoEcho").and_then(Node::as_bool) == Some(true) {
            self.stack.reader.secrets.borrow_mut().push(text.clone());
        }
        let (list, number) = (kind == "CommaDelimitedList" || kind.starts_with("List<"), kind.contains("Number"));
        let items: Vec<&str> = if list { text.split(',').map(str::trim).collect() } else { vec![text.as_str()] };
        if let Some(message) = items.iter().find_map(|item| self.forbids(item, number)) {
            match &self.given.from {
                Some(parent) if self.given.values.contains_key(self.name) => {
                    self.stack.reader.report(parent, Mistake { at: value.at, message });
                }
                _ => self.stack.report(self.at, message),
            }
            return Node::broken(self.at);
        }
        let scalar = |item: &str| if number { Node::plain(self.at, item) } else { Node::text(self.at, item) };
        if list {
            // As CloudFormation has it, an empty text is an empty list.
            let items = if text.is_empty() { Vec::new() } else { items };
            return Node::list(self.at, items.into_iter().map(scalar).collect());
        }
        scalar(&text)
    }

    fn missing(&self) -> String {
        let name = self.name;
        match &self.given.from {
            Some(_) => format!("parameter `{name}` has no default, and the parent template passes no value"),
            None => format!("parameter `{name}` has no value; give one with --parameter-overrides {name}=Value"),
        }
    }

    /// Why a value is not allowed. The value itself is not repeated: it may be a secret.
    fn forbids(&self, value: &str, number: bool) -> Option<String> {
        let name = self.name;
        if number && value.parse::<f64>().is_err() {
            return Some(format!("parameter `{name}` must be a number"));
        }
        if let Some(Node { kind: Kind::List(allowed), .. }) = self.node.get("AllowedValues") {
            let allowed: Vec<&str> = allowed.iter().filter_map(Node::as_text).collect();
            if !allowed.contains(&value) {
                return Some(format!("parameter `{name}` must be one of {}", allowed.join(", ")));
            }
        }
        let limit = |key: &str| self.node.get(key).and_then(Node::as_text).and_then(|text| text.parse::<f64>().ok());
        #[expect(clippy::cast_precision_loss, reason = "a text's length is far below 2^52")]
        let length = value.chars().count() as f64;
        let amount = value.parse::<f64>().ok().filter(|_| number);
        if limit("MinLength").is_some_and(|least| length < least) {
            return Some(self.constrained("shorter than its MinLength"));
        }
        if limit("MaxLength").is_some_and(|most| length > most) {
            return Some(self.constrained("longer than its MaxLength"));
        }
        if amount.zip(limit("MinValue")).is_some_and(|(amount, least)| amount < least) {
            return Some(self.constrained("below its MinValue"));
        }
        if amount.zip(limit("MaxValue")).is_some_and(|(amount, most)| amount > most) {
            return Some(self.constrained("above its MaxValue"));
        }
        let pattern = self.node.get("AllowedPattern").and_then(Node::as_text)?;
        // A pattern of Java's that is none of ours is left to CloudFormation.
        let pattern = regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok()?;
        (!pattern.is_match(value)).then(|| self.constrained("not of its AllowedPattern"))
    }

    fn constrained(&self, how: &str) -> String {
        match self.node.get("ConstraintDescription").and_then(Node::as_text) {
            Some(description) => format!("parameter `{}` is {how}: {description}", self.name),
            None => format!("parameter `{}` is {how}", self.name),
        }
    }
}

/// `String`, `Number`, lists, and the AWS-specific types, whose values are text here.
fn known_type(kind: &str) -> bool {
    matches!(kind, "String" | "Number" | "CommaDelimitedList" | "List<Number>" | "List<String>")
        || kind.starts_with("AWS::")
        || kind.starts_with("List<AWS::")
}
