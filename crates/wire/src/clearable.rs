//! A field of a change that can also be removed.

use std::borrow::Cow;

use domain::{Problem, Problems};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Field;

/// One field of a body that changes something: absent, `null` (remove it), given, or of the wrong type.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Clearable<T> {
    /// Not there: it stays as it is.
    #[default]
    Absent,
    /// `null`: it is removed.
    Cleared,
    /// There; whether it is of the right type shows when it is read.
    Present(Field<T>),
}

impl<T: JsonSchema> Clearable<T> {
    /// What is to be done: nothing, `Some(None)` to remove it, the parsed value otherwise; a note if it is there and
    /// wrong.
    pub fn allow<V>(
        self,
        problems: &mut Problems,
        name: &str,
        parse: impl FnOnce(T) -> Result<V, Problem>,
    ) -> Option<Option<V>> {
        match self {
            Self::Absent => None,
            Self::Cleared => Some(None),
            Self::Present(field) => field.allow(problems, name, parse).map(Some),
        }
    }

    /// Whether the client left it out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Clearable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Field::deserialize(deserializer)? {
            Field::Absent => Self::Cleared,
            field => Self::Present(field),
        })
    }
}

impl<T: Serialize> Serialize for Clearable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Present(field) => field.serialize(serializer),
            Self::Absent | Self::Cleared => serializer.serialize_none(),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Clearable<T> {
    fn inline_schema() -> bool {
        Option::<T>::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        name: Clearable<String>,
    }

    #[test]
    fn null_is_not_absent() {
        let read = |json| {
            let mut problems = Problems::new();
            let body: Body = serde_json::from_str(json).unwrap();
            (body.name.allow(&mut problems, "name", Ok), problems)
        };
        assert_eq!(read("{}").0, None);
        assert_eq!(read(r#"{"name": null}"#).0, Some(None));
        assert_eq!(read(r#"{"name": "a"}"#).0, Some(Some("a".to_owned())));
        assert_eq!(read(r#"{"name": 7}"#).1.0["name"], ["must be a string"]);
    }
}
