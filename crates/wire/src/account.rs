//! The end of an account.

use domain::Problems;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::auth::typed_password;

/// Body of `DELETE /api/users/me`; may be absent for an account that signs in elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteAccountRequest {
    /// The password. An account that signs in elsewhere may leave it out within ten minutes of a sign-in.
    #[schemars(length(min = 1, max = 256))]
    pub password: Field<String>,
}

impl DeleteAccountRequest {
    /// The password, if it is given; what is wrong otherwise.
    pub fn check(self) -> Result<Option<String>, Problems> {
        let mut problems = Problems::new();
        let password = self.password.allow(&mut problems, "password", typed_password);
        problems.finish(Some(password))
    }
}
