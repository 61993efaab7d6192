//! Notifications, through the real handlers, and the table's stream.

use std::collections::HashMap;

use app::delivery::Push;
use aws_sdk_dynamodb::types::AttributeValue;
use edge::stream::{Batch, Report};
use serde_json::{Value, json};
use store::{Key, Table};

use super::{Answer, Bench, Person, call, get};

type Item = HashMap<String, AttributeValue>;

/// A table as it was: every item by its key.
pub type Before = HashMap<(String, String), Item>;

/// Far more than any handler takes.
const LIMIT: std::time::Duration = std::time::Duration::from_mins(2);

fn image(item: &Item) -> Value {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(yes) => json!({ "BOOL": yes }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::M(fields) => json!({ "M": image(fields) }),
        AttributeValue::L(_) => json!({ "L": [] }),
        other => panic!("{other:?} has no image here"),
    };
    item.iter().map(|(name, field)| (name.clone(), value(field))).collect()
}

impl Bench {
    /// The table as it is.
    pub async fn before(&self) -> Before {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<Item> = scan.collect::<Result<_, _>>().await.unwrap();
        let text = |item: &Item, name: &str| item[name].as_s().unwrap().clone();
        items.into_iter().map(|item| ((text(&item, "PK"), text(&item, "SK")), item)).collect()
    }

    /// What the table's stream tells of the changes since, to whoever follows it for notifications: those records alone
    /// that the template's filters let through.
    pub async fn records(&self, before: &Before) -> Vec<Value> {
        self.records_for("NotificationsFollowFunction", before).await
    }

    /// The same for another function.
    pub async fn records_for(&self, function: &str, before: &Before) -> Vec<Value> {
        let filters = self.filters(function);
        let after = self.before().await;
        let removed = before.iter().filter(|(key, _)| !after.contains_key(*key));
        let mut changes: Vec<_> = removed.map(|(key, item)| (key, "REMOVE", Some(item), None)).collect();
        for (key, item) in &after {
            let old = before.get(key);
            if old != Some(item) {
                changes.push((key, if old.is_some() { "MODIFY" } else { "INSERT" }, old, Some(item)));
            }
        }
        let mut records = Vec::new();
        for ((pk, sk), name, old, new) in changes {
            let mut change = json!({
                "Keys": { "PK": { "S": pk }, "SK": { "S": sk } },
                "SequenceNumber": format!("{:020}", records.len()),
                "ApproximateCreationDateTime": 1_795_000_000,
            });
            for (name, item) in [("OldImage", old), ("NewImage", new)] {
                if let Some(item) = item {
                    change[name] = image(item);
                }
            }
            let record = json!({ "eventName": name, "dynamodb": change });
            if filters.iter().any(|pattern| pattern.matches(&record)) {
                records.push(record);
            }
        }
        records
    }

    fn filters(&self, function: &str) -> Vec<gateway::event_source::pattern::Pattern> {
        let mappings = self.services.application.event_source_mappings.values();
        let own = mappings.filter(|mapping| mapping.function == function);
        own.flat_map(|mapping| &mapping.filters)
            .map(|filter| gateway::event_source::pattern::Pattern::read(filter).unwrap())
            .collect()
    }

    /// Hands records to `notifications-follow`; what it says of them.
    pub async fn hand_over(&self, records: &[Value]) -> Report {
        let services: (Table, Push) = self.of("notifications-follow").await;
        let batch: Batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        self.start_counting();
        edge::stream::follow(&services, &functions::notifications::follow::handle, batch, "test", LIMIT).await
    }

    /// Lets `notifications-follow` follow what happened since, until nothing follows any more.
    pub async fn follow(&self, mut before: Before) {
        loop {
            let records = self.records(&before).await;
            if records.is_empty() {
                return;
            }
            before = self.before().await;
            assert_eq!(self.hand_over(&records).await, Report::default());
        }
    }

    /// `notifications-list`.
    pub async fn notified(&self, person: &Person, query: &str) -> Answer {
        self.start_counting();
        self.http("notifications-list", get(&format!("/api/notifications{query}")).bearer(&person.token)).await
    }

    /// What somebody is notified of, the latest first, as types.
    pub async fn kinds(&self, person: &Person) -> Vec<String> {
        let body = self.notified(person, "").await.expect(200);
        body["notifications"].as_array().unwrap().iter().map(|note| super::text(&note["type"])).collect()
    }

    /// `notifications-read`.
    pub async fn read_note(&self, person: &Person, id: &str) -> Answer {
        let path = format!("/api/notifications/{id}/read");
        self.start_counting();
        let call = call("POST", &path, None).path("notificationId", id).bearer(&person.token);
        self.http("notifications-read", call).await
    }

    /// Takes an attribute of an item for something that nobody can read.
    pub async fn garble(&self, key: &Key, attribute: &str) {
        let table = self.table();
        let part = |text: &String| AttributeValue::S(text.clone());
        let update = table.client().update_item().table_name(table.name());
        let update = update.key("PK", part(&key.pk)).key("SK", part(&key.sk)).update_expression("SET #it = :x");
        let update = update.expression_attribute_names("#it", attribute);
        update.expression_attribute_values(":x", AttributeValue::S("?".into())).send().await.unwrap();
    }
}
