//! POST /api/devices/unregister: have notifications sent to a device no more.

use app::devices;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::device::{DoneBody, UnregisterDeviceRequest};

/// 200, whether or not there was such a device; without a token all of the caller's end. 400 for a bad token.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<DoneBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: UnregisterDeviceRequest = request.optional_json()?;
    devices::unregister(table, &actor, body.check()?.as_ref()).await?;
    Ok(Reply::ok(DoneBody { success: true }))
}
