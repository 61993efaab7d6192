//! Methods of texts, lists, maps and numbers, by their names in Java.

use serde_json::Value;

use super::Unrendered;
use crate::json_path::shown;

/// Those that change what they are called on.
pub(super) const CHANGING: [&str; 6] = ["add", "addAll", "put", "putAll", "remove", "set"];

const READING: [&str; 24] = [
    "contains",
    "containsKey",
    "endsWith",
    "entrySet",
    "equals",
    "equalsIgnoreCase",
    "get",
    "getKey",
    "getValue",
    "indexOf",
    "isEmpty",
    "join",
    "keySet",
    "length",
    "replace",
    "replaceAll",
    "size",
    "split",
    "startsWith",
    "substring",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
];

pub(super) fn is_known(name: &str) -> bool {
    CHANGING.contains(&name) || READING.contains(&name) || name == "values"
}

/// What a method that changes nothing gives; null for what has no such method.
pub(super) fn call(on: &Value, name: &str, arguments: &[Value]) -> Result<Value, Unrendered> {
    let first = arguments.first();
    Ok(match (on, name) {
        (_, "toString") => shown(Some(on)).into(),
        (_, "equals") => (first == Some(on)).into(),
        (Value::String(text), _) => return of_text(text, name, arguments),
        (Value::Array(items), "size" | "length") => items.len().into(),
        (Value::Array(items), "isEmpty") => items.is_empty().into(),
        (Value::Array(items), "contains") => first.is_some_and(|item| items.contains(item)).into(),
        (Value::Array(items), "indexOf") => match items.iter().position(|item| Some(item) == first) {
            Some(place) => place.into(),
            None => (-1).into(),
        },
        (Value::Array(items), "get") => place(first).and_then(|at| items.get(at)).cloned().unwrap_or_default(),
        (Value::Array(items), "join") => {
            let texts: Vec<String> = items.iter().map(|item| shown(Some(item))).collect();
            texts.join(&shown(first)).into()
        }
        (Value::Object(fields), "size") => fields.len().into(),
        (Value::Object(fields), "isEmpty") => fields.is_empty().into(),
        (Value::Object(fields), "containsKey") => fields.contains_key(&shown(first)).into(),
        (Value::Object(fields), "get") => fields.get(&shown(first)).cloned().unwrap_or_default(),
        (Value::Object(fields), "keySet") => fields.keys().map(|key| Value::from(key.as_str())).collect(),
        (Value::Object(fields), "values") => fields.values().cloned().collect(),
        (Value::Object(fields), "entrySet") => {
            fields.iter().map(|(key, value)| serde_json::json!({ "key": key, "value": value })).collect()
        }
        (Value::Object(fields), "getKey") => fields.get("key").cloned().unwrap_or_default(),
        (Value::Object(fields), "getValue") => fields.get("value").cloned().unwrap_or_default(),
        _ => Value::Null,
    })
}

fn of_text(text: &str, name: &str, arguments: &[Value]) -> Result<Value, Unrendered> {
    let argument = |at: usize| shown(arguments.get(at));
    Ok(match name {
        "length" | "size" => text.chars().count().into(),
        "isEmpty" => text.is_empty().into(),
        "contains" => text.contains(&argument(0)).into(),
        "startsWith" => text.starts_with(&argument(0)).into(),
        "endsWith" => text.ends_with(&argument(0)).into(),
        "equalsIgnoreCase" => text.eq_ignore_ascii_case(&argument(0)).into(),
        "toLowerCase" => text.to_lowercase().into(),
        "toUpperCase" => text.to_uppercase().into(),
        "trim" => text.trim().into(),
        "indexOf" => match text.find(&argument(0)) {
            Some(at) => text[..at].chars().count().into(),
            None => (-1).into(),
        },
        "substring" => {
            let length = text.chars().count();
            let from = place(arguments.first()).filter(|from| *from <= length);
            let to = if arguments.len() > 1 { place(arguments.get(1)) } else { Some(length) };
            let (Some(from), Some(to)) = (from, to.filter(|to| *to <= length)) else {
                return Err(Unrendered("substring: outside the text"));
            };
            let taken = to.checked_sub(from).ok_or(Unrendered("substring: outside the text"))?;
            text.chars().skip(from).take(taken).collect::<String>().into()
        }
        "replace" => bounded(text, &argument(0), &argument(1), |from, to| text.replace(from, to))?,
        // The expressions that people use are Rust's as well.
        "replaceAll" => replaced(&regex(&argument(0))?, text, &argument(1))?.into(),
        "split" => regex(&argument(0))?.split(text).map(Value::from).collect(),
        _ => Value::Null,
    })
}

fn regex(pattern: &str) -> Result<regex_lite::Regex, Unrendered> {
    regex_lite::RegexBuilder::new(pattern)
        .size_limit(64 * 1024)
        .build()
        .map_err(|_| Unrendered("no regular expression"))
}

fn replaced(pattern: &regex_lite::Regex, text: &str, to: &str) -> Result<String, Unrendered> {
    let (mut replaced, mut end) = (String::new(), 0);
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        replaced += &text[end..whole.start()];
        found.expand(to, &mut replaced);
        end = whole.end();
        if replaced.len() > super::LARGEST {
            return Err(Unrendered("replaceAll: too large"));
        }
    }
    Ok(replaced + &text[end..])
}

fn bounded(text: &str, from: &str, to: &str, replace: impl Fn(&str, &str) -> String) -> Result<Value, Unrendered> {
    let found = text.matches(from).count();
    if found.saturating_mul(to.len()) > super::LARGEST {
        return Err(Unrendered("replace: too large"));
    }
    Ok(replace(from, to).into())
}

/// A place in a list or a text.
pub(super) fn place(value: Option<&Value>) -> Option<usize> {
    value?.as_u64().and_then(|place| usize::try_from(place).ok())
}

/// Calls a method that changes what it is called on; what it gives.
pub(super) fn change(on: &mut Value, name: &str, mut arguments: Vec<Value>) -> Value {
    match (on, name) {
        (Value::Array(items), "add") => {
            items.extend(arguments.pop());
            true.into()
        }
        (Value::Array(items), "addAll") => {
            if let Some(Value::Array(more)) = arguments.pop() {
                items.extend(more);
            }
            true.into()
        }
        (Value::Array(items), "set") => {
            let value = arguments.pop().unwrap_or_default();
            let item = place(arguments.first()).and_then(|at| items.get_mut(at));
            item.map(|item| std::mem::replace(item, value)).unwrap_or_default()
        }
        (Value::Array(items), "remove") => {
            let at = place(arguments.first()).filter(|at| *at < items.len());
            at.map(|at| items.remove(at)).unwrap_or_default()
        }
        (Value::Object(fields), "put") => {
            let value = arguments.pop().unwrap_or_default();
            fields.insert(shown(arguments.first()), value).unwrap_or_default()
        }
        (Value::Object(fields), "putAll") => {
            if let Some(Value::Object(more)) = arguments.pop() {
                fields.extend(more);
            }
            Value::Null
        }
        (Value::Object(fields), "remove") => fields.shift_remove(&shown(arguments.first())).unwrap_or_default(),
        _ => Value::Null,
    }
}
