//! Route keys of HTTP APIs: which are allowed, and which are the same to the gateway (gateway facts H-04, H-05, H-08).

use std::collections::BTreeSet;

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Why a text is no route key of an HTTP API: `$default`, or a method and a path (gateway facts H-04, H-05, H-08).
pub(super) fn check_key(key: &str) -> Result<(), String> {
    if key == "$default" {
        return Ok(());
    }
    let Some((method, path)) = key.split_once(' ') else {
        return Err(format!("`{key}` is no route key: it must be `$default`, or a method and a path"));
    };
    if !METHODS.contains(&method) {
        return Err(format!("unknown method `{method}`; it must be one of {}", METHODS.join(", ")));
    }
    let Some(inner) = path.strip_prefix('/') else {
        return Err(format!("the path `{path}` must begin with `/`"));
    };
    if inner.is_empty() {
        return Ok(());
    }
    if inner.ends_with('/') {
        return Err(format!("the path `{path}` must not end with `/`"));
    }
    let mut names = BTreeSet::new();
    let segments: Vec<&str> = inner.split('/').collect();
    for (position, segment) in segments.iter().enumerate() {
        let Some(variable) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            if segment.contains(['{', '}']) {
                return Err(format!("malformed braces in `{path}`: a variable is a whole segment, `{{name}}`"));
            }
            if segment.is_empty() || segment.contains(char::is_whitespace) {
                return Err(format!("the path `{path}` has an empty segment or a space"));
            }
            continue;
        };
        let name = variable.strip_suffix('+').unwrap_or(variable);
        if name.is_empty() || name.contains(|c: char| !c.is_ascii_alphanumeric() && !"._-$:".contains(c)) {
            return Err(format!("malformed braces in `{path}`: `{segment}` is no variable"));
        }
        if variable.ends_with('+') && position + 1 < segments.len() {
            return Err(format!("the greedy variable `{segment}` of `{path}` must be the last segment"));
        }
        if !names.insert(name) {
            return Err(format!("the variable `{name}` stands twice in `{path}`"));
        }
    }
    Ok(())
}

/// A route key without the names of its variables: routes of the same shape are the same route to the gateway.
pub(super) fn shape(key: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{') {
        Some(variable) if variable.ends_with("+}") => "{+}".to_owned(),
        Some(_) => "{}".to_owned(),
        None => segment.to_owned(),
    };
    key.split('/').map(segment).collect::<Vec<_>>().join("/")
}
