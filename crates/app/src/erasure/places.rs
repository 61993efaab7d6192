//! The places of somebody whose account is gone.

use domain::conversation::Kind;
use domain::{Timestamp, UserId};
use store::{erasing, members};

use crate::erasure::Erasure;
use crate::error::{Error, Result};
use crate::membership::{Membership, enter_for};
use crate::{ending, group};

/// Takes somebody out of all conversations: out of groups like who leaves, so that they keep an admin; in a direct one
/// nobody comes in their place, and it stays for the other one.
pub(super) async fn leave(erasure: &Erasure, user: &UserId, now: Timestamp) -> Result<()> {
    for place in members::of_user(&erasure.table, user).await? {
        match enter_for(&erasure.table, user, place.conversation()?).await {
            Ok(membership) => leave_one(erasure, &membership, now).await?,
            // It has ended: what is left of it is cleared with the place.
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn leave_one(erasure: &Erasure, membership: &Membership, now: Timestamp) -> Result<()> {
    let Erasure { table, push, cleaner, .. } = erasure;
    let record = membership.conversation();
    if record.kind == Kind::Group.as_str() {
        return match group::take_out(table, push, cleaner, membership.user(), membership.id(), now).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        };
    }
    if record.pair().contains(&UserId::ERASED) {
        // The other one is gone too.
        return ending::close(table, cleaner, record, false, now).await.map(drop);
    }
    Ok(erasing::vacate(table, record, membership.place(), now).await?)
}
