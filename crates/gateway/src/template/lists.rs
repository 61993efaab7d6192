//! Intrinsic functions over lists: `Fn::Join`, `Fn::Select`, `Fn::Split`, `Fn::GetAZs`, `Fn::Length`.

use super::node::{Kind, Mark, Node};
use super::stack::Stack;

impl Stack<'_> {
    pub(super) fn join(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([delimiter, list]) = items(argument) else {
            self.report(at, "Fn::Join takes a list of a delimiter and a list");
            return None;
        };
        let delimiter = self.text(delimiter, "the delimiter of Fn::Join")?;
        let texts: Option<Vec<String>> =
            self.list(list, "Fn::Join")?.iter().map(|item| self.text(item, "an element of Fn::Join")).collect();
        Some(Node::text(at, texts?.join(&delimiter)))
    }

    pub(super) fn select(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([index, list]) = items(argument) else {
            self.report(at, "Fn::Select takes a list of an index and a list");
            return None;
        };
        let index = self.text(index, "the index of Fn::Select")?;
        let list = self.list(list, "Fn::Select")?;
        let Some(chosen) = index.parse().ok().and_then(|index: usize| list.get(index)) else {
            self.report(at, format!("Fn::Select: there is no element {index} in a list of {}", list.len()));
            return None;
        };
        Some(chosen.clone())
    }

    pub(super) fn split(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([delimiter, text]) = items(argument) else {
            self.report(at, "Fn::Split takes a list of a delimiter and a text");
            return None;
        };
        let delimiter = self.text(delimiter, "the delimiter of Fn::Split")?;
        let text = self.text(text, "the text of Fn::Split")?;
        if delimiter.is_empty() {
            self.report(at, "the delimiter of Fn::Split is empty");
            return None;
        }
        Some(Node::list(at, text.split(&delimiter).map(|piece| Node::text(at, piece)).collect()))
    }

    pub(super) fn zones(&self, at: Mark, argument: &Node) -> Option<Node> {
        let region = self.text(argument, "the region of Fn::GetAZs")?;
        let region = if region.is_empty() { self.reader.settings.region.clone() } else { region };
        Some(Node::list(at, ["a", "b", "c"].iter().map(|zone| Node::text(at, format!("{region}{zone}"))).collect()))
    }

    pub(super) fn length(&self, at: Mark, argument: &Node) -> Option<Node> {
        let list = self.list(argument, "Fn::Length")?;
        Some(Node::plain(at, list.len().to_string()))
    }

    /// Resolves to the elements of a list.
    pub(super) fn list(&self, node: &Node, function: &str) -> Option<Vec<Node>> {
        let value = self.evaluate(node)?;
        match value.kind {
            Kind::List(items) => Some(items),
            Kind::Broken => None,
            _ => {
                self.report(node.at, format!("{function} needs a list, not {}", value.describe()));
                None
            }
        }
    }
}

/// The elements of a list of exactly `N`.
pub(super) fn items<const N: usize>(node: &Node) -> Option<[&Node; N]> {
    match &node.kind {
        Kind::List(items) => items.iter().collect::<Vec<_>>().try_into().ok(),
        _ => None,
    }
}
