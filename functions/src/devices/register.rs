//! POST /api/devices/register: have notifications sent to a device.

use app::devices;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::device::{DoneBody, RegisterDeviceRequest};

/// 200; 400 without token and platform. A device that was somebody else's is the caller's from now on.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<DoneBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: RegisterDeviceRequest = request.json()?;
    let (token, platform) = body.check()?;
    devices::register(table, &actor, (&token, platform), request.now()).await?;
    Ok(Reply::ok(DoneBody { success: true }))
}
