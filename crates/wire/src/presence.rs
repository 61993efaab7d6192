//! Whether somebody is there.

use domain::Problems;
use domain::person::Availability;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Field, schema};

/// `data` of `presence:update`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["status"]))]
pub struct PresenceData {
    /// `online`, `away` or `offline`; good until the next connection is opened.
    #[schemars(with = "schema::Availability")]
    pub status: Field<String>,
}

impl PresenceData {
    /// What is said; what is wrong otherwise.
    pub fn check(self) -> Result<Availability, Problems> {
        let mut problems = Problems::new();
        let status = self.status.require(&mut problems, "status", |text| Availability::parse(&text));
        problems.finish(status)
    }
}
