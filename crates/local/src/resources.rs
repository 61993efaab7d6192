//! What a template declares beside functions and APIs, as far as an embedded service plays it.

use gateway::model::{Application, Resource};
use serde_json::Value;

use crate::aws::s3::Bucket;
use crate::aws::secrets_manager::Secret;

/// A table of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Properties of the `AWS::DynamoDB::Table`.
    pub properties: Value,
}

/// The tables of an application.
pub fn tables(application: &Application, stack_name: &str) -> Vec<Table> {
    named(application, stack_name, "AWS::DynamoDB::Table", "TableName")
        .map(|(name, resource)| Table { name, properties: resource.properties.clone() })
        .collect()
}

/// The buckets of an application.
pub fn buckets(application: &Application, stack_name: &str) -> Vec<Bucket> {
    named(application, stack_name, "AWS::S3::Bucket", "BucketName")
        .map(|(name, resource)| {
            let name = name.to_ascii_lowercase();
            Bucket { scanned: scanned(application, &name), name, properties: resource.properties.clone() }
        })
        .collect()
}

/// The beginnings of keys in a bucket that a plan has looked through for malware.
fn scanned(application: &Application, bucket: &str) -> Vec<String> {
    let plans =
        application.resources.values().filter(|resource| resource.kind == "AWS::GuardDuty::MalwareProtectionPlan");
    let protected = plans.map(|plan| &plan.properties["ProtectedResource"]["S3Bucket"]);
    let of_it = protected
        .filter(|protected| protected["BucketName"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(bucket)));
    let prefixes = of_it.flat_map(|protected| protected["ObjectPrefixes"].as_array().into_iter().flatten());
    prefixes.filter_map(|prefix| prefix.as_str().map(str::to_owned)).collect()
}

/// The secrets of an application that have a value in the template.
pub fn secrets(application: &Application, stack_name: &str) -> Vec<Secret> {
    named(application, stack_name, "AWS::SecretsManager::Secret", "Name")
        .filter_map(|(name, resource)| {
            Some(Secret { name, value: resource.properties["SecretString"].as_str()?.to_owned() })
        })
        .collect()
}

/// Resources of a kind with their names: the template's own, or as the gateway makes them (gateway fact T-05).
fn named<'a>(
    application: &'a Application,
    stack_name: &'a str,
    kind: &'a str,
    property: &'a str,
) -> impl Iterator<Item = (String, &'a Resource)> {
    application.resources.iter().filter(move |(_, resource)| resource.kind == kind).map(move |(id, resource)| {
        let given = resource.properties[property].as_str().map(str::to_owned);
        (given.unwrap_or_else(|| format!("{stack_name}-{}", id.replace('.', "-"))), resource)
    })
}
