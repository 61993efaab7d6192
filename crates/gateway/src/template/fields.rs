//! Properties of one resource, read with their types; what has the wrong type is reported where it stands.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::node::{Kind, Mark, Node};
use super::similar;
use super::stack::Stack;
use crate::model::Location;

/// Resolved properties and whose they are.
pub(super) struct Fields<'a> {
    pub(super) stack: &'a Stack<'a>,
    /// Begins every message: the logical id, or that and the part in question.
    pub(super) owner: String,
    pub(super) node: &'a Node,
}

impl<'a> Fields<'a> {
    pub(super) fn new(stack: &'a Stack<'a>, owner: impl Into<String>, node: &'a Node) -> Self {
        let fields = Self { stack, owner: owner.into(), node };
        if !matches!(node.kind, Kind::Map(_) | Kind::Broken) && !node.is_null() {
            fields.report(node.at, format_args!("a mapping is needed here, not {}", node.describe()));
        }
        fields
    }

    /// The same resource's message owner over a part of its properties.
    pub(super) fn part(&self, node: &'a Node) -> Self {
        Self::new(self.stack, self.owner.clone(), node)
    }

    pub(super) fn report(&self, at: Mark, message: impl std::fmt::Display) {
        self.stack.report(at, format!("{}: {message}", self.owner));
    }

    /// Notes what is not run here; see [`super::reader::Reader::leave_out`].
    pub(super) fn leave_out(&self, at: Mark, message: impl std::fmt::Display) {
        self.stack.leave_out(at, format!("{}: {message}", self.owner));
    }

    /// A property that is there: not null, not broken.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).filter(|node| !node.is_null() && !node.is_broken())
    }

    /// Whether the property was left out (a broken one was not: its mistake is reported).
    pub(super) fn lacks(&self, key: &str) -> bool {
        !self.node.is_broken() && self.node.get(key).is_none_or(Node::is_null)
    }

    /// Where the property stands, or the resource when it does not.
    pub(super) fn location(&self, key: &str) -> Location {
        self.stack.location(self.node.get(key).map_or(self.node.at, |node| node.at))
    }

    /// Reports properties that are none of these: a misspelt one would be passed over in silence.
    pub(super) fn only<'k>(&self, known: impl Iterator<Item = &'k str>) {
        let known: Vec<&str> = known.collect();
        for entry in self.node.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = similar::hint(&entry.key, known.iter().copied());
            self.report(entry.at, format_args!("unknown property `{}`{hint}", entry.key));
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        let text = node.as_text().map(str::to_owned);
        if text.is_none() {
            self.report(node.at, format_args!("`{key}` must be text, not {}", node.describe()));
        }
        text
    }

    /// Text that must be there; `at` is where its lack is reported.
    pub(super) fn required(&self, key: &str, at: Mark) -> Option<String> {
        if self.lacks(key) {
            self.report(at, format_args!("`{key}` is missing"));
        }
        self.text(key)
    }

    pub(super) fn number(&self, key: &str, allowed: RangeInclusive<u64>, unit: &str) -> Option<u64> {
        let text = self.text(key)?;
        let number = text.parse().ok().filter(|number| allowed.contains(number));
        if number.is_none() {
            let (least, most) = (allowed.start(), allowed.end());
            let message = format!("`{key}` must be a whole number from {least} to {most}{unit}, not `{text}`");
            self.report(self.get(key).map_or(self.node.at, |node| node.at), message);
        }
        number
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        let flag = node.as_bool();
        if flag.is_none() {
            self.report(node.at, format_args!("`{key}` must be true or false"));
        }
        flag
    }

    /// A list of texts; a single text is a list of one.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let Kind::List(items) = &node.kind else { return self.text(key).into_iter().collect() };
        let text = |item: &Node| {
            if item.as_text().is_none() && !item.is_broken() {
                self.report(item.at, format_args!("`{key}` must hold texts, not {}", item.describe()));
            }
            item.as_text().map(str::to_owned)
        };
        items.iter().filter_map(text).collect()
    }

    /// A mapping of names to texts.
    pub(super) fn strings(&self, key: &str) -> BTreeMap<String, String> {
        let Some(node) = self.get(key) else { return BTreeMap::new() };
        let inner = self.part(node);
        let entries = inner.node.entries().iter();
        entries.filter_map(|entry| Some((entry.key.clone(), inner.text(&entry.key)?))).collect()
    }
}
