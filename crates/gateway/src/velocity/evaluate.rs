//! Template to text.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::syntax::{Expression, Node, Operator, Reference, Step};
use super::{DEEPEST, LARGEST, Scope, Unrendered, methods, operators, util};
use crate::json_path::{self, shown, within};

/// Steps, and parts of values that are copied, in one rendering.
const WORK: usize = 500_000;
/// Rounds of one loop, as API Gateway allows.
const ROUNDS: usize = 1_000;

const NOTHING: &Value = &Value::Null;

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

struct Renderer<'a> {
    body: &'a str,
    event: &'a Value,
    input: Value,
    stage_variables: Value,
    variables: BTreeMap<String, Value>,
    left: Cell<usize>,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Stop,
}

/// A step of a reference whose arguments are known.
enum Known<'t> {
    Property(&'t str),
    Method(&'t str, Vec<Value>),
    Place(Value),
}

impl Renderer<'_> {
    fn charge(&self, work: usize) -> Result<(), Unrendered> {
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

    fn expression(&mut self, expression: &Expression) -> Result<Value, Unrendered> {
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

    fn known<'t>(&mut self, steps: &'t [Step]) -> Result<Vec<Known<'t>>, Unrendered> {
        let known = |step: &'t Step| {
            Ok(match step {
                Step::Property(name) => Known::Property(name),
                Step::Place(place) => Known::Place(self.expression(place)?),
                Step::Method(name, arguments) => {
                    let arguments = arguments.iter().map(|argument| self.expression(argument));
                    Known::Method(name, arguments.collect::<Result<_, _>>()?)
                }
            })
        };
        steps.iter().map(known).collect()
    }

    fn reference(&mut self, reference: &Reference) -> Result<Value, Unrendered> {
        let mut steps = self.known(&reference.steps)?;
        if !matches!(reference.name.as_str(), "input" | "context" | "stageVariables" | "util")
            && matches!(steps.last(), Some(Known::Method(name, _)) if methods::CHANGING.contains(name))
            && let Some(Known::Method(name, arguments)) = steps.pop()
        {
            return self.change(&reference.name, &steps, name, arguments);
        }
        let mut rest = steps.as_slice();
        let root = match (reference.name.as_str(), rest) {
            ("input", [first, after @ ..]) => {
                rest = after;
                self.input(first)?
            }
            ("util", [Known::Method(name, arguments), after @ ..]) => {
                rest = after;
                Cow::Owned(self.checked(util::call(name, arguments.first())?)?)
            }
            ("input" | "util", _) => Cow::Borrowed(NOTHING),
            ("context", _) => Cow::Borrowed(&self.event["requestContext"]),
            ("stageVariables", _) => Cow::Borrowed(&self.stage_variables),
            (name, _) => Cow::Borrowed(self.variables.get(name).unwrap_or(NOTHING)),
        };
        self.follow(root, rest)
    }

    fn follow(&self, mut value: Cow<'_, Value>, steps: &[Known<'_>]) -> Result<Value, Unrendered> {
        for step in steps {
            value = match (step, value) {
                (Known::Method(name, arguments), on) => Cow::Owned(self.checked(methods::call(&on, name, arguments)?)?),
                (step, Cow::Borrowed(on)) => Cow::Borrowed(part(on, step).unwrap_or(NOTHING)),
                (step, Cow::Owned(on)) => Cow::Owned(part(&on, step).cloned().unwrap_or_default()),
            };
        }
        match value {
            Cow::Borrowed(value) => {
                self.charge(weight(value, DEEPEST * 8)?)?;
                Ok(value.clone())
            }
            Cow::Owned(value) => Ok(value),
        }
    }

    /// `$input.body`, `.path(…)`, `.json(…)`, `.params(…)`.
    fn input(&self, step: &Known<'_>) -> Result<Cow<'_, Value>, Unrendered> {
        let Known::Method(name, arguments) = step else { return Ok(Cow::Owned(self.body.into())) };
        let argument = shown(arguments.first());
        if *name == "params" {
            return Ok(Cow::Owned(self.parameter(arguments.first().map(|_| argument.as_str()))));
        }
        let path = json_path::read(&argument).ok_or(Unrendered("no path into JSON"))?;
        let found = within(&self.input, &path);
        if *name == "path" {
            return Ok(Cow::Borrowed(found.unwrap_or(NOTHING)));
        }
        // What is not there is an empty text.
        let text = found.map_or_else(|| "\"\"".to_owned(), ToString::to_string);
        self.charge(text.len() / 32)?;
        Ok(Cow::Owned(text.into()))
    }

    /// A value of the query, else a header; all of both without a name. Only `$connect` has any.
    fn parameter(&self, name: Option<&str>) -> Value {
        let (query, headers) = (&self.event["queryStringParameters"], &self.event["headers"]);
        let Some(name) = name else {
            return json!({ "path": {}, "querystring": query, "header": headers });
        };
        let header = || {
            let mut fields = headers.as_object().into_iter().flatten();
            fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        query.get(name).or_else(header).cloned().unwrap_or_else(|| "".into())
    }

    fn set(&mut self, target: &Reference, value: Value) -> Result<(), Unrendered> {
        let steps = self.known(&target.steps)?;
        let Some((last, before)) = steps.split_last() else {
            self.variables.insert(target.name.clone(), value);
            return Ok(());
        };
        let arguments = match last {
            Known::Property(name) => vec![(*name).into(), value],
            Known::Place(place) => vec![place.clone(), value],
            Known::Method(..) => return Err(Unrendered("`#set` of a method's result")),
        };
        let indexed = matches!(last, Known::Place(place) if place.is_number());
        self.change(&target.name, before, if indexed { "set" } else { "put" }, arguments).map(|_| ())
    }

    /// Changes a variable, or a part of one, where it stands.
    fn change(
        &mut self,
        name: &str,
        path: &[Known<'_>],
        method: &str,
        arguments: Vec<Value>,
    ) -> Result<Value, Unrendered> {
        let Some(whole) = self.variables.get_mut(name) else { return Ok(Value::Null) };
        let mut on = &mut *whole;
        for step in path {
            let found = match step {
                Known::Property(key) => on.get_mut(*key),
                Known::Place(place) => match methods::place(Some(place)) {
                    Some(place) => on.get_mut(place),
                    None => on.get_mut(shown(Some(place))),
                },
                Known::Method(..) => None,
            };
            let Some(found) = found else { return Ok(Value::Null) };
            on = found;
        }
        let result = methods::change(on, method, arguments);
        // So that nothing grows deeper step by step.
        let heavy = weight(whole, DEEPEST * 8)?;
        self.charge(heavy / 16)?;
        Ok(result)
    }

    /// A new value, if there may be one so large.
    fn checked(&self, value: Value) -> Result<Value, Unrendered> {
        self.charge(weight(&value, DEEPEST * 8)?)?;
        Ok(value)
    }
}

fn part<'v>(on: &'v Value, step: &Known<'_>) -> Option<&'v Value> {
    match step {
        Known::Property(name) => on.get(*name),
        Known::Place(place) => match methods::place(Some(place)) {
            Some(at) if on.is_array() => on.get(at),
            _ => on.get(shown(Some(place))),
        },
        Known::Method(..) => None,
    }
}

/// How much a value is to copy; an error when it is nested deeper than `depth`.
fn weight(value: &Value, depth: usize) -> Result<usize, Unrendered> {
    let depth = depth.checked_sub(1).ok_or(Unrendered("a value is nested too deep"))?;
    Ok(match value {
        Value::String(text) => 1 + text.len() / 32,
        Value::Array(items) => items.iter().try_fold(1, |sum, item| Ok(sum + weight(item, depth)?))?,
        Value::Object(fields) => {
            fields.iter().try_fold(1, |sum, (key, value)| Ok(sum + 1 + key.len() / 32 + weight(value, depth)?))?
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    })
}
