//! `Conditions`: decided on demand, from parameters and mappings alone.

use super::node::{Kind, Mark, Node};
use super::similar;
use super::stack::Stack;

/// Conditions that may stand inside one another before reading gives up.
const MAX_CHAIN: usize = 32;

/// How far a condition is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    /// Being decided: meeting it again is a cycle.
    Pending,
    Known(bool),
}

impl Stack<'_> {
    /// The value of a condition; a mistake in it is reported and counts as true, so that more mistakes are found.
    pub(super) fn condition(&self, name: &str, at: Mark) -> bool {
        let known = self.decided.borrow().get(name).copied();
        match known {
            Some(Decided::Known(value)) => return value,
            Some(Decided::Pending) => {
                self.report(at, format!("condition `{name}` depends on itself"));
                return true;
            }
            None => {}
        }
        let Some(node) = self.conditions.get(name) else {
            let hint = similar::hint(name, similar::keys(&self.conditions));
            self.report(at, format!("unknown condition `{name}`{hint}"));
            return true;
        };
        let pending = self.decided.borrow().values().filter(|decided| **decided == Decided::Pending).count();
        if pending > MAX_CHAIN {
            self.report(node.at, format!("conditions refer to one another more than {MAX_CHAIN} deep"));
            return true;
        }
        self.decided.borrow_mut().insert(name.to_owned(), Decided::Pending);
        let outer = self.in_condition.replace(true);
        let value = self.decide(node).unwrap_or(true);
        self.in_condition.set(outer);
        self.decided.borrow_mut().insert(name.to_owned(), Decided::Known(value));
        value
    }

    /// Decides an expression; `None` after a reported mistake.
    fn decide(&self, node: &Node) -> Option<bool> {
        self.deeper(node.at, || self.decide_here(node)).flatten()
    }

    fn decide_here(&self, node: &Node) -> Option<bool> {
        let ([entry], false) = (node.entries(), node.is_broken()) else {
            return self.no_condition(node);
        };
        let argument = &entry.value;
        match entry.key.as_str() {
            "Condition" => match argument.as_text() {
                Some(name) => Some(self.condition(name, argument.at)),
                None => self.no_condition(node),
            },
            "Fn::Equals" => {
                let Kind::List(sides) = &argument.kind else { return self.no_condition(node) };
                let [left, right] = sides.as_slice() else {
                    self.report(argument.at, "Fn::Equals compares exactly two values");
                    return None;
                };
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                if left.is_broken() || right.is_broken() {
                    return None;
                }
                Some(as_compared(&left) == as_compared(&right))
            }
            "Fn::Not" => match &argument.kind {
                Kind::List(items) if items.len() == 1 => items.first().and_then(|item| self.decide(item)).map(|v| !v),
                _ => {
                    self.report(argument.at, "Fn::Not takes a list of one condition");
                    None
                }
            },
            function @ ("Fn::And" | "Fn::Or") => {
                let Kind::List(items) = &argument.kind else { return self.no_condition(node) };
                if !(2..=10).contains(&items.len()) {
                    self.report(argument.at, format!("{function} takes a list of 2 to 10 conditions"));
                    return None;
                }
                // Every part is decided, so that every mistake is found.
                let parts: Vec<Option<bool>> = items.iter().map(|item| self.decide(item)).collect();
                let parts = parts.into_iter().collect::<Option<Vec<bool>>>()?;
                Some(if function == "Fn::And" { parts.iter().all(|part| *part) } else { parts.contains(&true) })
            }
            _ => self.no_condition(node),
        }
    }

    fn no_condition(&self, node: &Node) -> Option<bool> {
        if !node.is_broken() {
            self.report(node.at, "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition");
        }
        None
    }
}

/// Values compare as text: `CloudFormation` knows no other type here.
fn as_compared(node: &Node) -> String {
    node.as_text().map_or_else(|| node.to_json().to_string(), str::to_owned)
}
