//! no route: erase what is kept about somebody whose account was deleted, for `users-delete` and a daily schedule.

use app::erasure::{self, Erasing, Erasure};
use domain::{Problems, Timestamp, UserId};
use edge::Failure;

/// Nothing of the person is left, if one is named, nor of those whose erasure was interrupted some time ago. Goes on in another invocation
/// where one is not enough. Whoever has an account is left alone.
pub async fn handle(erasure: &Erasure, erasing: Erasing, now: Timestamp) -> Result<(), Failure> {
    let user = erasing.user_id.as_deref().map(UserId::parse).transpose();
    let user = user.map_err(|problem| Problems::one("userId", problem.0))?;
    Ok(erasure::erase(erasure, user.as_ref(), now).await?)
}
