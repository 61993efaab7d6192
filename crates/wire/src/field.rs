//! A field of a request that may be wrong without hiding what else is wrong.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use domain::{Problem, Problems};

/// One field of a request body: absent, given, or of the wrong type. Reading a body never stops at a bad field, so an
/// answer can name all of them at once (contract, `VALIDATION_ERROR`). `null` counts as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Field<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, and of the right type.
    Given(T),
    /// There, but something else than it must be.
    Wrong,
}

impl<T: JsonSchema> Field<T> {
    /// The parsed value of a field that must be there; otherwise a note of what is wrong.
    pub fn require<V>(
        self,
        problems: &mut Problems,
        name: &str,
        parse: impl FnOnce(T) -> Result<V, Problem>,
    ) -> Option<V> {
        match self {
            Self::Absent => problems.check(name, Err(Problem::new("is required"))),
            present => present.allow(problems, name, parse),
        }
    }

    /// The parsed value of a field that may be absent; a note if it is there and wrong.
    pub fn allow<V>(
        self,
        problems: &mut Problems,
        name: &str,
        parse: impl FnOnce(T) -> Result<V, Problem>,
    ) -> Option<V> {
        match self {
            Self::Absent => None,
            Self::Given(value) => problems.check(name, parse(value)),
            Self::Wrong => problems.check(name, Err(Problem::new(format!("must be {}", type_words::<T>())))),
        }
    }

    /// Whether the client left it out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// The expected type in words, from the type's own schema.
fn type_words<T: JsonSchema>() -> &'static str {
    let schema = SchemaGenerator::default().into_root_schema_for::<T>();
    match schema.get("type").and_then(|kind| kind.as_str()) {
        Some("string") => "a string",
        Some("boolean") => "true or false",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("array") => "a list of strings",
        _ => "an object",
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any<T> {
            Null(()),
            Given(T),
            Wrong(serde::de::IgnoredAny),
        }
        Ok(match Any::deserialize(deserializer)? {
            Any::Null(()) => Self::Absent,
            Any::Given(value) => Self::Given(value),
            Any::Wrong(_) => Self::Wrong,
        })
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Given(value) => serializer.serialize_some(value),
            Self::Absent | Self::Wrong => serializer.serialize_none(),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        name: Field<String>,
        #[serde(default)]
        count: Field<u32>,
        #[serde(default)]
        ids: Field<Vec<String>>,
    }

    #[test]
    fn every_wrong_type_is_noted() {
        let body: Body = serde_json::from_str(r#"{"name": 7, "count": -1, "ids": [1]}"#).unwrap();
        let mut problems = Problems::new();
        body.name.require(&mut problems, "name", Ok);
        body.count.allow(&mut problems, "count", Ok);
        body.ids.require(&mut problems, "ids", Ok);
        assert_eq!(problems.0["name"], ["must be a string"]);
        assert_eq!(problems.0["count"], ["must be a whole number"]);
        assert_eq!(problems.0["ids"], ["must be a list of strings"]);
    }

    #[test]
    fn null_is_absent() {
        let body: Body = serde_json::from_str(r#"{"name": null}"#).unwrap();
        assert!(body.name.is_absent() && body.count.is_absent());
        let mut problems = Problems::new();
        assert_eq!(body.name.require(&mut problems, "name", Ok), None);
        assert_eq!(problems.0["name"], ["is required"]);
    }
}
