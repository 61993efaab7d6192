//! Messages read backwards a stretch at a time, by who looks through many and shows few.

use domain::{ConversationId, MessageId};

use crate::error::StoreError;
use crate::keys;
use crate::messages::MessageRecord;
use crate::table::{Measured, Table, text};

/// Messages in a row.
#[derive(Debug)]
pub struct Stretch {
    /// The latest first.
    pub messages: Vec<MessageRecord>,
    /// Whether there are older ones within the borders.
    pub more: bool,
    /// Read units that it took.
    pub units: f64,
}

/// At most so many messages before one, and after the one with a sequence number: one query, which reads no more than
/// 1 MB. 0.5 read units for each 4 KB.
pub async fn before(
    table: &Table,
    conversation: &ConversationId,
    before: MessageId,
    after: u64,
    most: usize,
) -> Result<Stretch, StoreError> {
    if before.sequence() <= after + 1 {
        return Ok(Stretch { messages: Vec::new(), more: false, units: 0.0 });
    }
    let border = |sequence: u64| keys::message(conversation, MessageId::floor(sequence)).sk;
    let page = table.query_measured(most, None, |query| {
        query
            .key_condition_expression("PK = :room AND SK BETWEEN :first AND :last")
            .expression_attribute_values(":room", text(keys::room(conversation)))
            // No message has the key of a border.
            .expression_attribute_values(":first", text(border(after + 1)))
            .expression_attribute_values(":last", text(border(before.sequence())))
            .scan_index_forward(false)
    });
    let Measured { items, next, units } = page.await?;
    let messages = items.into_iter().map(MessageRecord::read).collect::<Result<_, _>>()?;
    Ok(Stretch { messages, more: next.is_some(), units })
}
