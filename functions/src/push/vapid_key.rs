//! GET /api/push/vapid-public-key: what a browser subscribes with.

use edge::http::{Reply, Request};
use edge::{Failure, WebPushPublicKey};
use wire::push::PushKeyBody;

/// 200 for everybody: the key is public; 409 where nothing is pushed to browsers.
pub async fn handle(key: &WebPushPublicKey, _: Request) -> Result<Reply<PushKeyBody>, Failure> {
    Ok(Reply::ok(PushKeyBody { public_key: key.text()?.to_owned() }))
}
