//! The table, a file for each group.

mod attachments;
mod auth;
mod blocks;
mod conversation;
mod conversations;
mod devices;
mod elsewhere;
mod export;
mod friends;
mod http;
mod invitations;
mod languages;
mod message_actions;
mod messages;
mod notifications;
mod participants;
mod presence;
mod push;
mod socket;
mod users;

use crate::row::{Action, Other, Route, ServerEvent};

/// Every HTTP route.
pub(crate) fn routes() -> Vec<Route> {
    [
        auth::routes(),
        elsewhere::routes(),
        users::routes(),
        export::routes(),
        blocks::routes(),
        devices::routes(),
        push::routes(),
        friends::routes(),
        notifications::routes(),
        conversations::routes(),
        conversation::routes(),
        invitations::routes(),
        participants::routes(),
        messages::routes(),
        attachments::routes(),
        languages::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Everything a client can ask for over the socket.
pub(crate) fn actions() -> Vec<Action> {
    [socket::actions(), message_actions::actions(), presence::actions()].into_iter().flatten().collect()
}

/// Everything the server says over the socket.
pub(crate) fn events() -> Vec<ServerEvent> {
    [socket::events(), message_actions::events(), presence::events(), friends::events(), notifications::events()]
        .into_iter()
        .flatten()
        .collect()
}

/// The functions that are no operation of their own.
pub(crate) fn others() -> Vec<Other> {
    [http::others(), socket::others(), message_actions::others(), notifications::others(), push::others()]
        .into_iter()
        .flatten()
        .collect()
}
