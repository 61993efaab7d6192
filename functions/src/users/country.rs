//! PATCH /api/users/me/country: change the country the caller lives in.

use app::users;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::user::{CountryRequest, LocaleBody};

/// 200 with the profile as it is now; 400 for a country that is none; 404 when the account is gone; 409 when it is being
/// changed by too many at once.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<LocaleBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: CountryRequest = request.json()?;
    Ok(Reply::ok(users::change_locale(table, &actor, &body.check()?).await?))
}
