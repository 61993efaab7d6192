//! POST /api/attachments/upload-url: where a file for a conversation can be uploaded to.

use app::files::Files;
use app::{attachments, membership};
use edge::http::{Reply, Request};
use edge::{Failure, Guard, UploadGuard};
use store::Table;
use wire::attachment::{UploadBody, UploadRequest};

/// 200 with the address, the id and the key; 400 for bad fields, types that cannot be sent and files that are too large;
/// 403 where one of two has blocked the other; 404 for a conversation that the caller is not in.
pub async fn handle(
    (guard, table, uploads, files): &(Guard, Table, UploadGuard, Files),
    request: Request,
) -> Result<Reply<UploadBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    request.may_upload(uploads, &actor).await?;
    let body: UploadRequest = request.json()?;
    let upload = body.check(uploads.attachment_bytes)?;
    let membership = membership::enter(table, &actor, upload.conversation.clone()).await?.to_speak()?;
    Ok(Reply::ok(attachments::upload_url(table, files, &membership, &upload, request.now()).await?))
}
