//! What references stand for, and what changes where they point.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::evaluate::Renderer;
use super::syntax::{Reference, Step};
use super::{DEEPEST, Unrendered, methods, util};
use crate::json_path::{self, shown, within};

const NOTHING: &Value = &Value::Null;

/// A step of a reference whose arguments are known.
enum Known<'t> {
    Property(&'t str),
    Method(&'t str, Vec<Value>),
    Place(Value),
}

impl Renderer<'_> {
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

    pub(super) fn reference(&mut self, reference: &Reference) -> Result<Value, Unrendered> {
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

    pub(super) fn set(&mut self, target: &Reference, value: Value) -> Result<(), Unrendered> {
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
    pub(super) fn checked(&self, value: Value) -> Result<Value, Unrendered> {
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
