//! PUT /api/users/profile-picture: show an uploaded picture.

use app::files::Files;
use app::inspection::Inspection;
use app::pictures;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, UploadGuard};
use store::Table;
use wire::attachment::SetPictureRequest;
use wire::user::PictureBody;

/// 200 with the profile and the picture's address; 400 without a key, and for an upload that did not come or is no
/// picture that can be shown; 403 for a key that is not the caller's own; 404 when the account is gone; 409 when it is being changed by
/// too many at once, and while it is being looked through for malware.
pub async fn handle(
    (guard, table, uploads, files, inspection): &(Guard, Table, UploadGuard, Files, Inspection),
    request: Request,
) -> Result<Reply<PictureBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let body: SetPictureRequest = request.json()?;
    let key = body.check()?;
    let base = request.base();
    let most = (uploads.picture_bytes, inspection);
    Ok(Reply::ok(pictures::set(table, files, &actor, key.as_ref(), most, &base).await?))
}
