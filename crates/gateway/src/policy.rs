//! IAM policies as pure code: which statement covers which action on which resource.
//!
//! Serves the policies that REQUEST authorizers return (gateway facts A-03, W-42) and the comparison of the actions
//! that a function used with the statements of its template. Conditions are taken as met: nothing here knows the
//! request context they ask for.

use serde_json::Value;

use crate::model::Statement;

/// What a set of statements says about one action on one resource (gateway fact W-42 tells the two denials apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allow,
    /// A `Deny` statement covers it; no `Allow` can change that.
    ExplicitDeny,
    /// No statement covers it.
    ImplicitDeny,
}

/// A policy document that IAM would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed policy: {0}")]
pub struct MalformedPolicy(pub String);

/// Decides by IAM's rules: an explicit deny wins, then an allow, else denied.
pub fn decide(statements: &[Statement], action: &str, resource: &str) -> Decision {
    let mut decision = Decision::ImplicitDeny;
    for statement in statements.iter().filter(|statement| covers(statement, action, resource)) {
        if !statement.allow {
            return Decision::ExplicitDeny;
        }
        decision = Decision::Allow;
    }
    decision
}

/// Whether the statements allow an action such as `dynamodb:PutItem` on a resource ARN.
pub fn allows(statements: &[Statement], action: &str, resource: &str) -> bool {
    decide(statements, action, resource) == Decision::Allow
}

/// Whether one statement, allowing or denying, covers an action on a resource.
pub fn covers(statement: &Statement, action: &str, resource: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let names = |pattern: &String| matches(&pattern.to_ascii_lowercase(), &action);
    let acts = if statement.actions.is_empty() {
        !statement.not_actions.is_empty() && !statement.not_actions.iter().any(names)
    } else {
        statement.actions.iter().any(names)
    };
    let lies = |pattern: &String| matches(pattern, resource);
    acts && if statement.resources.is_empty() {
        !statement.not_resources.is_empty() && !statement.not_resources.iter().any(lies)
    } else {
        statement.resources.iter().any(lies)
    }
}

/// Whether a pattern with `*` (any run of characters, also none) and `?` (exactly one) matches the whole text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where to go on when the last `*` has to swallow one character more.
    let mut retry: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                retry = Some((at + 1, read));
                at += 1;
            }
            Some(&expected) if expected == '?' || expected == text[read] => {
                at += 1;
                read += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    at = after;
                    read = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

/// Reads the statements of a policy document `{"Version": …, "Statement": {…} | […]}`.
///
/// Fails when there is no statement, or one lacks a valid `Effect`, an action or a resource.
pub fn statements(document: &Value) -> Result<Vec<Statement>, MalformedPolicy> {
    match document.get("Statement") {
        Some(Value::Array(list)) if !list.is_empty() => list.iter().map(statement).collect(),
        Some(single @ Value::Object(_)) => Ok(vec![statement(single)?]),
        _ => Err(MalformedPolicy("`Statement` is missing or empty".into())),
    }
}

/// Reads one statement from JSON; key names are exact, as in IAM.
pub fn statement(value: &Value) -> Result<Statement, MalformedPolicy> {
    let fields = value.as_object().ok_or_else(|| MalformedPolicy("a statement must be an object".into()))?;
    let allow = match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err(MalformedPolicy("`Effect` must be `Allow` or `Deny`".into())),
    };
    let read = |key: &str| strings(key, fields.get(key));
    let statement = Statement {
        sid: fields.get("Sid").and_then(Value::as_str).map(str::to_owned),
        allow,
        actions: read("Action")?,
        not_actions: read("NotAction")?,
        resources: read("Resource")?,
        not_resources: read("NotResource")?,
        condition: fields.get("Condition").cloned().unwrap_or(Value::Null),
    };
    exactly_one("Action", &statement.actions, &statement.not_actions)?;
    exactly_one("Resource", &statement.resources, &statement.not_resources)?;
    Ok(statement)
}

fn exactly_one(key: &str, plain: &[String], negated: &[String]) -> Result<(), MalformedPolicy> {
    if plain.is_empty() == negated.is_empty() {
        return Err(MalformedPolicy(format!("a statement needs either `{key}` or `Not{key}`")));
    }
    Ok(())
}

fn strings(key: &str, value: Option<&Value>) -> Result<Vec<String>, MalformedPolicy> {
    let wrong = || MalformedPolicy(format!("`{key}` must be a string or a list of strings"));
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(single)) => Ok(vec![single.clone()]),
        Some(Value::Array(list)) => {
            list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    #[test]
    fn wildcards() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b", true),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false),
            ("é?", "éü", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn many_stars_take_no_long_time() {
        assert!(!matches(&"*a".repeat(60), &"a".repeat(59)));
        assert!(matches(&"*a".repeat(60), &"a".repeat(5_000)));
    }

    #[test]
    fn an_explicit_deny_wins_whatever_the_order() {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/dev/$connect"},
            {"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"},
        ]});
        let mut policy = statements(&document).unwrap();
        let connect = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect";
        assert_eq!(decide(&policy, "execute-api:Invoke", connect), Decision::ExplicitDeny);
        policy.reverse();
        assert_eq!(decide(&policy, "execute-api:Invoke", connect), Decision::ExplicitDeny);
        assert_eq!(decide(&policy, "EXECUTE-API:invoke", "arn:x"), Decision::Allow);
        assert_eq!(decide(&policy, "dynamodb:PutItem", "arn:x"), Decision::ImplicitDeny);
        assert!(!allows(&[], "execute-api:Invoke", connect));
    }

    #[test]
    fn resources_are_case_sensitive() {
        let policy =
            statements(&json!({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:B/*"}}))
                .unwrap();
        assert!(allows(&policy, "S3:getobject", "arn:B/k"));
        assert!(!allows(&policy, "s3:GetObject", "arn:b/k"));
    }

    #[test]
    fn negated_lists_cover_the_rest() {
        let policy = statements(&json!({"Statement": [
            {"Effect": "Allow", "NotAction": ["iam:*"], "NotResource": "arn:secret"},
        ]}))
        .unwrap();
        assert!(allows(&policy, "s3:GetObject", "arn:open"));
        assert!(!allows(&policy, "IAM:CreateUser", "arn:open"));
        assert!(!allows(&policy, "s3:GetObject", "arn:secret"));
    }

    #[test]
    fn malformed_documents_are_told() {
        let cases = [
            (json!({}), "malformed policy: `Statement` is missing or empty"),
            (json!({"Statement": []}), "malformed policy: `Statement` is missing or empty"),
            (json!({"Statement": [1]}), "malformed policy: a statement must be an object"),
            (json!({"Statement": [{"Effect": "allow"}]}), "malformed policy: `Effect` must be `Allow` or `Deny`"),
            (
                json!({"Statement": [{"Effect": "Allow", "Resource": "*"}]}),
                "malformed policy: a statement needs either `Action` or `NotAction`",
            ),
            (
                json!({"Statement": [{"Effect": "Allow", "Action": 1, "Resource": "*"}]}),
                "malformed policy: `Action` must be a string or a list of strings",
            ),
        ];
        for (document, message) in cases {
            assert_eq!(statements(&document).unwrap_err().to_string(), message);
        }
    }
}
