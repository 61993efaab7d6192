//! DELETE /api/push/subscriptions: have notifications pushed to a browser no more.

use app::devices;
use domain::device::DeviceToken;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::device::DoneBody;
use wire::push::UnsubscribeRequest;

/// 200, whether or not there was such a subscription; 400 for a bad endpoint. That of somebody else stays.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<DoneBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: UnsubscribeRequest = request.json()?;
    devices::unregister(table, &actor, Some(&DeviceToken::from(&body.check()?))).await?;
    Ok(Reply::ok(DoneBody { success: true }))
}
