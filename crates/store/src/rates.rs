//! Use within a minute, counted in the table so that every process counts together.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::Timestamp;

use crate::error::StoreError;
use crate::keys;
use crate::table::{Item, Table, attributes, number};

/// One counter of a window with its limit. Several counters of one window are counted by one write, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Name of the counter within the window, e.g. `all` or a conversation's id.
    pub name: String,
    /// How many a minute.
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

/// Counts one use on every counter unless one of them is full (exact under any number of parallel calls); tells how the
/// scarcest stands. 1 write unit, also when refused. The window goes by itself after it ended.
pub async fn take(
    table: &Table,
    scope: &str,
    who: &str,
    counters: &[Counter],
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let minute = now.minute();
    let reset = (minute + 1) * 60;
    let place = |kind: &str, index: usize| format!("{kind}{index}");
    let each = |render: fn(usize) -> String| (0..counters.len()).map(render).collect::<Vec<_>>();
    let mut update = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::rate(scope, who, minute))))
        .update_expression(format!("ADD {} SET expiresAt = :end", each(|index| format!("#c{index} :one")).join(", ")))
        .condition_expression(
            each(|index| format!("(attribute_not_exists(#c{index}) OR #c{index} < :l{index})")).join(" AND "),
        )
        .expression_attribute_values(":one", number(1))
        // An hour later, so that a window can still be looked at when somebody asks.
        .expression_attribute_values(":end", number(reset + 3600))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    for (index, counter) in counters.iter().enumerate() {
        update = update
            .expression_attribute_names(place("#c", index), &counter.name)
            .expression_attribute_values(place(":l", index), number(counter.limit));
    }
    let (counted, allowed) = match update.send().await {
        Ok(answer) => (answer.attributes.unwrap_or_default(), true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(full)) => {
                (full.item().cloned().unwrap_or_default(), false)
            }
            _ => return Err(StoreError::unavailable("UpdateItem")(error)),
        },
    };
    let left = |counter: &Counter| (counter.limit.saturating_sub(used(&counted, &counter.name)), counter.limit);
    let (remaining, limit) = counters.iter().map(left).min().unwrap_or((u32::MAX, u32::MAX));
    Ok(Standing { limit, remaining, reset, allowed })
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

/// Counts one use like [`take`], and tells whether the signal is news. 1 write unit, 2 for what is no news.
pub async fn take_signal(
    table: &Table,
    (scope, who): (&str, &str),
    counter: &Counter,
    signal: Signal<'_>,
    now: Timestamp,
) -> Result<(Standing, bool), StoreError> {
    let minute = now.minute();
    let reset = (minute + 1) * 60;
    let update = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::rate(scope, who, minute))))
        .update_expression("ADD #c :one SET expiresAt = :end, #on = :now REMOVE #off")
        .condition_expression(
            "(attribute_not_exists(#c) OR #c < :limit) AND (attribute_not_exists(#on) OR #on <= :since)",
        )
        .expression_attribute_names("#c", &counter.name)
        .expression_attribute_names("#on", signal.on)
        .expression_attribute_names("#off", signal.off)
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":limit", number(counter.limit))
        .expression_attribute_values(":now", number(now.millis()))
        .expression_attribute_values(":since", number(signal.since.millis()))
        .expression_attribute_values(":end", number(reset + 3600))
        .return_values(ReturnValue::AllNew);
    match update.send().await {
        Ok(answer) => {
            let used = used(&answer.attributes.unwrap_or_default(), &counter.name);
            let remaining = counter.limit.saturating_sub(used);
            Ok((Standing { limit: counter.limit, remaining, reset, allowed: true }, true))
        }
        Err(error) => match error.as_service_error() {
            // No news, or over the limit: which, the plain count says.
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                Ok((take(table, scope, who, std::slice::from_ref(counter), now).await?, false))
            }
            _ => Err(StoreError::unavailable("UpdateItem")(error)),
        },
    }
}

fn used(window: &Item, counter: &str) -> u32 {
    window.get(counter).and_then(|count| count.as_n().ok()).and_then(|count| count.parse().ok()).unwrap_or_default()
}
