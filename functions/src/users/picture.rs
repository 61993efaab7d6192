//! GET /api/users/{userId}/pictures/{picture}: somebody's picture.

use app::files::Files;
use app::{Error, pictures};
use domain::UserId;
use domain::attachment::PictureKey;
use edge::Failure;
use edge::http::{Reply, Request};
use wire::attachment::ElsewhereBody;

/// Less than the address it leads to works for.
const KEPT: u32 = 600;

/// 302 to where the picture is for the next minutes; 404 for what cannot be a picture. For everybody: an address in a
/// page has no token. It leads to pictures and to nothing else of what is kept.
pub async fn handle(files: &Files, request: Request) -> Result<Reply<ElsewhereBody>, Failure> {
    let unknown = "Picture";
    let user = request.path("userId", UserId::parse, unknown)?;
    let file = request.path("picture", |text| Ok(text.to_owned()), unknown)?;
    let key = PictureKey::parse_file(user, &file).ok_or(Error::NotFound(unknown))?;
    let location = pictures::see(files, &key).await?;
    Ok(Reply::elsewhere(&location, KEPT, ElsewhereBody { location: location.clone() }))
}
