//! POST /api/push/subscriptions: have notifications pushed to a browser.

use app::devices;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, WebPushHosts};
use store::Table;
use wire::device::DoneBody;
use wire::push::SubscribeRequest;

/// 200; 400 for a subscription that is none, or whose endpoint is of no known push service (security H2); 409 where
/// nothing is pushed to browsers. A browser that was somebody else's is the caller's from now on.
pub async fn handle(
    (guard, table, hosts): &(Guard, Table, WebPushHosts),
    request: Request,
) -> Result<Reply<DoneBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let hosts = hosts.known()?;
    let body: SubscribeRequest = request.json()?;
    let (endpoint, keys) = body.check(hosts)?;
    devices::subscribe(table, &actor, (&endpoint, &keys), request.now()).await?;
    Ok(Reply::ok(DoneBody { success: true }))
}
