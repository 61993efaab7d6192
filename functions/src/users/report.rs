//! POST /api/users/{userId}/report: report somebody to the moderators.

use app::reporting;
use domain::UserId;
use edge::http::{Reply, Request};
use edge::{Failure, Guard, ReportGuard};
use store::Table;
use wire::report::{ReportBody, ReportRequest};

/// 201 with the report; 200 with that of before for what the caller has reported on this day; 400 for bad fields, oneself,
/// and a message of somebody else's; 404 for nobody, a conversation the caller is not in, and a message that is not there;
/// 429 after too many.
pub async fn handle(
    (guard, limit, table): &(Guard, ReportGuard, Table),
    request: Request,
) -> Result<Reply<ReportBody>, Failure> {
    let actor = request.signed_in(guard).await?;
    let user = request.path("userId", UserId::parse, "User")?;
    let body: ReportRequest = request.json()?;
    let report = body.check()?;
    request.may_report(limit, &actor).await?;
    let told = reporting::report(table, &actor, &user, &report, request.now()).await?;
    Ok(if told.is_new { Reply::created(told.body) } else { Reply::ok(told.body) })
}
