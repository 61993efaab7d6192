//! Devices.

use domain::Problems;
use domain::device::{DeviceToken, Platform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::schema;

/// Body of `POST /api/devices/register`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["token", "platform"]))]
pub struct RegisterDeviceRequest {
    /// What the push service knows the device by.
    #[schemars(length(min = 1, max = 4096))]
    pub token: Field<String>,
    /// `ios` or `android`.
    #[schemars(with = "schema::Platform")]
    pub platform: Field<String>,
}

impl RegisterDeviceRequest {
    /// The checked device; every bad field otherwise.
    pub fn check(self) -> Result<(DeviceToken, Platform), Problems> {
        let mut problems = Problems::new();
        let token = self.token.require(&mut problems, "token", |text| DeviceToken::parse(&text));
        let platform = self.platform.require(&mut problems, "platform", |text| Platform::parse(&text));
        problems.finish(token.zip(platform))
    }
}

/// Body of `POST /api/devices/unregister`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UnregisterDeviceRequest {
    /// Which device; all of the caller's when absent.
    #[schemars(length(min = 1, max = 4096))]
    pub token: Field<String>,
}

impl UnregisterDeviceRequest {
    /// The checked device, if one is named.
    pub fn check(self) -> Result<Option<DeviceToken>, Problems> {
        let mut problems = Problems::new();
        let token = self.token.allow(&mut problems, "token", |text| DeviceToken::parse(&text));
        problems.finish(Some(token))
    }
}

/// `{ "success": true }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoneBody {
    /// Always true: what did not work is an error.
    pub success: bool,
}
