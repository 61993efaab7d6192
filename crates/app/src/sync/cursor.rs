//! Where a sync goes on.

use domain::{ConversationId, Problem, Timestamp};

use crate::opaque;

/// Since when, and within a sync of several pages until when and where. It names nothing but places that are looked for
/// among the caller's own conversations, so a forged one shows nothing else (security G4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) since: Timestamp,
    pub(super) until: Option<Timestamp>,
    pub(super) place: Option<Place>,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// In this conversation, and then those after it.
    pub conversation: ConversationId,
    /// Messages from this number on are new; before it only changes are told. 0 if the conversation was not begun.
    pub border: u64,
    /// The new message to go on with.
    pub next: u64,
    /// The time of the change to go on with.
    pub changed: Timestamp,
}

impl Place {
    /// Before anything of a conversation was told.
    pub(super) fn beginning(conversation: ConversationId) -> Self {
        Self { conversation, border: 0, next: 0, changed: Timestamp::EPOCH }
    }

    fn is_beginning(&self) -> bool {
        self.border == 0
    }
}

impl Cursor {
    /// From a time on.
    pub(super) fn at(since: Timestamp) -> Self {
        Self { since, until: None, place: None }
    }

    /// Where a conversation was left, if it was begun.
    pub(super) fn resumed(&self, conversation: &ConversationId) -> Option<Place> {
        self.place.clone().filter(|place| place.conversation == *conversation && !place.is_beginning())
    }

    /// Reads what an earlier answer gave, or a timestamp.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(time) = Timestamp::parse(text) {
            return Ok(Self::at(time));
        }
        let read = || {
            let plain = opaque::read(text)?;
            let mut parts = plain.split(' ');
            let mut time = || Some(Timestamp::from_millis(parts.next()?.parse().ok()?));
            let since = time()?;
            let Some(until) = time() else { return Some(Self::at(since)) };
            let changed = time()?;
            let conversation = ConversationId::parse(parts.next()?).ok()?;
            let (border, next) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let place = Place { conversation, border, next, changed };
            parts.next().is_none().then_some(Self { since, until: Some(until), place: Some(place) })
        };
        read().ok_or_else(|| Problem::new("must be what cursor gave, or a timestamp"))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut plain = self.since.millis().to_string();
        if let (Some(until), Some(place)) = (self.until, &self.place) {
            let Place { conversation, border, next, changed } = place;
            plain = format!("{plain} {} {} {conversation} {border} {next}", until.millis(), changed.millis());
        }
        formatter.write_str(&opaque::written(&plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g4_a_cursor_reads_back_and_a_forged_one_does_not() {
        let conversation = ConversationId::new(uuid::Uuid::nil());
        let place = Place { conversation, border: 7, next: 9, changed: Timestamp::from_millis(5) };
        let time = Timestamp::from_millis(1_733_659_200_000);
        for cursor in [Cursor::at(time), Cursor { since: time, until: Some(time), place: Some(place) }] {
            assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
        }
        assert_eq!(Cursor::parse("2024-12-08T12:00:00.000Z"), Ok(Cursor::at(time)));
        for forged in ["", "x", "MTIz!", &opaque::written("1 2"), &opaque::written("1 2 3 c 1 1")] {
            assert!(Cursor::parse(forged).is_err(), "{forged}");
        }
    }
}
