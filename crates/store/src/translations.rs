//! Translations that were paid for once: `TRANSLATION#` and the fingerprint of the source, under the target language.
//!
//! They hang on the text and not on the message, so the same words in another conversation cost nothing. Nothing is lost
//! with them but money.

use std::collections::HashMap;
use std::time::Duration;

use domain::translatable::Fingerprint;
use domain::{Language, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::table::{Consistency, Table, decode, encode};

/// How long a translation is kept: 30 days.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// A text in a language, wanted in another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted {
    /// The source text and its language.
    pub source: Fingerprint,
    /// The language of the translation.
    pub target: Language,
}

impl Wanted {
    fn key(&self) -> Key {
        keys::translation(self.source.as_str(), &self.target)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    text: String,
    /// Seconds since the epoch; the table's TTL.
    expires_at: i64,
}

/// The translations that are there. What has expired is not, though DynamoDB may take days to remove it.
///
/// Half a read unit for each that exists and has up to 4 KB, in one call for a hundred.
pub async fn get_many(
    table: &Table,
    wanted: impl IntoIterator<Item = Wanted>,
    now: Timestamp,
) -> Result<HashMap<Wanted, String>, StoreError> {
    let by_key: HashMap<Key, Wanted> = wanted.into_iter().map(|wanted| (wanted.key(), wanted)).collect();
    if by_key.is_empty() {
        return Ok(HashMap::new());
    }
    let mut items = table.get_items(by_key.keys().cloned().collect(), Consistency::Eventual).await?;
    let mut found = HashMap::new();
    for (key, wanted) in by_key {
        let Some(item) = items.remove(&key) else { continue };
        let record: Record = decode(item)?;
        if record.expires_at > now.seconds() {
            found.insert(wanted, record.text);
        }
    }
    Ok(found)
}

/// Keeps a translation for [`KEPT`]. One write unit for each KB.
pub async fn put(table: &Table, wanted: &Wanted, text: &str, now: Timestamp) -> Result<(), StoreError> {
    let record = Record { text: text.to_owned(), expires_at: now.plus(KEPT).seconds() };
    let item = encode(&wanted.key(), &record)?;
    let request = table.client().put_item().table_name(table.name()).set_item(Some(item));
    request.send().await.map_err(StoreError::unavailable("PutItem"))?;
    Ok(())
}
