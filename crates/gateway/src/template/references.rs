//! Names in values that are not resolved: the other branch of `Fn::If`, resources whose condition is false.
//!
//! `CloudFormation` refuses an unknown name wherever it stands, so nothing is skipped here.

use super::names::split_attribute;
use super::node::{Kind, Mark, Node};
use super::similar;
use super::stack::Stack;
use super::substitution::{Part, substitutions};

impl Stack<'_> {
    /// Reports every unknown name in a value, without resolving it.
    pub(super) fn check_references(&self, node: &Node) {
        match (node.call(), &node.kind) {
            (Some(("Ref", argument)), _) => self.check_name(argument.as_text(), argument.at),
            (Some(("Fn::GetAtt", argument)), _) => match &argument.kind {
                Kind::Scalar { text, .. } => self.check_name(split_attribute(text).map(|(name, _)| name), argument.at),
                Kind::List(items) => self.check_name(items.first().and_then(Node::as_text), argument.at),
                _ => {}
            },
            (Some(("Fn::Sub", argument)), _) => self.check_text(argument),
            (Some(("Fn::If", argument)), Kind::Map(_)) => {
                let Kind::List(items) = &argument.kind else { return };
                if let Some((name, at)) = items.first().and_then(|item| Some((item.as_text()?, item.at))) {
                    self.condition(name, at);
                }
                items.iter().skip(1).for_each(|item| self.check_references(item));
            }
            (_, Kind::List(items)) => items.iter().for_each(|item| self.check_references(item)),
            (_, Kind::Map(entries)) => entries.iter().for_each(|entry| self.check_references(&entry.value)),
            (_, Kind::Scalar { .. } | Kind::Broken) => {}
        }
    }

    fn check_text(&self, argument: &Node) {
        let (template, variables) = match &argument.kind {
            Kind::List(items) => (items.first(), items.get(1)),
            _ => (Some(argument), None),
        };
        if let Some(variables) = variables {
            self.check_references(variables);
        }
        let Some((text, at)) = template.and_then(|template| Some((template.as_text()?, template.at))) else { return };
        for part in substitutions(text).unwrap_or_default() {
            let Part::Variable(name) = part else { continue };
            if variables.is_none_or(|variables| variables.get(name).is_none()) {
                self.check_name(Some(split_attribute(name).map_or(name, |(resource, _)| resource)), at);
            }
        }
    }

    fn check_name(&self, name: Option<&str>, at: Mark) {
        let Some(name) = name else { return };
        if name != "AWS::NoValue"
            && self.pseudo(name).is_none()
            && !self.parameters.contains(name)
            && self.find(name).is_none()
            && self.published(name).is_none()
        {
            self.unknown_reference(name, at);
        }
    }

    pub(super) fn unknown_reference(&self, name: &str, at: Mark) {
        if self.reader.is_full() {
            return;
        }
        let hint = similar::hint(name, self.parameters.names().chain(self.resource_ids()));
        self.report(at, format!("unknown reference `{name}`{hint}"));
    }
}
