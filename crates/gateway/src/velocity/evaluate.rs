//! Template to text.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::syntax::{Expression, Node, Operator};
use super::{LARGEST, Scope, Unrendered, operators};
use crate::json_path::shown;

/// Steps, and parts of values that are copied, in one rendering.
const WORK: usize = 500_000;
/// Rounds of one loop, as API Gateway allows.
const ROUNDS: usize = 1_000;

/// The text that a template makes.
pub(super) fn render(nodes: &[Node], scope: Scope<'_>) -> Result<String, Unrendered> {
    let stage_variables = scope.stage_variables.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    let mut renderer = Renderer {
        body: scope.body,
        event: scope.event,
        input: serde_json::from_str(scope.body).unwrap_or_default(),
        stage_variables: Value::Object(stage_variables.collect()),
        variables: BTreeMap::new(),
        left: Cell::new(WORK),
    };
    let mut text = String::new();
    renderer.nodes(nodes, &mut text)?;
    Ok(text)
}

/// A rendering under way.
pub(super) struct Renderer<'a> {
    pub(super) body: &'a str,
    pub(super) event: &'a Value,
    pub(super) input: Value,
    pub(super) stage_variables: Value,
    pub(super) variables: BTreeMap<String, Value>,
    left: Cell<usize>,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Stop,
}

impl Renderer<'_> {
    pub(super) fn charge(&self, work: usize) -> Result<(), Unrendered> {
        let left = self.left.get().checked_sub(work).ok_or(Unrendered("the template takes too much work"))?;
        self.left.set(left);
        Ok(())
    }

    fn nodes(&mut self, nodes: &[Node], text: &mut String) -> Result<Flow, Unrendered> {
        for node in nodes {
            self.charge(1)?;
            let flow = match node {
                Node::Text(plain) => {
                    *text += plain;
                    Flow::On
                }
                Node::Reference { reference, written } => {
                    let value = self.reference(reference)?;
                    // As in Velocity, a variable that nobody has set is text; what is missing elsewhere is nothing.
                    let unknown = value.is_null() && !reference.quiet && !self.knows(&reference.name);
                    *text += &if unknown { written.clone() } else { shown(Some(&value)) };
                    Flow::On
                }
                Node::Set { target, value } => {
                    let value = self.expression(value)?;
                    self.set(target, value)?;
                    Flow::On
                }
                Node::If { branches, otherwise } => self.conditional(branches, otherwise, text)?,
                Node::ForEach { variable, list, body } => self.for_each(variable, list, body, text)?,
                Node::Break => Flow::Break,
                Node::Stop => Flow::Stop,
            };
            if text.len() > LARGEST {
                return Err(Unrendered("the template makes too much text"));
            }
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn knows(&self, name: &str) -> bool {
        ["input", "context", "stageVariables", "util"].contains(&name) || self.variables.contains_key(name)
    }

    fn conditional(
        &mut self,
        branches: &[(Expression, Vec<Node>)],
        otherwise: &[Node],
        text: &mut String,
    ) -> Result<Flow, Unrendered> {
        for (condition, body) in branches {
            if operators::is_true(&self.expression(condition)?) {
                return self.nodes(body, text);
            }
        }
        self.nodes(otherwise, text)
    }

    fn for_each(
        &mut self,
        variable: &str,
        list: &Expression,
        body: &[Node],
        text: &mut String,
    ) -> Result<Flow, Unrendered> {
        let items = match self.expression(list)? {
            Value::Array(items) => items,
            Value::Object(fields) => fields.into_iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        };
        if items.len() > ROUNDS {
            return Err(Unrendered("more than 1,000 rounds of a loop"));
        }
        let before = ["foreach", "velocityCount", variable].map(|name| (name, self.variables.remove(name)));
        let (count, mut flow) = (items.len(), Flow::On);
        for (index, item) in items.into_iter().enumerate() {
            let state = json!({
                "index": index, "count": index + 1, "hasNext": index + 1 < count,
                "first": index == 0, "last": index + 1 == count,
            });
            self.variables.insert("foreach".to_owned(), state);
            self.variables.insert("velocityCount".to_owned(), (index + 1).into());
            self.variables.insert(variable.to_owned(), item);
            flow = self.nodes(body, text)?;
            if flow != Flow::On {
                break;
            }
        }
        for (name, value) in before {
            match value {
                Some(value) => drop(self.variables.insert(name.to_owned(), value)),
                None => drop(self.variables.remove(name)),
            }
        }
        Ok(if flow == Flow::Stop { Flow::Stop } else { Flow::On })
    }

    pub(super) fn expression(&mut self, expression: &Expression) -> Result<Value, Unrendered> {
        self.charge(1)?;
        match expression {
            Expression::Value(value) => Ok(value.clone()),
            Expression::Text(nodes) => {
                let mut text = String::new();
                self.nodes(nodes, &mut text)?;
                self.charge(text.len() / 32)?;
                Ok(text.into())
            }
            Expression::Reference(reference) => self.reference(reference),
            Expression::List(items) => {
                let items: Vec<Value> = items.iter().map(|item| self.expression(item)).collect::<Result<_, _>>()?;
                self.checked(items.into())
            }
            Expression::Map(entries) => {
                let mut fields = Map::new();
                for (key, value) in entries {
                    let key = shown(Some(&self.expression(key)?));
                    fields.insert(key, self.expression(value)?);
                }
                self.checked(fields.into())
            }
            Expression::Range(from, to) => {
                let (from, to) = (self.expression(from)?.as_i64(), self.expression(to)?.as_i64());
                let (Some(from), Some(to)) = (from, to) else { return Ok(Value::Null) };
                let length = usize::try_from(from.abs_diff(to)).unwrap_or(usize::MAX);
                self.charge(length)?;
                let range: Vec<Value> = if from <= to {
                    (from..=to).map(Value::from).collect()
                } else {
                    (to..=from).rev().map(Value::from).collect()
                };
                Ok(range.into())
            }
            Expression::Not(inner) => Ok((!operators::is_true(&self.expression(inner)?)).into()),
            Expression::Both(Operator::Or, left, right) => {
                let left = operators::is_true(&self.expression(left)?);
                Ok((left || operators::is_true(&self.expression(right)?)).into())
            }
            Expression::Both(Operator::And, left, right) => {
                let left = operators::is_true(&self.expression(left)?);
                Ok((left && operators::is_true(&self.expression(right)?)).into())
            }
            Expression::Both(operator, left, right) => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                let value = operators::both(*operator, &left, &right);
                self.charge(value.as_str().map_or(0, |text| text.len() / 32))?;
                Ok(value)
            }
        }
    }
}
