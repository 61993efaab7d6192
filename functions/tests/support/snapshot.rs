//! The whole table at a moment: to see what was written, and to take it back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use super::Bench;

type Item = HashMap<String, AttributeValue>;

/// Every item of the table, by its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot(BTreeMap<(String, String), Item>);

impl Snapshot {
    /// Keys of what is not the same in both, but for counts of use, and for what has expired: that goes by itself.
    pub fn changes(&self, later: &Self) -> Vec<String> {
        let now = super::now().seconds();
        let has_expired = |item: &Item| {
            let end = item.get("expiresAt").and_then(|end| end.as_n().ok()?.parse::<i64>().ok());
            end.is_some_and(|end| end <= now)
        };
        let all = self.0.keys().chain(later.0.keys()).collect::<BTreeSet<_>>().into_iter();
        let changed = all.filter(|(pk, sk)| !pk.starts_with("RATE#") && sk != "ACCESS").filter(|key| {
            let (before, after) = (self.0.get(*key), later.0.get(*key));
            before != after && !before.is_some_and(has_expired)
        });
        changed.map(|(pk, sk)| format!("{pk} {sk}")).collect()
    }
}

impl Bench {
    /// Everything that is in the table.
    pub async fn snapshot(&self) -> Snapshot {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).consistent_read(true).into_paginator().items().send();
        let items: Vec<Item> = scan.collect::<Result<_, _>>().await.unwrap();
        let part = |item: &Item, name: &str| item[name].as_s().unwrap().clone();
        Snapshot(items.into_iter().map(|item| ((part(&item, "PK"), part(&item, "SK")), item)).collect())
    }

    /// Makes the table what it was.
    pub async fn restore(&self, then: &Snapshot) {
        self.change_back(&self.snapshot().await, then).await;
    }

    /// Makes the table what it was, where it is known what it is.
    pub async fn change_back(&self, now: &Snapshot, then: &Snapshot) {
        let table = self.table();
        for (pk, sk) in now.0.keys().filter(|key| !then.0.contains_key(*key)) {
            self.forget(&store::Key { pk: pk.clone(), sk: sk.clone() }).await;
        }
        for (_, item) in then.0.iter().filter(|(key, item)| now.0.get(*key) != Some(item)) {
            table.client().put_item().table_name(table.name()).set_item(Some(item.clone())).send().await.unwrap();
        }
    }
}
