//! Where the next part of an export begins.

use std::fmt;

use domain::{ConversationId, Problem};
use wire::page::forged;

use crate::opaque;

/// Bytes that a sort key of DynamoDB has at most.
const LONGEST_KEY: usize = 1024;

/// A place in what is kept. It names sort keys in the caller's own partition, or in a conversation that is still to be
/// checked to be one of the caller's (security G4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the person's own partition, behind this sort key.
    Own(String),
    /// In this conversation, behind this sort key; at its beginning without one.
    Room(ConversationId, Option<String>),
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let read = || {
            let plain = opaque::read(text)?;
            let (room, key) = plain.split_once('/')?;
            let key = Some(key.to_owned()).filter(|key| !key.is_empty());
            if key.as_ref().is_some_and(|key| key.len() > LONGEST_KEY) {
                return None;
            }
            if room.is_empty() { key.map(Self::Own) } else { Some(Self::Room(ConversationId::parse(room).ok()?, key)) }
        };
        read().ok_or_else(forged)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = match self {
            Self::Own(key) => format!("/{key}"),
            Self::Room(conversation, key) => format!("{conversation}/{}", key.as_deref().unwrap_or_default()),
        };
        formatter.write_str(&opaque::written(&plain))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn g4_a_place_reads_back_and_a_forged_one_does_not() {
        let room = ConversationId::parse("conv_0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a").unwrap();
        let places = [
            Place::Own("NOTE#1/2".to_owned()),
            Place::Room(room.clone(), None),
            Place::Room(room, Some("MSG#msg_1".to_owned())),
        ];
        for place in places {
            assert_eq!(Place::parse(&place.to_string()), Ok(place));
        }
        let long = format!("/{}", "x".repeat(1025));
        for plain in ["", "/", "conv_1/", "user_0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a/MSG#", "MSG#", &long] {
            assert!(Place::parse(&opaque::written(plain)).is_err(), "{plain}");
        }
        assert!(Place::parse("not base64!").is_err());
    }
}
