//! Use within a minute or an hour, counted in the table so that every process counts together.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::Timestamp;

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::table::{Item, Table, attributes, number};

/// One counter of a window with its limit. Several counters of one window are counted by one write, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Name of the counter within the window, e.g. `all`.
    pub name: String,
    /// How many a minute, or an hour.
    pub limit: u32,
}

/// How a limit stands after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many a minute are allowed.
    pub limit: u32,
    /// How many are left in this minute.
    pub remaining: u32,
    /// When the minute ends, in seconds since the epoch.
    pub reset: i64,
    /// Whether this call was counted; otherwise it came over the limit.
    pub allowed: bool,
}

/// Something that is told again and again while it lasts, such as typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal<'a> {
    /// Name of what is told.
    pub on: &'a str,
    /// Name of its opposite, after which it is news again.
    pub off: &'a str,
    /// What was told after this is no news.
    pub since: Timestamp,
}

/// Counts one use on every counter unless one of them is full (exact under any number of parallel calls); tells how the
/// scarcest stands. 1 write unit, also when refused. The window goes by itself after it ended.
pub async fn take(
    table: &Table,
    scope: &str,
    who: &str,
    counters: &[Counter],
    now: Timestamp,
) -> Result<Standing, StoreError> {
    within(table, scope, who, counters, 1, now).await
}

/// Counts one use in an hour of the clock, likewise; whether it was counted. 1 write unit, also when refused.
pub async fn take_in_hour(
    table: &Table,
    scope: &str,
    who: &str,
    counter: &Counter,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(within(table, scope, who, std::slice::from_ref(counter), 60, now).await?.allowed)
}

/// Counts in a window of so many minutes.
async fn within(
    table: &Table,
    scope: &str,
    who: &str,
    counters: &[Counter],
    minutes: i64,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let first = now.minute() / minutes * minutes;
    let last = first + minutes - 1;
    let count = Count {
        key: keys::rate(scope, who, first),
        counters,
        minute: last,
        // An hour later, so that a window can still be looked at when somebody asks.
        expires_at: Some(reset(last) + 3600),
        without: None,
        signal: None,
    };
    let (item, allowed) = count.write(table, now).await?;
    Ok(count.standing(&item, allowed))
}

/// One conditional update that counts.
pub(crate) struct Count<'a> {
    /// The item with the counters.
    pub(crate) key: Key,
    /// Its counters, by the names of their attributes.
    pub(crate) counters: &'a [Counter],
    /// The minute they count, or the last of those, since the epoch.
    pub(crate) minute: i64,
    /// When the item goes by itself, in seconds since the epoch. One that stays must be there already.
    pub(crate) expires_at: Option<i64>,
    /// An attribute with which nothing is counted.
    pub(crate) without: Option<&'a str>,
    /// Only if this is news.
    pub(crate) signal: Option<Signal<'a>>,
}

impl Count<'_> {
    /// Counts everything or nothing. The item after it, or as it stood in the way.
    pub(crate) async fn write(&self, table: &Table, now: Timestamp) -> Result<(Item, bool), StoreError> {
        let each = |render: fn(usize) -> String| (0..self.counters.len()).map(render);
        let (mut sets, mut removed) = (Vec::new(), Vec::new());
        let mut conditions: Vec<_> =
            each(|index| format!("(attribute_not_exists(#c{index}) OR #c{index} < :l{index})")).collect();
        let mut update = table
            .client()
            .update_item()
            .table_name(table.name())
            .set_key(Some(attributes(&self.key)))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (index, counter) in self.counters.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#c{index}"), &counter.name)
                .expression_attribute_values(format!(":l{index}"), number(counter.limit));
        }
        if let Some(end) = self.expires_at {
            sets.push("expiresAt = :end");
            update = update.expression_attribute_values(":end", number(end));
        } else {
            removed.push("expiresAt");
            conditions.push("attribute_exists(PK)".to_owned());
        }
        if let Some(name) = self.without {
            conditions.push("attribute_not_exists(#without)".to_owned());
            update = update.expression_attribute_names("#without", name);
        }
        if let Some(signal) = self.signal {
            sets.push("#on = :now");
            removed.push("#off");
            conditions.push("(attribute_not_exists(#on) OR #on <= :since)".to_owned());
            update = update
                .expression_attribute_names("#on", signal.on)
                .expression_attribute_names("#off", signal.off)
                .expression_attribute_values(":now", number(now.millis()))
                .expression_attribute_values(":since", number(signal.since.millis()));
        }
        let adds: Vec<_> = each(|index| format!("#c{index} :one")).collect();
        let part = |word: &str, parts: &[&str]| match parts {
            [] => String::new(),
            parts => format!(" {word} {}", parts.join(", ")),
        };
        let update = update
            .update_expression(format!("ADD {}{}{}", adds.join(", "), part("SET", &sets), part("REMOVE", &removed)))
            .condition_expression(conditions.join(" AND "));
        match update.send().await {
            Ok(answer) => Ok((answer.attributes.unwrap_or_default(), true)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok((refused.item().cloned().unwrap_or_default(), false))
                }
                _ => Err(StoreError::unavailable("UpdateItem")(error)),
            },
        }
    }

    /// How the scarcest of the counters stands in an item.
    pub(crate) fn standing(&self, item: &Item, allowed: bool) -> Standing {
        let left = |counter: &Counter| (counter.limit.saturating_sub(used(item, &counter.name)), counter.limit);
        let (remaining, limit) = self.counters.iter().map(left).min().unwrap_or((u32::MAX, u32::MAX));
        Standing { limit, remaining, reset: reset(self.minute), allowed }
    }
}

/// When a minute ends, in seconds since the epoch.
fn reset(minute: i64) -> i64 {
    (minute + 1) * 60
}

fn used(window: &Item, counter: &str) -> u32 {
    window.get(counter).and_then(|count| count.as_n().ok()).and_then(|count| count.parse().ok()).unwrap_or_default()
}
