//! POST /api/auth/ws-ticket: a ticket to open one socket with.

use app::sockets;
use edge::http::{Reply, Request};
use edge::{Failure, Guard};
use store::Table;
use wire::auth::TicketBody;

/// 201 with the ticket.
pub async fn handle((guard, table): &(Guard, Table), request: Request) -> Result<Reply<TicketBody>, Failure> {
    let admission = request.admitted(guard).await?;
    let ticket = sockets::ticket(table, &admission, request.now()).await?;
    Ok(Reply::created(TicketBody { ticket, expires_in: sockets::TICKET.as_secs() }))
}
