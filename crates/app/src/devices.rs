//! Devices and browsers that notifications go to.

use domain::device::{DeviceToken, Platform};
use domain::web_push::{BrowserKeys, Endpoint};
use domain::{SessionId, Timestamp, UserId};
use store::{Table, devices};

use crate::error::Result;
use crate::tokens::Actor;

/// Registers a device for the caller; whoever had it before has it no more.
pub async fn register(
    table: &Table,
    actor: &Actor,
    (token, platform): (&DeviceToken, Platform),
    now: Timestamp,
) -> Result<()> {
    Ok(devices::register(table, (&actor.user, &actor.session), token, (platform, None), now).await?)
}

/// Subscribes a browser of the caller's; whoever had it before has it no more.
pub async fn subscribe(
    table: &Table,
    actor: &Actor,
    (endpoint, keys): (&Endpoint, &BrowserKeys),
    now: Timestamp,
) -> Result<()> {
    let (token, session) = (DeviceToken::from(endpoint), (&actor.user, &actor.session));
    Ok(devices::register(table, session, &token, (Platform::Web, Some(keys)), now).await?)
}

/// Ends one device of the caller's, or all of them. Those of others stay.
pub async fn unregister(table: &Table, actor: &Actor, token: Option<&DeviceToken>) -> Result<()> {
    if let Some(token) = token {
        return Ok(devices::unregister(table, &actor.user, token).await?);
    }
    for device in devices::of_user(table, &actor.user).await? {
        devices::unregister(table, &actor.user, &device.token()?).await?;
    }
    Ok(())
}

/// Ends the devices that these sessions registered: nothing is told any more to a phone that was signed out (security
/// B8).
pub(crate) async fn end_with(table: &Table, user: &UserId, sessions: &[SessionId]) -> Result<()> {
    let sessions: Vec<_> = sessions.iter().map(ToString::to_string).collect();
    for device in devices::of_user(table, user).await?.iter().filter(|device| sessions.contains(&device.session)) {
        devices::unregister(table, user, &device.token()?).await?;
    }
    Ok(())
}
