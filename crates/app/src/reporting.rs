//! Reports of people to moderators (contract, `users-report`). Nobody is told but the moderators, who find them in the
//! table by the day; a block neither prevents a report nor follows from one.

use domain::{Problems, Timestamp, UserId};
use store::reports::{self, Case, ReportRecord, Reported};
use store::{Table, messages};
use wire::report::{Report, ReportBody, ReportView};

use crate::audit::{Deed, did};
use crate::error::{Error, Result};
use crate::membership::enter;
use crate::tokens::Actor;

/// What came of a report.
#[derive(Debug, Clone)]
pub struct Told {
    /// What moderators have.
    pub body: ReportBody,
    /// Whether it is there by this call: the same person, or message, is reported once a day.
    pub is_new: bool,
}

/// Reports somebody, or a message of theirs in a conversation that the caller is in.
pub async fn report(table: &Table, actor: &Actor, user: &UserId, report: &Report, now: Timestamp) -> Result<Told> {
    if let Some((conversation, id)) = &report.message {
        let membership = enter(table, actor, conversation.clone()).await?;
        let message = messages::by_id(table, conversation, *id).await?;
        let seen = message.filter(|message| message.deleted_at.is_none() && !membership.place().hides(id.sequence()));
        let message = seen.ok_or(Error::NotFound("Message"))?;
        if message.sender != user.to_string() {
            return Err(Problems::one("messageId", "must be a message of the person who is reported").into());
        }
    }
    if *user == actor.user {
        return Err(Problems::one("userId", "must be somebody else").into());
    }
    let case = Case { subject: user, reporter: &actor.user, message: report.message.as_ref() };
    let details = report.details.as_ref().and_then(|details| details.as_option());
    let reason = report.reason.as_str();
    match reports::put(table, &case, (reason, details), now).await? {
        Reported::Done => {
            let entry = did(Some(&actor.user), Deed::Reported).to(user).session(&actor.session);
            match &report.message {
                Some((conversation, _)) => entry.at(conversation).note(),
                None => entry.note(),
            }
            let view = ReportView {
                user_id: user.to_string(),
                reason: reason.to_owned(),
                details: details.map(str::to_owned),
                conversation_id: report.message.as_ref().map(|(conversation, _)| conversation.to_string()),
                message_id: report.message.as_ref().map(|(_, id)| id.to_string()),
                created_at: now.to_string(),
            };
            Ok(Told { body: ReportBody { report: view }, is_new: true })
        }
        Reported::Before(record) => Ok(Told { body: ReportBody { report: view(*record) }, is_new: false }),
        Reported::Nobody => Err(Error::NotFound("User")),
    }
}

fn view(record: ReportRecord) -> ReportView {
    ReportView {
        user_id: record.subject,
        reason: record.reason,
        details: record.details,
        conversation_id: record.conversation,
        message_id: record.message,
        created_at: Timestamp::from_millis(record.created_at).to_string(),
    }
}
