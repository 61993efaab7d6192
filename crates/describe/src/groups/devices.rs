//! Devices.

use schemars::SchemaGenerator;
use serde_json::json;
use wire::device::{DoneBody, RegisterDeviceRequest, UnregisterDeviceRequest};

use crate::examples;
use crate::row::{Answer, Example, Request, Route};

const TAG: &str = "Devices";

pub(super) fn routes() -> Vec<Route> {
    vec![register(), unregister()]
}

fn register() -> Route {
    Route {
        function: "devices-register",
        method: "POST",
        path: "/api/devices/register",
        tag: TAG,
        summary: "Have notifications sent to a device",
        description: "A device that was somebody else's is the caller's from now on. It ends with the session that registered it.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<RegisterDeviceRequest>,
            examples: vec![Example {
                name: "ios",
                summary: "An iPhone",
                value: json!({ "token": "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad", "platform": "ios" }),
            }],
        }),
        answers: vec![Answer::new(200, "It is registered.", &DoneBody { success: true })],
        errors: vec![
            examples::invalid(&[("platform", "must be ios or android"), ("token", "is required")]),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn unregister() -> Route {
    Route {
        function: "devices-unregister",
        method: "POST",
        path: "/api/devices/unregister",
        tag: TAG,
        summary: "Have notifications sent to a device no more",
        description: "Without a token, to none of the caller's devices. A device of somebody else stays.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<UnregisterDeviceRequest>,
            examples: vec![
                Example {
                    name: "one",
                    summary: "One device",
                    value: json!({ "token": "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad" }),
                },
                Example { name: "all", summary: "All of them", value: json!({}) },
            ],
        }),
        answers: vec![Answer::new(200, "It is not registered (any more).", &DoneBody { success: true })],
        errors: vec![
            examples::invalid(&[("token", "must be a string")]),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}
