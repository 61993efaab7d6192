//! $default (HTTP): every path that is no route, answered in the one error shape.

use edge::Failure;
use edge::http::{Reply, Request};

/// 404, always.
pub async fn handle((): &(), _: Request) -> Result<Reply<()>, Failure> {
    Err(app::Error::NotFound("Route").into())
}
