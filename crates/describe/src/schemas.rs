//! Schemas of the types of `wire`, collected under their names.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::row::SchemaOf;
use crate::{Error, limits::Limits};

/// Where both documents keep them.
const PLACE: &str = "/components/schemas";

/// Collects schemas: of what is read and of what is written, since a field with a default may be missing in one and is
/// always there in the other.
pub(crate) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Schemas {
    /// In the dialect of OpenAPI 3.1.
    pub(crate) fn draft2020_12() -> Self {
        Self::new(&SchemaSettings::draft2020_12())
    }

    /// In the dialect of AsyncAPI 3.0.
    pub(crate) fn draft07() -> Self {
        Self::new(&SchemaSettings::draft07())
    }

    fn new(settings: &SchemaSettings) -> Self {
        let settings = settings.clone().with(|it| {
            it.definitions_path = PLACE.into();
            it.meta_schema = None;
            it.transforms.insert(0, Box::new(RecursiveTransform(tidy)));
        });
        Self {
            read: settings.clone().for_deserialize().into_generator(),
            written: settings.for_serialize().into_generator(),
        }
    }

    /// The schema of something that clients send; named types become references.
    pub(crate) fn read(&mut self, schema: SchemaOf) -> Value {
        tidied(&mut self.read, schema)
    }

    /// The schema of something that the server sends.
    pub(crate) fn written(&mut self, schema: SchemaOf) -> Value {
        tidied(&mut self.written, schema)
    }

    /// All named types that were referred to, by name, and within this deployment's limits.
    pub(crate) fn into_components(mut self, limits: &Limits) -> Result<Map<String, Value>, Error> {
        let mut all = Map::new();
        let written = self.written.take_definitions(true);
        for (name, schema) in self.read.take_definitions(true).into_iter().chain(written) {
            if all.get(&name).is_some_and(|other| *other != schema) {
                return Err(Error::SameName(name));
            }
            all.insert(name, schema);
        }
        limits.bound(&mut all)?;
        all.sort_keys();
        Ok(all)
    }
}

fn tidied(generator: &mut SchemaGenerator, schema: SchemaOf) -> Value {
    let mut schema = schema(generator);
    for transform in generator.transforms_mut() {
        transform.transform(&mut schema);
    }
    schema.into()
}

/// What readers of the documents need not see.
fn tidy(schema: &mut Schema) {
    // An absent field of a request has no value that a client could also write.
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    // The types refuse unknown fields so that tests are strict. Clients are told the opposite: answers may grow.
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        schema.remove("additionalProperties");
    }
    words(schema);
}

/// A choice of constants with a sentence each becomes a plain list of words, which tools read better, with the
/// sentences as its description.
fn words(schema: &mut Schema) {
    let Some(choices) = schema.get("oneOf").and_then(Value::as_array) else { return };
    let word = |choice: &Value| Some((choice.get("const")?.as_str()?.to_owned(), choice.get("description")?.clone()));
    let Some(words) = choices.iter().map(word).collect::<Option<Vec<_>>>() else { return };
    let meaning = |(word, meaning): &(String, Value)| format!("- `{word}`: {}", meaning.as_str().unwrap_or_default());
    let meanings = words.iter().map(meaning).collect::<Vec<_>>().join("\n");
    let sentence = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{sentence}\n\n{meanings}");
    let words: Vec<_> = words.into_iter().map(|(word, _)| word).collect();
    schema.remove("oneOf");
    schema.insert("type".into(), "string".into());
    schema.insert("description".into(), description.into());
    schema.insert("enum".into(), words.into());
}
