//! Devices that notifications go to.

use domain::device::{DeviceToken, Platform};
use domain::{SessionId, Timestamp, UserId};
use store::{Table, devices};

use crate::error::{Error, Result};
use crate::tokens::Actor;

/// Registers a device for the caller; whoever had it before has it no more.
pub async fn register(
    table: &Table,
    actor: &Actor,
    (token, platform): (&DeviceToken, Platform),
    now: Timestamp,
) -> Result<()> {
    Ok(devices::register(table, (&actor.user, &actor.session), token, platform, now).await?)
}

/// Ends one device of the caller's, or all of them. Those of others stay.
pub async fn unregister(table: &Table, actor: &Actor, token: Option<&DeviceToken>) -> Result<()> {
    if let Some(token) = token {
        return Ok(devices::unregister(table, &actor.user, token).await?);
    }
    for device in devices::of_user(table, &actor.user).await? {
        let token = DeviceToken::parse(&device.token).map_err(|problem| Error::internal(problem.0))?;
        devices::unregister(table, &actor.user, &token).await?;
    }
    Ok(())
}

/// Ends the devices that these sessions registered: nothing is told any more to a phone that was signed out (security
/// B8).
pub(crate) async fn end_with(table: &Table, user: &UserId, sessions: &[SessionId]) -> Result<()> {
    let sessions: Vec<_> = sessions.iter().map(ToString::to_string).collect();
    for device in devices::of_user(table, user).await?.iter().filter(|device| sessions.contains(&device.session)) {
        let token = DeviceToken::parse(&device.token).map_err(|problem| Error::internal(problem.0))?;
        devices::unregister(table, user, &token).await?;
    }
    Ok(())
}
