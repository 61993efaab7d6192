//! Reports of people, for moderators: together by the day they came on. Who reported and who was reported each hold an item
//! that leads to it, without saying who the other one is, so that whoever is erased is taken out of it.

use std::time::Duration;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::{ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::parts;
use crate::table::{Consistency, Item, Table, Written, decode, encode, text};

/// How long a report is kept.
const KEPT: Duration = Duration::from_hours(24 * 180);

/// A report, item `REPORTS#day` / its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRecord {
    /// `user_…`: who was reported.
    pub subject: String,
    /// `user_…`: by whom; nobody's id once that person is erased.
    pub reporter: String,
    /// Why.
    pub reason: String,
    /// What the reporter adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// `conv_…` of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// `msg_…`: what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
}

/// What leads from a person to a report, item `USER#u` / `REPORT#day#digest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lead {
    /// First part of the report's key.
    pub day: String,
    /// The second.
    pub digest: String,
    /// Whether it is about this person, and not by them.
    pub is_about: bool,
    /// Seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
}

/// What came of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// It is there now.
    Done,
    /// The same person reported the same on this day: that report.
    Before(Box<ReportRecord>),
    /// The one or the other has no account (any more).
    Nobody,
}

/// Of whom, by whom, and of which message.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Who is reported.
    pub subject: &'a UserId,
    /// By whom.
    pub reporter: &'a UserId,
    /// What it is about.
    pub message: Option<&'a (ConversationId, MessageId)>,
}

impl Case<'_> {
    /// One a day of the same person, or message, by the same person.
    fn digest(&self) -> String {
        let message = self.message.map(|(_, id)| id.to_string()).unwrap_or_default();
        let mut digest = Sha256::new();
        for part in [self.subject.to_string(), self.reporter.to_string(), message] {
            digest.update(part);
            digest.update([0]);
        }
        hex::encode(&digest.finalize()[..16])
    }
}

/// Keeps a report, the first of its kind on a day. One transaction: 2 write units for each of three items (each KB) and of
/// two checks; a read unit where it is not the first.
pub async fn put(
    table: &Table,
    case: &Case<'_>,
    (reason, details): (&str, Option<&str>),
    now: Timestamp,
) -> Result<Reported, StoreError> {
    let (day, digest) = (day(now), case.digest());
    let expires_at = now.plus(KEPT).seconds();
    let record = ReportRecord {
        subject: case.subject.to_string(),
        reporter: case.reporter.to_string(),
        reason: reason.to_owned(),
        details: details.map(str::to_owned),
        conversation: case.message.map(|(conversation, _)| conversation.to_string()),
        message: case.message.map(|(_, message)| message.to_string()),
        created_at: now.millis(),
        expires_at,
    };
    let key = keys::report(&day, &digest);
    let lead = |user: &UserId, is_about: bool| {
        let lead = Lead { day: day.clone(), digest: digest.clone(), is_about, expires_at };
        let put = Put::builder()
            .table_name(table.name())
            .set_item(Some(encode(&keys::report_lead(user, &day, &digest), &lead)?));
        Ok::<_, StoreError>(TransactWriteItem::builder().put(put.build().map_err(StoreError::unreadable)?).build())
    };
    let writes = [
        TransactWriteItem::builder().put(table.put_new(encode(&key, &record)?)?).build(),
        parts::there(table, &keys::profile(case.subject))?,
        parts::there(table, &keys::profile(case.reporter))?,
        lead(case.subject, true)?,
        lead(case.reporter, false)?,
    ];
    match table.write_all(&writes).await? {
        Written::Done => Ok(Reported::Done),
        Written::Unmet(0) => {
            let before = table.get(&key, Consistency::Strong).await?;
            Ok(before.map_or(Reported::Nobody, |before| Reported::Before(Box::new(before))))
        }
        Written::Unmet(_) => Ok(Reported::Nobody),
    }
}

/// Takes somebody who is erased out of the reports that these items of theirs lead to: what was about them goes, what was
/// by them is by nobody. 1 write unit each.
pub(crate) async fn forget(table: &Table, leads: impl Iterator<Item = &Item>) -> Result<(), StoreError> {
    for item in leads {
        let lead: Lead = decode(item.clone())?;
        let key: Key = keys::report(&lead.day, &lead.digest);
        if lead.is_about {
            table.remove(&key).await?;
            continue;
        }
        let update = table.update(&key, |update| {
            update
                .update_expression("SET reporter = :nobody")
                .condition_expression("attribute_exists(PK)")
                .expression_attribute_values(":nobody", text(UserId::ERASED.to_string()))
        });
        update.await?;
    }
    Ok(())
}

/// The day of a time, in UTC.
fn day(now: Timestamp) -> String {
    now.to_string().chars().take(10).collect()
}
