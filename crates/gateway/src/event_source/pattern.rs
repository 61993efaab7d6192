//! EventBridge patterns, as event source mappings filter by them (gateway fact E-08).
//!
//! A pattern is an object like the event, with a list of allowed values or tests at each leaf. Every key has to match,
//! one entry of a list is enough, and `$or` holds alternatives.

use serde_json::{Map, Value};

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// What is below this key.
    Inner(String, Pattern),
    /// The value of this key is one of these.
    Leaf(String, Vec<Test>),
    /// `$or`.
    Any(Vec<Pattern>),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    Exists(bool),
    /// Bounds: operator and number.
    Numeric(Vec<(Comparison, f64)>),
    AnythingBut(Vec<Test>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// Reads a pattern; the error says where it is none.
    pub fn read(pattern: &Value) -> Result<Self, String> {
        let fields = pattern.as_object().filter(|fields| !fields.is_empty());
        fields.ok_or_else(|| "a pattern must be an object with at least one key".to_owned()).and_then(Self::of)
    }

    fn of(fields: &Map<String, Value>) -> Result<Self, String> {
        let part = |(key, value): (&String, &Value)| match value {
            Value::Array(patterns) if key == "$or" => {
                if patterns.len() < 2 {
                    return Err("`$or` needs at least two patterns".to_owned());
                }
                patterns.iter().map(Self::read).collect::<Result<_, _>>().map(Part::Any)
            }
            Value::Object(inner) if inner.is_empty() => Err(format!("`{key}`: an empty object matches nothing")),
            Value::Object(inner) => Ok(Part::Inner(key.clone(), Self::of(inner)?)),
            Value::Array(tests) if tests.is_empty() => Err(format!("`{key}`: an empty list matches nothing")),
            Value::Array(tests) => {
                let tests = tests.iter().map(read_test).collect::<Result<_, _>>();
                tests.map(|tests| Part::Leaf(key.clone(), tests)).map_err(|error| format!("`{key}`: {error}"))
            }
            _ => Err(format!("`{key}` must be an object or a list of allowed values")),
        };
        fields.iter().map(part).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an event matches.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.iter().all(|part| match part {
            Part::Inner(key, pattern) => match event.get(key) {
                Some(Value::Array(items)) => items.iter().any(|item| pattern.matches(item)),
                inner => pattern.matches(inner.unwrap_or(&Value::Null)),
            },
            Part::Leaf(key, tests) => tests.iter().any(|test| test.holds(event.get(key))),
            Part::Any(patterns) => patterns.iter().any(|pattern| pattern.matches(event)),
        })
    }
}

fn read_test(entry: &Value) -> Result<Test, String> {
    let Value::Object(fields) = entry else {
        return if entry.is_array() {
            Err("a list of allowed values cannot hold a list".to_owned())
        } else {
            Ok(Test::Equals(entry.clone()))
        };
    };
    let mut entries = fields.iter();
    let (Some((name, argument)), None) = (entries.next(), entries.next()) else {
        return Err("a test is an object with one key".to_owned());
    };
    let text = || argument.as_str().map(str::to_owned).ok_or_else(|| format!("`{name}` needs a string"));
    let folded = || match argument.get("equals-ignore-case") {
        Some(Value::String(text)) => Ok(Some(text.to_lowercase())),
        Some(_) => Err(format!("`{name}`: `equals-ignore-case` needs a string")),
        None => Ok(None),
    };
    match name.as_str() {
        "prefix" => match folded()? {
            Some(text) => Ok(Test::PrefixIgnoreCase(text)),
            None => text().map(Test::Prefix),
        },
        "suffix" => match folded()? {
            Some(text) => Ok(Test::SuffixIgnoreCase(text)),
            None => text().map(Test::Suffix),
        },
        "equals-ignore-case" => text().map(|text| Test::EqualsIgnoreCase(text.to_lowercase())),
        "exists" => argument.as_bool().map(Test::Exists).ok_or_else(|| "`exists` is true or false".to_owned()),
        "numeric" => numeric(argument),
        "anything-but" => anything_but(argument),
        other => Err(format!("`{other}` is no test of an event source mapping's filter")),
    }
}

fn numeric(argument: &Value) -> Result<Test, String> {
    let wrong = || "`numeric` needs one or two pairs of an operator and a number".to_owned();
    let list = argument.as_array().filter(|list| matches!(list.len(), 2 | 4)).ok_or_else(wrong)?;
    let bound = |pair: &[Value]| {
        let comparison = match pair.first()?.as_str()? {
            "=" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        Some((comparison, pair.get(1)?.as_f64()?))
    };
    let bounds: Option<Vec<_>> = list.chunks(2).map(bound).collect();
    bounds.map(Test::Numeric).ok_or_else(wrong)
}

fn anything_but(argument: &Value) -> Result<Test, String> {
    let several = match argument {
        Value::Object(fields) => {
            let Some((name, inner)) = fields.iter().next() else { return Err("`anything-but` is empty".to_owned()) };
            let each = match inner {
                Value::Array(list) => list.clone(),
                single => vec![single.clone()],
            };
            each.into_iter().map(|one| Value::Object(Map::from_iter([(name.clone(), one)]))).collect()
        }
        Value::Array(list) if list.is_empty() => return Err("`anything-but` is empty".to_owned()),
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    };
    several.iter().map(read_test).collect::<Result<_, _>>().map(Test::AnythingBut)
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            // Only leaves exist.
            (Self::Exists(wanted), value) => *wanted == value.is_some_and(|value| !value.is_object()),
            (_, Some(Value::Array(items))) => match self {
                Self::AnythingBut(_) => items.iter().all(|item| self.holds(Some(item))),
                _ => items.iter().any(|item| self.holds(Some(item))),
            },
            (_, None | Some(Value::Object(_))) => false,
            (_, Some(value)) => self.holds_for(value),
        }
    }

    fn holds_for(&self, value: &Value) -> bool {
        let text = value.as_str();
        let folded = || text.map(str::to_lowercase);
        match self {
            Self::Equals(expected) => match (expected.as_f64(), value.as_f64()) {
                (Some(expected), Some(value)) => expected.total_cmp(&value).is_eq(),
                _ => expected == value,
            },
            Self::EqualsIgnoreCase(expected) => folded().is_some_and(|text| text == *expected),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::PrefixIgnoreCase(prefix) => folded().is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::SuffixIgnoreCase(suffix) => folded().is_some_and(|text| text.ends_with(suffix)),
            Self::Numeric(bounds) => {
                // DynamoDB writes its numbers as strings.
                let number = value.as_f64().or_else(|| text?.parse().ok());
                number.is_some_and(|number| bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound)))
            }
            Self::AnythingBut(tests) => !tests.iter().any(|test| test.holds_for(value)),
            Self::Exists(_) => false,
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number.total_cmp(&bound).is_eq(),
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(pattern: &Value, event: &Value) -> bool {
        Pattern::read(pattern).unwrap().matches(event)
    }

    #[test]
    fn e_08_every_test_of_the_pattern_language() {
        let event = json!({
            "eventName": "INSERT",
            "dynamodb": {"Keys": {"pk": {"S": "user#7"}}, "NewImage": {
                "name": {"S": "Grüße.TXT"}, "age": {"N": "41.5"}, "gone": {"NULL": true}, "tags": {"SS": ["a", "b"]},
                "empty": {"S": ""}, "count": 3,
            }},
        });
        let image = |key: &str, tests: Value| json!({"dynamodb": {"NewImage": {key: tests}}});
        let holds = [
            json!({"eventName": ["INSERT", "MODIFY"]}),
            image("name", json!({"S": [{"prefix": "Gr"}]})),
            image("name", json!({"S": [{"suffix": ".TXT"}]})),
            image("name", json!({"S": [{"suffix": {"equals-ignore-case": ".txt"}}]})),
            image("name", json!({"S": [{"prefix": {"equals-ignore-case": "grÜ"}}]})),
            image("name", json!({"S": [{"equals-ignore-case": "grüsse.txt"}, {"equals-ignore-case": "grüße.txt"}]})),
            image("age", json!({"N": [{"numeric": [">", 40, "<=", 41.5]}]})),
            image("age", json!({"N": ["41.5"]})),
            image("count", json!([3])),
            image("count", json!([{"numeric": ["=", 3.0]}])),
            image("gone", json!({"NULL": [true]})),
            image("empty", json!({"S": [""]})),
            image("tags", json!({"SS": ["b", "z"]})),
            image("tags", json!({"SS": [{"anything-but": ["x"]}]})),
            image("name", json!({"S": [{"anything-but": ["x", "y"]}]})),
            image("name", json!({"S": [{"anything-but": {"prefix": "x"}}]})),
            image("name", json!({"S": [{"exists": true}]})),
            image("other", json!({"S": [{"exists": false}]})),
            image("other", json!([{"exists": false}])),
            json!({"$or": [{"eventName": ["REMOVE"]}, {"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "user#"}]}}}}]}),
        ];
        for pattern in holds {
            assert!(matches(&pattern, &event), "{pattern}");
        }
        let does_not = [
            json!({"eventName": ["insert"]}),
            json!({"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": ["user#8"]}}}}),
            image("age", json!({"N": [{"numeric": [">", 41.5]}]})),
            image("age", json!({"N": [41.5]})),
            image("name", json!({"S": [{"exists": false}]})),
            image("name", json!([{"exists": true}])),
            image("other", json!({"S": [{"anything-but": ["x"]}]})),
            image("tags", json!({"SS": [{"anything-but": ["a"]}]})),
            image("name", json!({"S": [{"anything-but": {"suffix": ["x", ".TXT"]}}]})),
            image("name", json!({"S": [{"numeric": ["=", 1]}]})),
            image("gone", json!({"NULL": [null]})),
            json!({"$or": [{"eventName": ["REMOVE"]}, {"eventName": ["MODIFY"]}]}),
        ];
        for pattern in does_not {
            assert!(!matches(&pattern, &event), "{pattern}");
        }
    }

    #[test]
    fn e_08_what_is_no_pattern_is_told() {
        let wrong = [
            (json!([]), "a pattern must be an object with at least one key"),
            (json!({}), "a pattern must be an object with at least one key"),
            (json!({"a": "b"}), "`a` must be an object or a list of allowed values"),
            (json!({"a": []}), "`a`: an empty list matches nothing"),
            (json!({"a": {"b": {}}}), "`b`: an empty object matches nothing"),
            (json!({"a": [["b"]]}), "`a`: a list of allowed values cannot hold a list"),
            (json!({"a": [{"prefix": 1}]}), "`a`: `prefix` needs a string"),
            (json!({"a": [{"cidr": "10.0.0.0/8"}]}), "`a`: `cidr` is no test of an event source mapping's filter"),
            (json!({"a": [{"numeric": [">"]}]}), "`a`: `numeric` needs one or two pairs of an operator and a number"),
            (json!({"a": [{"exists": "yes"}]}), "`a`: `exists` is true or false"),
            (json!({"$or": [{"a": ["b"]}]}), "`$or` needs at least two patterns"),
        ];
        for (pattern, message) in wrong {
            assert_eq!(Pattern::read(&pattern), Err(message.to_owned()), "{pattern}");
        }
    }
}
