//! Invitations: the one code of a group, item `CODE#…` / `CLAIM`, and who gets in by it.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::invitation::InviteCode;
use domain::{ConversationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::conversations::ConversationRecord;
use crate::error::StoreError;
use crate::keys;
use crate::members::MemberRecord;
use crate::parts::{self, Change};
use crate::table::{Consistency, Table, Written, decode, encode};

/// What a code opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    conversation: String,
    /// Seconds since the epoch.
    expires_at: i64,
}

/// Gives a group a code, in the place of the one it had, which opens nothing from then on; the same code again is good
/// for longer. False if the group has another code by now, or is gone. 4 write units, 2 more where a code ends.
pub async fn set(
    table: &Table,
    id: &ConversationId,
    before: Option<&InviteCode>,
    (code, until): (&InviteCode, Timestamp),
) -> Result<bool, StoreError> {
    let expires_at = until.seconds();
    let group = Change::of(&keys::conversation(id))
        .set("inviteCode = :code, inviteExpiresAt = :until")
        .text(":code", code.as_str())
        .number(":until", expires_at);
    let group = match before {
        Some(before) => group.when("inviteCode = :before").text(":before", before.as_str()),
        None => group.when("attribute_exists(PK) AND attribute_not_exists(inviteCode)"),
    };
    let item = encode(&keys::invite(code), &Invitation { conversation: id.to_string(), expires_at })?;
    let put = if before == Some(code) {
        Put::builder().table_name(table.name()).set_item(Some(item)).build().map_err(StoreError::unreadable)?
    } else {
        table.put_new(item)?
    };
    let mut writes = vec![group.part(table)?, TransactWriteItem::builder().put(put).build()];
    if let Some(before) = before.filter(|before| *before != code) {
        writes.push(parts::gone(table, &keys::invite(before))?);
    }
    Ok(table.write_all(&writes).await? == Written::Done)
}

/// Which group a code opens, if it has not ended. 1 read unit.
pub async fn find(table: &Table, code: &InviteCode, now: Timestamp) -> Result<Option<ConversationId>, StoreError> {
    let found: Option<Invitation> = table.get(&keys::invite(code), Consistency::Strong).await?;
    let Some(invitation) = found.filter(|invitation| invitation.expires_at > now.seconds()) else { return Ok(None) };
    ConversationId::parse(&invitation.conversation).map(Some).map_err(StoreError::unreadable)
}

/// A group as somebody finds it who stands before it, and their place if they are in it. 2 read units.
pub async fn door(
    table: &Table,
    id: &ConversationId,
    user: &UserId,
) -> Result<Option<(ConversationRecord, Option<MemberRecord>)>, StoreError> {
    let (meta, place) = (keys::conversation(id), keys::member(id, user));
    let mut items = table.get_items(vec![meta.clone(), place.clone()], Consistency::Strong).await?;
    let place = items.remove(&place).map(decode).transpose()?;
    items.remove(&meta).map(|meta| Ok((decode(meta)?, place))).transpose()
}
