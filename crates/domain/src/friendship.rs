//! What two people are to each other.

use crate::problem::Problem;

/// What somebody is to a person. The other side of it is the same tie [`mirrored`](Tie::mirrored).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tie {
    /// A friend.
    Friends,
    /// Was asked for friendship by this person, and has not answered.
    Outgoing,
    /// Has asked this person for friendship.
    Incoming,
}

impl Tie {
    /// Reads `friends`, `outgoing` or `incoming`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "friends" => Ok(Self::Friends),
            "outgoing" => Ok(Self::Outgoing),
            "incoming" => Ok(Self::Incoming),
            _ => Err(Problem::new("must be \"friends\", \"outgoing\" or \"incoming\"")),
        }
    }

    /// The word for it, in the table and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Friends => "friends",
            Self::Outgoing => "outgoing",
            Self::Incoming => "incoming",
        }
    }

    /// The same tie as the other person has it.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Friends => Self::Friends,
            Self::Outgoing => Self::Incoming,
            Self::Incoming => Self::Outgoing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_read_as_it_is_written_and_mirrors_itself() {
        for tie in [Tie::Friends, Tie::Outgoing, Tie::Incoming] {
            assert_eq!(Tie::parse(tie.as_str()), Ok(tie));
            assert_eq!(tie.mirrored().mirrored(), tie);
        }
        assert!(Tie::parse("FRIENDS").is_err());
    }
}
