//! HTTP beyond the routes.

use crate::examples;
use crate::operation::Kind;
use crate::row::Other;

pub(super) fn others() -> Vec<Other> {
    vec![Other {
        function: "http-default",
        kind: Kind::HttpDefault,
        summary: "Every path that is no route",
        description: "404 in the one error shape, whatever the method.",
        errors: vec![examples::not_found("Route"), examples::too_large(), examples::defect()],
    }]
}
