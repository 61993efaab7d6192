//! `Fn::Transform` with `AWS::Include`: a part of the template in a file of its own.

use super::node::{Entry, Kind, Mark, Node};
use super::stack::Stack;
use super::yaml::Parsed;
use super::{source, yaml};

impl Stack<'_> {
    /// What the included file holds, resolved; its mistakes are told at the place of the include.
    pub(super) fn include(&self, at: Mark, argument: &Node) -> Option<Node> {
        let name = argument.get("Name").and_then(Node::as_text);
        if name != Some("AWS::Include") {
            let name = name.unwrap_or_default();
            self.unsupported(at, format!("the transform `{name}` does not run here: the value is left out"));
            return None;
        }
        let Some(location) = argument.get("Parameters").and_then(|parameters| parameters.get("Location")) else {
            self.report(at, "AWS::Include needs `Location` among its `Parameters`");
            return None;
        };
        let location = self.text(location, "the location of AWS::Include")?;
        if location.contains("://") {
            let rule = "only local files are read here";
            self.unsupported(at, format!("AWS::Include: {location} is left out ({rule})"));
            return None;
        }
        if self.reader.in_include.get() {
            self.report(at, "an included file cannot include another");
            return None;
        }
        let included = self.parse(at, &location)?;
        self.reader.in_include.set(true);
        let value = self.evaluate(&included);
        self.reader.in_include.set(false);
        value
    }

    fn parse(&self, at: Mark, location: &str) -> Option<Node> {
        let path = self.folder().join(location.strip_prefix("./").unwrap_or(location));
        let text = match source::included(self.reader, &path) {
            Ok(text) => text,
            Err(message) => {
                self.report(at, message);
                return None;
            }
        };
        let tell = |mark: Mark, message: &str| {
            self.report(at, format!("{}:{}:{}: {message}", path.display(), mark.line, mark.column));
        };
        match yaml::parse(&text) {
            Ok(Parsed { root, mistakes, doubled }) => {
                for mistake in mistakes.iter().chain(&doubled) {
                    tell(mistake.at, &mistake.message);
                }
                Some(moved(&root, at))
            }
            Err(mistake) => {
                tell(mistake.at, &mistake.message);
                None
            }
        }
    }
}

/// The same tree, all of it at one place.
fn moved(node: &Node, at: Mark) -> Node {
    let kind = match &node.kind {
        Kind::List(items) => Kind::List(items.iter().map(|item| moved(item, at)).collect()),
        Kind::Map(entries) => {
            let entry = |entry: &Entry| Entry { key: entry.key.clone(), at, value: moved(&entry.value, at) };
            Kind::Map(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Node { at, kind }
}
