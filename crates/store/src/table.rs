//! Calls that every entity makes in the same way.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, KeysAndAttributes, Put, ReturnConsumedCapacity, ReturnValue, TransactWriteItem,
    WriteRequest,
};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::keys::Key;

/// An item as DynamoDB gives it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// How often a write that meets a transaction is tried.
const CONFLICTS: u32 = 6;
/// Keys that fit into one `BatchGetItem`.
const BATCH: usize = 100;

/// Whether a read must see every write before it, for twice the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// Sees every write that was acknowledged before: what may be done depends on it.
    Strong,
    /// May miss the last second: what is only shown.
    Eventual,
}

/// The table and the client that reaches it. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
}

impl Table {
    /// The table of this name.
    pub fn new(client: Client, name: impl Into<Arc<str>>) -> Self {
        Self { client, name: name.into() }
    }

    /// The SDK client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One record by its key. 0.5 read units for each 4 KB, 1 with [`Consistency::Strong`].
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<T>, StoreError> {
        self.get_item(key, consistency).await?.map(decode).transpose()
    }

    /// One item by its key, for the same price.
    pub(crate) async fn get_item(&self, key: &Key, consistency: Consistency) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.name())
            .set_key(Some(attributes(key)))
            .consistent_read(consistency == Consistency::Strong)
            .send()
            .await
            .map_err(StoreError::unavailable("GetItem"))?;
        Ok(answer.item)
    }

    /// Items by their keys, a hundred a call, all calls at once; what the service leaves over is asked for again.
    /// Equal keys are asked for once; what does not exist is not in the answer.
    pub(crate) async fn get_items(
        &self,
        mut keys: Vec<Key>,
        consistency: Consistency,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        keys.sort();
        keys.dedup();
        let batches = keys.chunks(BATCH).map(|batch| self.get_batch(batch, consistency));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    async fn get_batch(&self, keys: &[Key], consistency: Consistency) -> Result<Vec<(Key, Item)>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut wanted: Vec<Item> = keys.iter().map(attributes).collect();
        for attempt in 0..8_u32 {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(consistency == Consistency::Strong)
                .build()
                .map_err(StoreError::unreadable)?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(self.name(), request)
                .send()
                .await
                .map_err(StoreError::unavailable("BatchGetItem"))?;
            for item in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                found.push((key_of(&item)?, item));
            }
            wanted =
                answer.unprocessed_keys.into_iter().flat_map(HashMap::into_values).flat_map(|left| left.keys).collect();
            if wanted.is_empty() {
                return Ok(found);
            }
        }
        Err(StoreError::Unprocessed("BatchGetItem"))
    }

    /// Items by a condition on their keys, page after page, until there are no more or at least `most` are found
    /// (`usize::MAX` for all).
    pub(crate) async fn query_all(
        &self,
        most: usize,
        build: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let (items, next) = self.query_page(most.saturating_sub(found.len()), start, &build).await?;
            found.extend(items);
            start = next;
            if start.is_none() || found.len() >= most {
                return Ok(found);
            }
        }
    }

    /// One page of such items, from behind a key on, and the key where the next one goes on, if there may be more.
    pub(crate) async fn query_page(
        &self,
        most: usize,
        start: Option<Item>,
        build: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let Measured { items, next, .. } = self.query_measured(most, start, build).await?;
        Ok((items, next))
    }

    /// The same, with the read units that it took: for who reads within a budget.
    pub(crate) async fn query_measured(
        &self,
        most: usize,
        start: Option<Item>,
        build: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<Measured, StoreError> {
        let query = self.client.query().table_name(self.name()).set_limit(i32::try_from(most).ok());
        let query = query.set_exclusive_start_key(start).return_consumed_capacity(ReturnConsumedCapacity::Total);
        let page = build(query).send().await.map_err(StoreError::unavailable("Query"))?;
        let units = page.consumed_capacity().and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
        Ok(Measured { items: page.items.unwrap_or_default(), next: page.last_evaluated_key, units })
    }

    /// One update; the whole item after it, nothing if its condition does not hold. A transaction that has its hands on
    /// the item right now is waited for.
    pub(crate) async fn update(
        &self,
        key: &Key,
        build: impl Fn(UpdateItemFluentBuilder) -> UpdateItemFluentBuilder,
    ) -> Result<Option<Item>, StoreError> {
        for attempt in 0..CONFLICTS {
            let update = self.client.update_item().table_name(self.name()).set_key(Some(attributes(key)));
            let error = match build(update.return_values(ReturnValue::AllNew)).send().await {
                Ok(answer) => return Ok(answer.attributes),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => return Ok(None),
                Some(UpdateItemError::TransactionConflictException(_)) => pause(attempt).await,
                _ => return Err(StoreError::unavailable("UpdateItem")(error)),
            }
        }
        Err(StoreError::Unprocessed("UpdateItem"))
    }

    /// Writes all of these or none. Another transaction that has its hands on one of the items is waited for.
    pub(crate) async fn write_all(&self, items: &[TransactWriteItem]) -> Result<Written, StoreError> {
        for attempt in 0..CONFLICTS {
            let transaction = self.client.transact_write_items().set_transact_items(Some(items.to_vec()));
            let Err(error) = transaction.send().await else { return Ok(Written::Done) };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
                return Err(StoreError::unavailable("TransactWriteItems")(error));
            };
            let reasons = canceled.cancellation_reasons();
            if let Some(first) = reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                return Ok(Written::Unmet(first));
            }
            if !reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) {
                return Err(StoreError::unavailable("TransactWriteItems")(error));
            }
            pause(attempt).await;
        }
        Err(StoreError::Unprocessed("TransactWriteItems"))
    }

    /// Writes many items, each for itself, 25 a call; what the service leaves over is written again.
    pub(crate) async fn write_many(&self, writes: Vec<WriteRequest>) -> Result<(), StoreError> {
        for batch in writes.chunks(25) {
            let mut left = batch.to_vec();
            for attempt in 0..8_u32 {
                if attempt > 0 {
                    tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
                }
                let answer = self
                    .client
                    .batch_write_item()
                    .request_items(self.name(), left)
                    .send()
                    .await
                    .map_err(StoreError::unavailable("BatchWriteItem"))?;
                left = answer.unprocessed_items.into_iter().flat_map(HashMap::into_values).flatten().collect();
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                return Err(StoreError::Unprocessed("BatchWriteItem"));
            }
        }
        Ok(())
    }

    /// Deletes one item, if it is there. 1 write unit for each KB.
    pub(crate) async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(self.name()).set_key(Some(attributes(key)));
        delete.send().await.map(drop).map_err(StoreError::unavailable("DeleteItem"))
    }

    /// A part of a transaction: puts an item where there is none yet.
    pub(crate) fn put_new(&self, item: Item) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(self.name())
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .map_err(StoreError::unreadable)
    }
}

/// One page of items, and what it cost.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The items.
    pub(crate) items: Vec<Item>,
    /// The key where the next page goes on, if there may be more.
    pub(crate) next: Option<Item>,
    /// Read units.
    pub(crate) units: f64,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Everything is written.
    Done,
    /// Nothing is written: the condition of the part at this place does not hold.
    Unmet(usize),
}

/// The wait after a conflict: longer each time, 1.3 seconds in all.
async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
}

/// The key as attributes.
pub(crate) fn attributes(key: &Key) -> Item {
    HashMap::from([("PK".to_owned(), text(&key.pk)), ("SK".to_owned(), text(&key.sk))])
}

/// A record with its key as an item.
pub(crate) fn encode(key: &Key, record: &impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(StoreError::unreadable)?;
    item.extend(attributes(key));
    Ok(item)
}

/// The record in an item.
pub(crate) fn decode<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::unreadable)
}

/// The records in items.
pub(crate) fn decode_all<T: DeserializeOwned>(items: Vec<Item>) -> Result<Vec<T>, StoreError> {
    items.into_iter().map(decode).collect()
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn key_of(item: &Item) -> Result<Key, StoreError> {
    let part = |name: &str| match item.get(name) {
        Some(AttributeValue::S(value)) => Ok(value.clone()),
        _ => Err(StoreError::unreadable(format!("an item without {name}"))),
    };
    Ok(Key { pk: part("PK")?, sk: part("SK")? })
}
