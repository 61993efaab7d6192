//! `Fn::ForEach` of `AWS::LanguageExtensions` (gateway fact T-06): written out before anything else reads the template.
//!
//! `Fn::ForEach::Name: [Identifier, [values], {Key: fragment}]` becomes the fragment once for each value, wherever a
//! mapping of `Resources`, `Conditions` or `Outputs` has it. `${Identifier}` is replaced by the value, `&{Identifier}` by
//! its letters and digits, `Ref: Identifier` by the value as it is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::node::{Entry, Kind, Mark, Node};
use super::stack::Stack;

const PREFIX: &str = "Fn::ForEach::";
/// Loops inside one another: `CloudFormation`'s limit.
const MAX_DEPTH: usize = 5;
/// Bytes that all loops of a template may write, each value counted with 16 more. Ours: a template has at most 1 MB on
/// AWS, and loops within loops multiply.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// What a value takes beside its text.
const VALUE: usize = 16;

/// Whether a template has to be looked through.
pub(super) fn is_in(text: &str) -> bool {
    text.contains("Fn::ForEach")
}

/// The loops of one template, on the way through its sections.
pub(super) struct Loops<'s> {
    stack: &'s Stack<'s>,
    names: RefCell<BTreeSet<String>>,
    left: Cell<usize>,
}

/// One loop, checked.
struct Loop<'n> {
    at: Mark,
    identifier: &'n str,
    values: Vec<String>,
    fragment: &'n [Entry],
}

impl<'s> Loops<'s> {
    pub(super) fn new(stack: &'s Stack<'s>) -> Self {
        Self { stack, names: RefCell::default(), left: Cell::new(MAX_BYTES) }
    }

    /// The same section with every loop in it written out. A mistake leaves out what it would have made.
    pub(super) fn written_out(&self, section: &Node) -> Node {
        self.node(section, &[])
    }

    /// `around`: the identifiers of the loops this stands in.
    fn node(&self, node: &Node, around: &[&str]) -> Node {
        let written = self.stack.deeper(node.at, || match &node.kind {
            Kind::Map(entries) => Node::map(node.at, self.entries(entries, around)),
            Kind::List(items) => Node::list(node.at, items.iter().map(|item| self.node(item, around)).collect()),
            Kind::Scalar { .. } | Kind::Broken => node.clone(),
        });
        written.unwrap_or_else(|| Node::broken(node.at))
    }

    fn entries(&self, entries: &[Entry], around: &[&str]) -> Vec<Entry> {
        let mut written = Vec::new();
        let mut made: BTreeSet<String> =
            entries.iter().filter(|entry| !is_loop(entry)).map(|entry| entry.key.clone()).collect();
        for entry in entries {
            if !is_loop(entry) {
                written.push(Entry { key: entry.key.clone(), at: entry.at, value: self.node(&entry.value, around) });
                continue;
            }
            let Some(each) = self.read(entry, around) else { continue };
            for value in &each.values {
                let (once, around) = (self.once(&each, value), [around, &[each.identifier]].concat());
                let Some(once) = once else { return written };
                for new in self.entries(&once, &around) {
                    if made.insert(new.key.clone()) {
                        written.push(new);
                    } else {
                        self.stack.report(each.at, format!("{}: `{}` is there already", entry.key, new.key));
                    }
                }
            }
        }
        written
    }

    fn read<'n>(&self, entry: &'n Entry, around: &[&str]) -> Option<Loop<'n>> {
        let stack = self.stack;
        let fail = |at, message: String| {
            stack.report(at, format!("{}: {message}", entry.key));
            None
        };
        if entry.value.is_broken() {
            return None;
        }
        if !stack.extensions {
            return fail(entry.at, "Fn::ForEach needs `Transform: AWS::LanguageExtensions`".into());
        }
        let name = entry.key.trim_start_matches(PREFIX);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return fail(entry.at, "the name of a loop has letters and digits only".into());
        }
        // One inside another loop is met once for each of its values.
        if around.is_empty() && !self.names.borrow_mut().insert(name.to_owned()) {
            return fail(entry.at, "there is a loop of that name already".into());
        }
        if around.len() == MAX_DEPTH {
            return fail(entry.at, format!("loops stand more than {MAX_DEPTH} deep in one another"));
        }
        let Kind::List(parts) = &entry.value.kind else {
            return fail(entry.value.at, "a loop is a list of an identifier, a collection and a mapping".into());
        };
        let [identifier, collection, fragment] = parts.as_slice() else {
            return fail(entry.value.at, "a loop is a list of an identifier, a collection and a mapping".into());
        };
        let is_word = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let Some(word) = identifier.as_text().filter(is_word) else {
            return fail(identifier.at, "an identifier has letters and digits only".into());
        };
        if around.contains(&word) || stack.parameters.contains(word) {
            return fail(identifier.at, format!("`{word}` is taken already"));
        }
        let Kind::Map(entries) = &fragment.kind else {
            return fail(fragment.at, format!("what is repeated is a mapping, not {}", fragment.describe()));
        };
        if let Some(entry) = entries.iter().find(|entry| !is_loop(entry) && !names(&entry.key, word)) {
            return fail(entry.at, format!("the key `{}` needs `${{{word}}}` or `&{{{word}}}`", entry.key));
        }
        let values = self.values(collection)?;
        Some(Loop { at: entry.at, identifier: word, values, fragment: entries })
    }

    /// The values of a collection: texts, references to list parameters, and whatever else resolves to a list without
    /// a resource.
    fn values(&self, collection: &Node) -> Option<Vec<String>> {
        let outer = self.stack.in_condition.replace(true);
        let resolved = self.stack.evaluate(collection);
        self.stack.in_condition.set(outer);
        let resolved = resolved?;
        let mut values = Vec::new();
        let Kind::List(items) = &resolved.kind else {
            if !resolved.is_broken() {
                self.stack
                    .report(collection.at, format!("the collection of a loop is a list, not {}", resolved.describe()));
            }
            return None;
        };
        for item in items {
            match (&item.kind, item.as_text()) {
                (_, Some(text)) => values.push(text.to_owned()),
                // A list within the list, as a reference to a list parameter makes it.
                (Kind::List(inner), _) => values.extend(inner.iter().filter_map(Node::as_text).map(str::to_owned)),
                (Kind::Broken, _) => return None,
                _ => {
                    let message = format!("a value of a loop is text, not {}", item.describe());
                    self.stack.report(item.at, message);
                    return None;
                }
            }
        }
        Some(values)
    }

    /// The fragment for one value; `None` when there is no more room, which is reported.
    fn once(&self, each: &Loop<'_>, value: &str) -> Option<Vec<Entry>> {
        let replaced = Replace { identifier: each.identifier, value, left: &self.left };
        let entries = replaced.entries(each.fragment);
        if entries.is_none() {
            self.stack.report(each.at, format!("the loops of this template make more than {MAX_BYTES} bytes"));
        }
        entries
    }
}

fn is_loop(entry: &Entry) -> bool {
    entry.key.starts_with(PREFIX)
}

fn names(text: &str, identifier: &str) -> bool {
    text.contains(&format!("${{{identifier}}}")) || text.contains(&format!("&{{{identifier}}}"))
}

struct Replace<'a> {
    identifier: &'a str,
    value: &'a str,
    left: &'a Cell<usize>,
}

/// All of it gives `None` when there is no more room.
impl Replace<'_> {
    fn take(&self, bytes: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(bytes)?);
        Some(())
    }

    fn entries(&self, entries: &[Entry]) -> Option<Vec<Entry>> {
        self.take(VALUE)?;
        let replaced =
            |entry: &Entry| Some(Entry { key: self.text(&entry.key)?, at: entry.at, value: self.node(&entry.value)? });
        entries.iter().map(replaced).collect()
    }

    fn node(&self, node: &Node) -> Option<Node> {
        self.take(VALUE)?;
        let kind = match &node.kind {
            Kind::Map(_) if matches!(node.call(), Some(("Ref", name)) if name.as_text() == Some(self.identifier)) => {
                self.take(self.value.len())?;
                Kind::Scalar { text: self.value.to_owned(), plain: false }
            }
            Kind::Map(entries) => Kind::Map(self.entries(entries)?),
            Kind::List(items) => Kind::List(items.iter().map(|item| self.node(item)).collect::<Option<_>>()?),
            Kind::Scalar { text, plain } => {
                Kind::Scalar { text: self.text(text)?, plain: *plain && !names(text, self.identifier) }
            }
            Kind::Broken => Kind::Broken,
        };
        Some(Node { at: node.at, kind })
    }

    fn text(&self, text: &str) -> Option<String> {
        let Self { identifier, value, .. } = self;
        let (whole, letters) = (format!("${{{identifier}}}"), format!("&{{{identifier}}}"));
        let places = text.matches(&whole).count() + text.matches(&letters).count();
        self.take(text.len() + places * value.len())?;
        if places == 0 {
            return Some(text.to_owned());
        }
        let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(text.replace(&letters, &plain).replace(&whole, value))
    }
}
