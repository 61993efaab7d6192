//! $connect authorizer: who may open a connection, and as whom.

use app::sockets;
use app::tokens::{Admission, Verifier};
use edge::AllowedOrigins;
use edge::authorizer::ConnectRequest;
use store::Table;

/// The person whose access token comes in the query, in `Authorization`, or as an offered sub-protocol, or whose ticket
/// comes in the query; 401 without one that holds, 403 for a page of an origin that is not allowed.
pub async fn handle(
    (origins, verifier, table): &(AllowedOrigins, Verifier, Table),
    request: &ConnectRequest,
) -> app::Result<Admission> {
    request.may_come(origins)?;
    if let Some(ticket) = request.ticket() {
        return sockets::redeem(table, ticket, request.now()).await;
    }
    let token = request.token().ok_or(app::Error::Unauthorized("no token"))?;
    verifier.admit(token, request.now())
}
