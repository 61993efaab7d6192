//! GET /api/attachments/download-url: where a file of a conversation can be downloaded from.

use app::files::Files;
use app::inspection::Inspector;
use app::{attachments, membership};
use edge::http::{Reply, Request};
use edge::{Failure, Guard, InspectionWait};
use store::Table;
use wire::attachment::{DownloadBody, DownloadQuery};

/// 200 with the address; 400 for what is no key; 404 for a file of a conversation that the caller is not in, as for one
/// that does not exist, and for one that is refused; 409 for one that is still being inspected after a moment.
pub async fn handle(
    (guard, table, files, inspector, InspectionWait(patience)): &(Guard, Table, Files, Inspector, InspectionWait),
    request: Request,
) -> Result<Reply<DownloadBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: DownloadQuery = request.query()?;
    let key = query.check()?;
    let membership = membership::enter(table, &actor, key.conversation.clone()).await?;
    let services = (table, files, inspector);
    Ok(Reply::ok(attachments::download_url(services, &membership, &key, *patience, request.now()).await?))
}
