//! Sign-ins at a provider that a browser has begun and not finished.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::table::{Table, attributes, decode, encode, number, text};

/// What has to be known when the browser comes back from the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowRecord {
    /// SHA-256 of what the browser was given to keep, in hex.
    pub browser_hash: String,
    /// What proves that the code is asked for by who began (PKCE).
    pub code_verifier: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// Until when the browser may come back, in milliseconds since the epoch.
    pub valid_until: i64,
    /// When it goes, in seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
}

/// Keeps a flow under the hash of its state. 1 write unit.
pub async fn put(table: &Table, hash: &str, flow: &FlowRecord) -> Result<(), StoreError> {
    let item = encode(&keys::sign_in_flow(hash), flow)?;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(item));
    put.send().await.map(drop).map_err(StoreError::unavailable("PutItem"))
}

/// Takes a flow, once, for the browser that began it and in time; nothing otherwise. 1 write unit.
pub async fn take(
    table: &Table,
    hash: &str,
    browser_hash: &str,
    now: Timestamp,
) -> Result<Option<FlowRecord>, StoreError> {
    let answer = table
        .client()
        .delete_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::sign_in_flow(hash))))
        .condition_expression("validUntil > :now AND browserHash = :browser")
        .expression_attribute_values(":now", number(now.millis()))
        .expression_attribute_values(":browser", text(browser_hash))
        .return_values(ReturnValue::AllOld)
        .send()
        .await;
    match answer {
        Ok(answer) => answer.attributes.map(decode).transpose(),
        Err(error) => match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(None),
            _ => Err(StoreError::unavailable("DeleteItem")(error)),
        },
    }
}
