//! GET /api/users/me/export: everything that is kept about the caller, part by part.

use app::export;
use app::files::Files;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::export::{ExportBody, ExportQuery};

/// 200 with one part; 400 for a bad cursor.
pub async fn handle(
    (guard, table, files): &(Guard, Table, Files),
    request: Request,
) -> Result<Reply<ExportBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let query: ExportQuery = request.query()?;
    Ok(Reply::ok(export::part(table, files, &actor, &query, request.now()).await?))
}
