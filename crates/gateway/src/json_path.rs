//! Paths into JSON, as far as API Gateway's expressions and templates go: names and places in lists.

use serde_json::Value;

/// Reads `$`, `$.a.b` or `$.list[0].b`; `None` for what else JSON path has: wildcards, filters, recursive descent.
pub fn read(path: &str) -> Option<Vec<String>> {
    let keys = path.strip_prefix('$')?;
    if keys.is_empty() {
        return Some(Vec::new());
    }
    if keys.contains("..") || keys.contains(['*', '?', '(', '@']) {
        return None;
    }
    let mut read = Vec::new();
    let mut rest = keys;
    while !rest.is_empty() {
        let (key, after) = if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_once(']')?;
            let quoted = |quote: char| key.strip_prefix(quote).and_then(|key| key.strip_suffix(quote));
            (quoted('\'').or_else(|| quoted('"')).unwrap_or(key), after)
        } else {
            let inner = rest.strip_prefix('.')?;
            inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()))
        };
        if key.is_empty() {
            return None;
        }
        read.push(key.to_owned());
        rest = after;
    }
    Some(read)
}

/// What stands at a path, if anything does.
pub fn within<'v>(value: &'v Value, path: &[impl AsRef<str>]) -> Option<&'v Value> {
    path.iter().map(AsRef::as_ref).try_fold(value, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    })
}

/// A value as text: strings without quotes, nothing for null.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_places_are_followed_and_nothing_else_is_read() {
        let value = json!({"a": {"b": [1, {"c d": "two"}]}, "n": null});
        let table = [
            ("$", value.to_string()),
            ("$.a.b[0]", "1".to_owned()),
            ("$.a.b[1]['c d']", "two".to_owned()),
            ("$['a'][\"b\"][0]", "1".to_owned()),
            ("$.n", String::new()),
            ("$.a.b[2]", String::new()),
            ("$.none.b", String::new()),
        ];
        for (path, expected) in table {
            assert_eq!(shown(within(&value, &read(path).unwrap())), expected, "{path}");
        }
        for refused in ["", "a", "$a", "$..a", "$.a[*]", "$.a[?(@.b)]", "$.", "$.a[", "$.a[]"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
