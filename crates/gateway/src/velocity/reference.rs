//! References: `$name.property.method(…)[place]`.

use serde_json::Value;

use super::expression::Cursor;
use super::syntax::{Expression, Reference, Step};
use super::{methods, util};
use crate::json_path;

impl Cursor<'_> {
    /// The reference that begins here, as it is and as it is written; `None` for a `$` that is text.
    pub(super) fn reference(&mut self) -> Result<Option<(Reference, String)>, String> {
        let start = self.rest;
        let Some(after) = start.strip_prefix('$') else { return Ok(None) };
        let quiet = after.starts_with('!');
        let after = after.strip_prefix('!').unwrap_or(after);
        let braced = after.starts_with('{');
        let mut inner = Cursor::new(after.strip_prefix('{').unwrap_or(after), self.depth);
        let Some(name) = inner.name() else { return Ok(None) };
        inner.deeper()?;
        inner.skip(name.len());
        let steps = inner.steps(name)?;
        if braced {
            inner.rest = inner.rest.strip_prefix('}').ok_or_else(|| format!("`{}` has no `}}`", self.shown()))?;
        }
        self.rest = inner.rest;
        let written = start[..start.len() - self.rest.len()].to_owned();
        Ok(Some((Reference { name: name.to_owned(), steps, quiet }, written)))
    }

    fn steps(&mut self, root: &str) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            if self.rest.starts_with('[') {
                // `[[` is a list of text behind a reference, and so is what is no expression.
                let mut inner = Cursor::new(&self.rest[1..], self.depth);
                let Ok(place) = inner.expression() else { break };
                if !inner.takes(']') {
                    break;
                }
                self.rest = inner.rest;
                steps.push(Step::Place(place));
                continue;
            }
            let Some(after) = self.rest.strip_prefix('.') else { break };
            // A full stop at the end is the sentence's.
            let Some(name) = Cursor::new(after, 0).name() else { break };
            self.rest = &after[name.len()..];
            if !self.rest.starts_with('(') {
                steps.push(Step::Property(name.to_owned()));
                continue;
            }
            let arguments = self.arguments()?;
            let first = steps.is_empty();
            check(root, first, name, &arguments)?;
            steps.push(Step::Method(name.to_owned(), arguments));
        }
        if root == "input" && !matches!(steps.first(), Some(Step::Method(..) | Step::Property(_))) {
            return Err("`$input` is nothing without `.body`, `.path(…)`, `.json(…)` or `.params(…)`".to_owned());
        }
        if let (Some(Step::Property(name)), "input") = (steps.first(), root)
            && name != "body"
        {
            return Err(format!("`$input.{name}` of this template is not supported here"));
        }
        Ok(steps)
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, String> {
        self.expect('(')?;
        let mut arguments = Vec::new();
        if self.takes(')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if !self.takes(',') {
                self.expect(')')?;
                return Ok(arguments);
            }
        }
    }
}

/// Whether there is such a method here, and whether a path given as text can be followed.
fn check(root: &str, first: bool, name: &str, arguments: &[Expression]) -> Result<(), String> {
    let known = match (root, first) {
        ("input", true) => ["path", "json", "params"].contains(&name),
        ("util", true) => util::NAMES.contains(&name),
        _ => methods::is_known(name),
    };
    if !known {
        return Err(format!("the method `{name}` of this template is not supported here"));
    }
    if (root, first) == ("input", true)
        && name != "params"
        && let [Expression::Value(Value::String(path))] = arguments
        && json_path::read(path).is_none()
    {
        return Err(format!("the path `{path}` of this template is not supported here"));
    }
    Ok(())
}
