//! Functions by the name that the template gives them: for tests that play every route or every action.

use std::pin::Pin;

use serde_json::Value;

use super::{Answer, Bench, Call, Phone};

/// A future in a box, made in a place of its own: a function in which the futures of all handlers are made has room for
/// all of them on its stack.
fn boxed<'a, F: Future + 'a>(make: impl FnOnce() -> F) -> Pin<Box<dyn Future<Output = F::Output> + 'a>> {
    Box::pin(make())
}

/// Runs the arm of one name.
macro_rules! by_name {
    ($function:expr, $($name:literal => $played:expr),+ $(,)?) => {
        match $function {
            $($name => boxed($played).await,)+
            other => panic!("{other} is not among the functions that tests know by name (tests/support/dispatch.rs)"),
        }
    };
}

impl Bench {
    /// A call through the handler of the function with this name.
    pub async fn http(&self, function: &str, call: Call) -> Answer {
        macro_rules! to {
            ($($name:literal => $handle:path),+ $(,)?) => {
                by_name!(function, $($name => move || async move { call.to(&self.of($name).await, $handle).await }),+)
            };
        }
        to! {
            "attachments-download-url" => functions::attachments::download_url::handle,
            "attachments-upload-url" => functions::attachments::upload_url::handle,
            "auth-change-password" => functions::auth::change_password::handle,
            "auth-check-email" => functions::auth::check_email::handle,
            "auth-google" => functions::auth::google::handle,
            "auth-google-callback" => functions::auth::google_callback::handle,
            "auth-google-start" => functions::auth::google_start::handle,
            "auth-login" => functions::auth::login::handle,
            "auth-logout" => functions::auth::logout::handle,
            "auth-me" => functions::auth::me::handle,
            "auth-oauth" => functions::auth::oauth::handle,
            "auth-refresh" => functions::auth::refresh::handle,
            "auth-register" => functions::auth::register::handle,
            "auth-session-revoke" => functions::auth::session_revoke::handle,
            "auth-sessions" => functions::auth::sessions::handle,
            "auth-ws-ticket" => functions::auth::ws_ticket::handle,
            "conversations-create" => functions::conversations::create::handle,
            "conversations-delete" => functions::conversations::delete::handle,
            "conversations-get" => functions::conversations::get::handle,
            "conversations-invite" => functions::conversations::invite::handle,
            "conversations-join" => functions::conversations::join::handle,
            "conversations-leave" => functions::conversations::leave::handle,
            "conversations-list" => functions::conversations::list::handle,
            "conversations-read" => functions::conversations::read::handle,
            "conversations-settings" => functions::conversations::settings::handle,
            "conversations-update" => functions::conversations::update::handle,
            "devices-register" => functions::devices::register::handle,
            "devices-unregister" => functions::devices::unregister::handle,
            "friends-accept" => functions::friends::accept::handle,
            "friends-decline" => functions::friends::decline::handle,
            "friends-list" => functions::friends::list::handle,
            "friends-remove" => functions::friends::remove::handle,
            "friends-request" => functions::friends::request::handle,
            "friends-requests" => functions::friends::requests::handle,
            "http-default" => functions::http::default::handle,
            "languages-list" => functions::languages::list::handle,
            "messages-delete" => functions::messages::delete::handle,
            "messages-edit" => functions::messages::edit::handle,
            "messages-get" => functions::messages::get::handle,
            "messages-list" => functions::messages::list::handle,
            "messages-preview" => functions::messages::preview::handle,
            "messages-search" => functions::messages::search::handle,
            "messages-send" => functions::messages::send::handle,
            "messages-sync" => functions::messages::sync::handle,
            "messages-translate" => functions::messages::translate::handle,
            "notifications-list" => functions::notifications::list::handle,
            "notifications-read" => functions::notifications::read::handle,
            "notifications-read-all" => functions::notifications::read_all::handle,
            "participants-add" => functions::participants::add::handle,
            "participants-remove" => functions::participants::remove::handle,
            "participants-role" => functions::participants::role::handle,
            "push-subscribe" => functions::push::subscribe::handle,
            "push-unsubscribe" => functions::push::unsubscribe::handle,
            "push-vapid-key" => functions::push::vapid_key::handle,
            "users-block" => functions::users::block::handle,
            "users-blocked" => functions::users::blocked::handle,
            "users-country" => functions::users::country::handle,
            "users-delete" => functions::users::delete::handle,
            "users-export" => functions::users::export::handle,
            "users-get" => functions::users::get::handle,
            "users-language" => functions::users::language::handle,
            "users-me" => functions::users::me::handle,
            "users-picture" => functions::users::picture::handle,
            "users-picture-delete" => functions::users::picture_delete::handle,
            "users-picture-set" => functions::users::picture_set::handle,
            "users-picture-upload-url" => functions::users::picture_upload_url::handle,
            "users-report" => functions::users::report::handle,
            "users-search" => functions::users::search::handle,
            "users-unblock" => functions::users::unblock::handle,
            "users-update" => functions::users::update::handle,
        }
    }

    /// A frame of a phone through the handler of the function with this name.
    pub async fn frame(&self, function: &str, phone: &Phone, frame: &Value) {
        macro_rules! to {
            ($($name:literal => $handle:path),+ $(,)?) => {
                by_name!(function, $($name => move || async move {
                    self.act(&self.of($name).await, $handle, phone, frame).await
                }),+)
            };
        }
        to! {
            "ws-conversation-join" => functions::ws::conversation_join::handle,
            "ws-conversation-leave" => functions::ws::conversation_leave::handle,
            "ws-default" => functions::ws::default::handle,
            "ws-message-delete" => functions::ws::message_delete::handle,
            "ws-message-delivered" => functions::ws::message_delivered::handle,
            "ws-message-edit" => functions::ws::message_edit::handle,
            "ws-message-reaction" => functions::ws::message_reaction::handle,
            "ws-message-read" => functions::ws::message_read::handle,
            "ws-message-send" => functions::ws::message_send::handle,
            "ws-message-typing" => functions::ws::message_typing::handle,
            "ws-ping" => functions::ws::ping::handle,
            "ws-presence-update" => functions::ws::presence_update::handle,
            "ws-sync" => functions::ws::sync::handle,
        }
    }
}
