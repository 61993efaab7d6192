//! `Fn::Sub`: variables in a text.

use std::collections::BTreeMap;

use super::intrinsics::MAX_TEXT;
use super::names::split_attribute;
use super::node::{Kind, Mark, Node};
use super::stack::Stack;

impl Stack<'_> {
    /// `Fn::Sub`.
    pub(super) fn substitute(&self, at: Mark, argument: &Node) -> Option<Node> {
        let (template, variables) = match &argument.kind {
            Kind::Scalar { .. } => (argument, &[][..]),
            Kind::List(items) => match items.as_slice() {
                [template, variables] if matches!(variables.kind, Kind::Map(_)) => (template, variables.entries()),
                [template] => (template, &[][..]),
                _ => {
                    self.report(at, "Fn::Sub takes a text, or a list of a text and a mapping of variables");
                    return None;
                }
            },
            _ => {
                self.report(at, "Fn::Sub takes a text, or a list of a text and a mapping of variables");
                return None;
            }
        };
        let Kind::Scalar { text, .. } = &template.kind else {
            self.report(template.at, "the text of Fn::Sub cannot itself be a function");
            return None;
        };
        let parts = match substitutions(text) {
            Ok(parts) => parts,
            Err(message) => {
                self.report(template.at, message);
                return None;
            }
        };
        // Once each, however often the text names them.
        let variables: BTreeMap<&str, Option<String>> = variables
            .iter()
            .map(|entry| {
                (entry.key.as_str(), self.text(&entry.value, &format!("the variable `{}` of Fn::Sub", entry.key)))
            })
            .collect();
        let mut result = Some(String::new());
        for part in parts {
            let piece = match part {
                Part::Text(text) => Some(text.to_owned()),
                Part::Variable(name) => match variables.get(name) {
                    Some(value) => value.clone(),
                    None => self.variable(name, template.at),
                },
            };
            // A mistake in one variable does not hide those in the next.
            result = result.zip(piece).map(|(before, piece)| before + &piece);
            if result.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
                break;
            }
        }
        result.map(|text| Node::text(at, text))
    }

    fn variable(&self, name: &str, at: Mark) -> Option<String> {
        if let Some(published) = self.published(name) {
            return Some(published);
        }
        let value = match split_attribute(name) {
            Some((resource, attribute)) => self.resource_value(resource, Some(attribute), at)?,
            None if name == "AWS::NoValue" => return Some(String::new()),
            None => self.reference(name, at),
        };
        match &value.kind {
            Kind::List(items) => Some(items.iter().filter_map(Node::as_text).collect::<Vec<_>>().join(",")),
            Kind::Scalar { text, .. } => Some(text.clone()),
            _ => None,
        }
    }
}

/// A piece of a text for `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    Variable(&'t str),
}

/// Takes `${Name}` and `${Name.Attribute}` out of a text; `${!Literal}` stays as `${Literal}`.
pub(super) fn substitutions(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        parts.push(Part::Text(before));
        let Some((name, tail)) = after.split_once('}') else {
            return Err("Fn::Sub: `${` without `}`".into());
        };
        match name.strip_prefix('!') {
            Some(literal) => parts.extend([Part::Text("${"), Part::Text(literal), Part::Text("}")]),
            None if name.trim().is_empty() => return Err("Fn::Sub: `${}` names nothing".into()),
            None => parts.push(Part::Variable(name.trim())),
        }
        rest = tail;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutions_are_taken_out() {
        let parts = substitutions("a-${B}-${C.D}${!E}.").unwrap_or_default();
        let text: Vec<Part<'_>> = parts.into_iter().filter(|part| *part != Part::Text("")).collect();
        let expected = [
            Part::Text("a-"),
            Part::Variable("B"),
            Part::Text("-"),
            Part::Variable("C.D"),
            Part::Text("${"),
            Part::Text("E"),
            Part::Text("}"),
            Part::Text("."),
        ];
        assert_eq!(text, expected);
        assert_eq!(substitutions("${a"), Err("Fn::Sub: `${` without `}`".into()));
        assert_eq!(substitutions("${ }"), Err("Fn::Sub: `${}` names nothing".into()));
    }
}
