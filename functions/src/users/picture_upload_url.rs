//! POST /api/users/profile-picture/upload-url: where the caller can upload a picture to.

use app::files::Files;
use app::pictures;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, UploadGuard};
use wire::attachment::{PictureUploadBody, PictureUploadRequest};

/// 200 with the address and the key; 400 for a type that is no picture's, and for one that is too large.
pub async fn handle(
    (guard, uploads, files): &(Guard, UploadGuard, Files),
    request: Request,
) -> Result<Reply<PictureUploadBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    request.may_upload(uploads, &actor).await?;
    let body: PictureUploadRequest = request.json()?;
    let upload = body.check(uploads.picture_bytes)?;
    Ok(Reply::ok(pictures::upload_url(files, &actor, upload).await?))
}
