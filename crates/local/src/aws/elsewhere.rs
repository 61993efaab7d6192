//! AWS services that run elsewhere: LocalStack, or whatever else speaks for DynamoDB and S3 at one address. What the
//! template declares is made there; the layer of this account stands in front, as it does of the embedded services.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::delete_table::DeleteTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
};
use aws_sdk_s3::operation::create_bucket::CreateBucketError;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use http::Uri;
use serde_json::Value;

use super::account::Account;
use super::s3::Bucket;
use super::sdk;
use crate::resources::Table;

/// The secret of every access key there: LocalStack's.
pub(crate) const SECRET: &str = "test";

/// How long a table may take to appear or to go.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where the services are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    root: Uri,
}

/// Why services elsewhere cannot be used. Each is a sentence for the person who named the address.
#[derive(Debug, thiserror::Error)]
pub enum ElsewhereError {
    /// It is no `http://host:port`.
    #[error("{given} is no address of AWS services: http://, a host, and a port if it is not 80")]
    Address {
        /// What was given.
        given: String,
    },
    /// No answer, or a refusal.
    #[error("{service} at {address} cannot be used: {message}")]
    Service {
        /// Address.
        address: String,
        /// Name of the service.
        service: &'static str,
        /// What it says.
        message: String,
    },
    /// A table of that name is there, with other keys or indexes.
    #[error("table {table} at {address} has other keys or indexes than the template; start with --fresh to begin anew")]
    Different {
        /// Address.
        address: String,
        /// Table.
        table: String,
    },
}

impl Elsewhere {
    /// Services at `http://host:port`.
    pub fn parse(url: &str) -> Result<Self, ElsewhereError> {
        let wrong = || ElsewhereError::Address { given: url.to_owned() };
        let root: Uri = url.parse().map_err(|_| wrong())?;
        let plain = root.scheme_str() == Some("http") && root.host().is_some_and(|host| !host.is_empty());
        if plain && root.path() == "/" && root.query().is_none() { Ok(Self { root }) } else { Err(wrong()) }
    }

    /// `http://host:port/`.
    pub(crate) fn root(&self) -> Uri {
        self.root.clone()
    }

    /// Makes what is missing; `fresh` removes what is there first.
    pub(crate) async fn prepare(
        &self,
        account: &Account,
        tables: &[Table],
        buckets: &[Bucket],
        fresh: bool,
    ) -> Result<(), ElsewhereError> {
        let url = self.root.to_string();
        let urls = ["DYNAMODB", "S3"].map(|service| (format!("AWS_ENDPOINT_URL_{service}"), url.clone()));
        let config = sdk::config(account, "stack", BTreeMap::from(urls));
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        for table in tables {
            if fresh {
                remove_table(&dynamodb, &table.name).await.map_err(|message| self.refused("DynamoDB", message))?;
            }
            let made = make_table(&dynamodb, table).await.map_err(|message| self.refused("DynamoDB", message))?;
            if !made {
                return Err(ElsewhereError::Different { address: url, table: table.name.clone() });
            }
        }
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        for bucket in buckets {
            make_bucket(&s3, &bucket.name).await.map_err(|message| self.refused("S3", message))?;
            if fresh {
                empty_bucket(&s3, &bucket.name).await.map_err(|message| self.refused("S3", message))?;
            }
        }
        Ok(())
    }

    fn refused(&self, service: &'static str, message: String) -> ElsewhereError {
        ElsewhereError::Service { address: self.root.to_string(), service, message }
    }
}

impl std::fmt::Display for Elsewhere {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.root.to_string().trim_end_matches('/'))
    }
}

fn said(error: impl std::error::Error) -> String {
    DisplayErrorContext(error).to_string()
}

/// Makes the table unless it is there; whether it is then as the template has it.
async fn make_table(client: &aws_sdk_dynamodb::Client, table: &Table) -> Result<bool, String> {
    let properties = &table.properties;
    let keys = key_schema(properties).map_err(said)?;
    let indexes = indexes(properties).map_err(said)?;
    let mut create = client.create_table().table_name(&table.name).billing_mode(BillingMode::PayPerRequest);
    create = create
        .set_key_schema(Some(keys.clone()))
        .set_attribute_definitions(Some(attributes(properties).map_err(said)?));
    if !indexes.is_empty() {
        create = create.set_global_secondary_indexes(Some(indexes.clone()));
    }
    let stream = stream(properties).transpose().map_err(said)?;
    create = create.set_stream_specification(stream.clone());
    match create.send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {
            let described = client.describe_table().table_name(&table.name).send().await.map_err(said)?;
            let Some(existing) = described.table() else { return Ok(false) };
            let has = |wanted: &GlobalSecondaryIndex| {
                existing.global_secondary_indexes().iter().any(|index| {
                    index.index_name() == Some(wanted.index_name()) && index.key_schema() == wanted.key_schema()
                })
            };
            if existing.key_schema() != keys || !indexes.iter().all(has) {
                return Ok(false);
            }
            if stream.is_some() && existing.stream_specification().is_none_or(|stream| !stream.stream_enabled()) {
                let update = client.update_table().table_name(&table.name).set_stream_specification(stream);
                update.send().await.map_err(said)?;
                client.wait_until_table_exists().table_name(&table.name).wait(PATIENCE).await.map_err(said)?;
            }
            return Ok(true);
        }
        Err(error) => return Err(said(error)),
    }
    client.wait_until_table_exists().table_name(&table.name).wait(PATIENCE).await.map_err(said)?;
    if let Some(attribute) = properties["TimeToLiveSpecification"]["AttributeName"].as_str() {
        let expiry =
            TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute).build().map_err(said)?;
        let update = client.update_time_to_live().table_name(&table.name).time_to_live_specification(expiry);
        update.send().await.map_err(said)?;
    }
    Ok(true)
}

async fn remove_table(client: &aws_sdk_dynamodb::Client, name: &str) -> Result<(), String> {
    match client.delete_table().table_name(name).send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(DeleteTableError::is_resource_not_found_exception) => {
            return Ok(());
        }
        Err(error) => return Err(said(error)),
    }
    client.wait_until_table_not_exists().table_name(name).wait(PATIENCE).await.map_err(said)?;
    Ok(())
}

/// The stream of a table, if it is to have one.
fn stream(properties: &Value) -> Option<Result<StreamSpecification, BuildError>> {
    let view = StreamViewType::from(properties["StreamSpecification"]["StreamViewType"].as_str()?);
    Some(StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build())
}

fn attributes(properties: &Value) -> Result<Vec<AttributeDefinition>, BuildError> {
    list(&properties["AttributeDefinitions"])
        .map(|attribute| {
            AttributeDefinition::builder()
                .attribute_name(text(&attribute["AttributeName"]))
                .attribute_type(ScalarAttributeType::from(text(&attribute["AttributeType"])))
                .build()
        })
        .collect()
}

fn key_schema(of: &Value) -> Result<Vec<KeySchemaElement>, BuildError> {
    list(&of["KeySchema"])
        .map(|key| {
            KeySchemaElement::builder()
                .attribute_name(text(&key["AttributeName"]))
                .key_type(KeyType::from(text(&key["KeyType"])))
                .build()
        })
        .collect()
}

fn indexes(properties: &Value) -> Result<Vec<GlobalSecondaryIndex>, BuildError> {
    list(&properties["GlobalSecondaryIndexes"])
        .map(|index| {
            let kind = ProjectionType::from(text(&index["Projection"]["ProjectionType"]));
            let included =
                list(&index["Projection"]["NonKeyAttributes"]).map(|name| text(name).to_owned()).collect::<Vec<_>>();
            let projection = Projection::builder().projection_type(kind);
            let projection = projection.set_non_key_attributes((!included.is_empty()).then_some(included));
            GlobalSecondaryIndex::builder()
                .index_name(text(&index["IndexName"]))
                .set_key_schema(Some(key_schema(index)?))
                .projection(projection.build())
                .build()
        })
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

async fn make_bucket(client: &aws_sdk_s3::Client, name: &str) -> Result<(), String> {
    match client.create_bucket().bucket(name).send().await {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(CreateBucketError::is_bucket_already_owned_by_you) => Ok(()),
        Err(error) => Err(said(error)),
    }
}

async fn empty_bucket(client: &aws_sdk_s3::Client, name: &str) -> Result<(), String> {
    loop {
        let page = client.list_objects_v2().bucket(name).send().await.map_err(said)?;
        let keys = page.contents().iter().filter_map(|object| object.key());
        let objects: Result<Vec<_>, _> = keys.map(|key| ObjectIdentifier::builder().key(key).build()).collect();
        let objects = objects.map_err(said)?;
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(said)?;
        client.delete_objects().bucket(name).delete(delete).send().await.map_err(said)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_http_without_a_path() {
        for good in ["http://localhost:4566", "http://127.0.0.1:4566/", "http://localstack"] {
            assert!(Elsewhere::parse(good).is_ok(), "{good}");
        }
        for bad in ["localhost:4566", "https://localhost:4566", "http://", "http://localhost/path", "http://a b", ""] {
            assert!(matches!(Elsewhere::parse(bad), Err(ElsewhereError::Address { .. })), "{bad}");
        }
    }
}
