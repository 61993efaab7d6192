//! Whether somebody is there.

use crate::problem::Problem;

/// What others see of somebody's being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// There.
    Online,
    /// Connected, but not at it.
    Away,
    /// Not there, or not to be seen.
    Offline,
}

impl Availability {
    /// Reads `online`, `away` or `offline`, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.to_ascii_lowercase().as_str() {
            "online" => Ok(Self::Online),
            "away" => Ok(Self::Away),
            "offline" => Ok(Self::Offline),
            _ => Err(Problem::new("must be \"online\", \"away\" or \"offline\"")),
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }
}
