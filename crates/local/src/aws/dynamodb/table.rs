//! From the properties of an `AWS::DynamoDB::Table` to a table.

use dynoxide::{Database, DynoxideError};
use serde_json::{Map, Value, json};

/// Why a table could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The properties are not those of a table.
    #[error("table {table}: {message}")]
    Properties {
        /// Table.
        table: String,
        /// What is wrong.
        message: String,
    },
    /// A table of that name is there, with other keys or indexes.
    #[error("table {0} exists with other keys or indexes than the template gives it; start with --fresh to begin anew")]
    Different(String),
    /// The database refused.
    #[error("table {table}: {source}")]
    Database {
        /// Table.
        table: String,
        /// Why.
        source: Box<DynoxideError>,
    },
}

/// Properties that `CreateTable` takes under the same name and in the same form.
const AS_THEY_ARE: [&str; 6] = [
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
];

pub(super) fn create(database: &Database, name: &str, properties: &Value) -> Result<(), TableError> {
    let refused = |source| TableError::Database { table: name.to_owned(), source: Box::new(source) };
    let create = request(name, properties);
    if let Some(existing) = describe(database, name).map_err(refused)? {
        return if same(&create, &existing) { Ok(()) } else { Err(TableError::Different(name.to_owned())) };
    }
    let malformed = |error: serde_json::Error| TableError::Properties {
        table: name.to_owned(),
        message: error.to_string().replace("VALIDATION:", ""),
    };
    database.create_table(serde_json::from_value(create).map_err(malformed)?).map_err(refused)?;
    if let Some(ttl) = properties.get("TimeToLiveSpecification") {
        let update = json!({ "TableName": name, "TimeToLiveSpecification": ttl });
        database.update_time_to_live(serde_json::from_value(update).map_err(malformed)?).map_err(refused)?;
    }
    Ok(())
}

/// The `CreateTable` request. What only matters in a data centre (recovery, encryption, tags) is left out.
fn request(name: &str, properties: &Value) -> Value {
    let mut request = Map::new();
    request.insert("TableName".to_owned(), name.into());
    for property in AS_THEY_ARE {
        if let Some(value) = properties.get(property) {
            request.insert(property.to_owned(), value.clone());
        }
    }
    if let Some(view) = properties["StreamSpecification"].get("StreamViewType") {
        let stream = json!({ "StreamEnabled": true, "StreamViewType": view });
        request.insert("StreamSpecification".to_owned(), stream);
    }
    Value::Object(request)
}

fn describe(database: &Database, name: &str) -> Result<Option<Value>, DynoxideError> {
    let request = serde_json::from_value(json!({ "TableName": name }))
        .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
    match database.describe_table(request) {
        Ok(found) => Ok(Some(serde_json::to_value(found).unwrap_or_default()["Table"].take())),
        Err(DynoxideError::ResourceNotFoundException(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether keys and indexes are the same; order of attributes and of indexes means nothing.
fn same(wanted: &Value, existing: &Value) -> bool {
    let indexes = |table: &Value, kind: &str| {
        let mut indexes: Vec<_> = table[kind].as_array().into_iter().flatten().map(index).collect();
        indexes.sort();
        indexes
    };
    wanted["KeySchema"] == existing["KeySchema"]
        && ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
            .iter()
            .all(|kind| indexes(wanted, kind) == indexes(existing, kind))
}

fn index(index: &Value) -> (String, String, String) {
    let projection = index["Projection"]["ProjectionType"].as_str().unwrap_or_default();
    (index["IndexName"].as_str().unwrap_or_default().to_owned(), index["KeySchema"].to_string(), projection.to_owned())
}
