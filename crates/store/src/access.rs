//! Who may call right now: how often somebody did in this minute, and which sessions have ended while access tokens of
//! theirs still verify. Both are in one item, so that the write that counts a request also looks whether it may be made.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{SessionId, Timestamp, UserId};

use crate::error::StoreError;
use crate::keys;
use crate::rates::Standing;
use crate::table::{Item, Table, attributes, number};

/// How long an ended session is remembered, in seconds: longer than any access token lasts (`AccessTokenSeconds` is a
/// day at most).
const REMEMBERED: i64 = 25 * 60 * 60;
/// Counts of minutes that are over, when they are swept out together: one write in so many.
const SWEEP: usize = 16;
/// Names of counters start with this, the minute since the epoch behind it.
const COUNTER: &str = "m";

/// Whether a request may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Yes, and it was counted.
    Counted(Standing),
    /// There were too many in this minute.
    Full(Standing),
    /// The session has ended.
    Ended,
}

/// Counts a request of a session unless its minute is full (exact under any number of parallel calls) or the session has
/// ended. 1 write unit, also when refused, and one more for every sixteenth minute with a request in it.
pub async fn enter(
    table: &Table,
    user: &UserId,
    session: &SessionId,
    limit: u32,
    now: Timestamp,
) -> Result<Entry, StoreError> {
    let minute = now.minute();
    let counter = format!("{COUNTER}{minute}");
    let answer = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::access(user))))
        .update_expression("ADD #counter :one SET expiresAt = :end")
        .condition_expression(
            "(attribute_not_exists(#counter) OR #counter < :limit) AND attribute_not_exists(#session)",
        )
        .expression_attribute_names("#counter", &counter)
        .expression_attribute_names("#session", session.to_string())
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":limit", number(limit))
        .expression_attribute_values(":end", number(now.seconds() + REMEMBERED))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    let (item, allowed) = match answer {
        Ok(answer) => (answer.attributes.unwrap_or_default(), true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                (refused.item().cloned().unwrap_or_default(), false)
            }
            _ => return Err(StoreError::unavailable("UpdateItem")(error)),
        },
    };
    if item.contains_key(&session.to_string()) {
        return Ok(Entry::Ended);
    }
    let remaining = limit.saturating_sub(value(&item, &counter).and_then(|used| used.try_into().ok()).unwrap_or(0));
    let standing = Standing { limit, remaining, reset: (minute + 1) * 60, allowed };
    if !allowed {
        return Ok(Entry::Full(standing));
    }
    let over = over(&item, now);
    if over.len() >= SWEEP {
        sweep(table, user, &over).await?;
    }
    Ok(Entry::Counted(standing))
}

/// Makes the access tokens of these sessions void from now on. 1 write unit.
pub async fn end(table: &Table, user: &UserId, sessions: &[SessionId], now: Timestamp) -> Result<(), StoreError> {
    let places: Vec<_> = (0..sessions.len()).map(|place| format!("#s{place} = :end")).collect();
    let mut update = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::access(user))))
        .update_expression(format!("SET expiresAt = :end, {}", places.join(", ")))
        .expression_attribute_values(":end", number(now.seconds() + REMEMBERED));
    for (place, session) in sessions.iter().enumerate() {
        update = update.expression_attribute_names(format!("#s{place}"), session.to_string());
    }
    update.send().await.map(drop).map_err(StoreError::unavailable("UpdateItem"))
}

/// Attributes that say nothing any more: counters of minutes before the last, and sessions whose tokens have expired.
fn over(item: &Item, now: Timestamp) -> Vec<String> {
    let is_over = |name: &str| match name.strip_prefix(COUNTER).and_then(|minute| minute.parse::<i64>().ok()) {
        Some(minute) => minute < now.minute() - 1,
        None => name.starts_with(SessionId::PREFIX) && value(item, name).is_some_and(|until| until < now.seconds()),
    };
    item.keys().filter(|name| is_over(name)).cloned().collect()
}

async fn sweep(table: &Table, user: &UserId, names: &[String]) -> Result<(), StoreError> {
    let places: Vec<_> = (0..names.len()).map(|place| format!("#n{place}")).collect();
    let mut update = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::access(user))))
        .update_expression(format!("REMOVE {}", places.join(", ")));
    for (place, name) in places.into_iter().zip(names) {
        update = update.expression_attribute_names(place, name);
    }
    update.send().await.map(drop).map_err(StoreError::unavailable("UpdateItem"))
}

fn value(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_over_is_told_from_what_still_counts() {
        let now = Timestamp::from_millis(100 * 60_000);
        let [ended, expired] = [1, 2].map(|n| SessionId::new(Uuid::from_u128(n)).to_string());
        let item: Item = [("PK", 0), ("expiresAt", 1), ("m100", 7), ("m99", 3), ("m98", 5), ("m7", 1)]
            .map(|(name, count)| (name.to_owned(), number(count)))
            .into_iter()
            .chain([(ended, number(now.seconds())), (expired.clone(), number(now.seconds() - 1))])
            .collect();
        let mut found = over(&item, now);
        found.sort();
        assert_eq!(found, ["m7".to_owned(), "m98".to_owned(), expired]);
    }
}
