//! Who sees whom coming and going: friends, and people who share a conversation. To strangers somebody always looks as if
//! they were away and nobody knew since when, and so does each of two people to the other while there is a block between
//! them (security D4, D7).

use std::collections::HashSet;

use domain::person::Availability;
use domain::{Timestamp, UserId};
use store::Table;
use store::acquaintances::{self, Faces};
use store::presence::Presence;

use crate::error::Result;

/// Somebody's being there, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    /// How much that person is there.
    pub availability: Availability,
    /// Since when it is so, if anybody ever knew.
    pub last_seen: Option<String>,
}

impl Sight {
    /// What is seen of somebody whose coming and going is nobody's business here.
    pub(crate) const NOTHING: Self = Self { availability: Availability::Offline, last_seen: None };

    /// What acquaintances see.
    pub(crate) fn of(face: &Presence, now: Timestamp) -> Self {
        Self {
            availability: face.availability(now),
            last_seen: face.seen_at.map(|at| Timestamp::from_millis(at).to_string()),
        }
    }

    /// Whether the person is there. Who says that they are not there is not there, as everywhere.
    pub(crate) fn is_online(&self) -> bool {
        self.availability != Availability::Offline
    }
}

/// Whom of these people somebody sees coming and going, where no block is between them. Without a request for friends, and
/// for whom nobody has seen yet; for the others a query each, and one more.
pub(crate) async fn seen_by(table: &Table, user: &UserId, faces: &Faces) -> Result<HashSet<UserId>> {
    let unsure = faces.known.iter().filter(|(other, face)| face.seen_at.is_some() && !faces.friends.contains(*other));
    let mut seen = acquaintances::sharing(table, user, unsure.map(|(other, _)| other)).await?;
    seen.extend(faces.friends.iter().cloned());
    Ok(seen)
}
