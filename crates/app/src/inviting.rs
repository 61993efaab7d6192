//! Inviting people into a group by a code, and joining it.
//!
//! A group has one code at a time. It says nothing of the group, it ends by itself, and it is not told apart from a wrong
//! one after that (security E6).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::conversation::{Kind, Role};
use domain::invitation::InviteCode;
use domain::{ConversationId, Timestamp};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use store::conversations::ConversationRecord;
use store::members::MemberRecord;
use store::places::{self, Changed};
use store::{Consistency, Table, invites, presence};
use wire::conversation::ConversationBody;
use wire::invitation::{InviteBody, Join};

use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::group::{BUSY, TRIES, welcome};
use crate::membership::{Membership, enter};
use crate::tokens::Actor;
use crate::{fresh, listing, passwords};

/// Wrong, ended, of a group that is gone: nobody is told which.
const UNKNOWN: Error = Error::NotFound("Invitation");
/// In pixels, the least a QR code is wide.
const WIDTH: u32 = 240;

/// How invitations are.
#[derive(Debug, Clone)]
pub struct InviteTerms {
    /// Where invited people go; the code is put behind it.
    pub address: String,
    /// How long a code is good for.
    pub good_for: Duration,
}

/// The group's code: the one it has, good for as long as a new one if half of that is over; another one if it has none or
/// `rotate` is asked for, which voids the old. Every member invites, into a private group its admins alone; only admins
/// rotate.
pub async fn invite(
    table: &Table,
    actor: &Actor,
    id: &ConversationId,
    rotate: bool,
    terms: &InviteTerms,
    now: Timestamp,
) -> Result<InviteBody> {
    for _ in 0..TRIES {
        let group = enter(table, actor, id.clone()).await?.of_group()?;
        if rotate || group.conversation().is_private {
            // The proof is all that is needed of it.
            drop(group.clone().of_admin()?);
        }
        let kept = group.conversation().invite();
        let kept = kept.and_then(|(code, until)| Some((InviteCode::parse(code).ok()?, until)));
        let before = kept.as_ref().map(|(code, _)| code.clone());
        let code = match kept.filter(|(_, until)| *until > now && !rotate) {
            Some((code, until)) if until > now.plus(terms.good_for / 2) => return shown(&group, &code, until, terms),
            Some((code, _)) => code,
            None => InviteCode::new(fresh::bytes()?),
        };
        let until = now.plus(terms.good_for);
        if invites::set(table, id, before.as_ref(), (&code, until)).await? {
            return shown(&group, &code, until, terms);
        }
    }
    Err(BUSY)
}

fn shown(group: &Membership, code: &InviteCode, until: Timestamp, terms: &InviteTerms) -> Result<InviteBody> {
    let invite_url = format!("{}#{}", terms.address, code.as_str());
    let drawn = QrCode::with_error_correction_level(&invite_url, EcLevel::M);
    let drawn = drawn.map_err(|error| Error::internal(format!("the address does not fit into a QR code: {error}")))?;
    let image = drawn.render::<svg::Color<'_>>().min_dimensions(WIDTH, WIDTH).build();
    Ok(InviteBody {
        conversation_id: group.id().to_string(),
        conversation_code: code.as_str().to_owned(),
        invite_url,
        qr_code_data: format!("data:image/svg+xml;base64,{}", STANDARD.encode(image)),
        expires_at: Timestamp::from_millis(until.seconds() * 1_000).to_string(),
    })
}

/// Joins the group that a code opens. Everybody in it gets `participant:joined`, the caller's other devices
/// `conversation:new`. However many try at once, the group is never fuller than it takes (security K5).
pub async fn join(table: &Table, push: &Push, actor: &Actor, join: &Join, now: Timestamp) -> Result<ConversationBody> {
    let code = join.code.as_ref().ok_or(UNKNOWN)?;
    let id = invites::find(table, code, now).await?.ok_or(UNKNOWN)?;
    let own = presence::of(table, [&actor.user], Consistency::Eventual).await?;
    let mut is_known = false;
    for _ in 0..TRIES {
        let (record, place) = invites::door(table, &id, &actor.user).await?.ok_or(UNKNOWN)?;
        // Its own word for it: a code that was just voided may still be found.
        if record.invite_code.as_deref() != Some(code.as_str()) || record.kind != Kind::Group.as_str() {
            return Err(UNKNOWN);
        }
        if place.is_some() {
            return Err(Error::Conflict("you are in this group already"));
        }
        if !is_known {
            admit(&record, join.password.as_deref())?;
            is_known = true;
        }
        if record.member_count >= record.max_members {
            return Err(Error::Conflict("the group is full"));
        }
        let new = [MemberRecord::new(&id, &actor.user, Role::Member, record.seq, now)];
        match places::add(table, &id, &new, record.max_members, now).await? {
            Changed::Done => {
                welcome(table, push, (&id, &record), &actor.user, &new, &own, now).await?;
                let membership = enter(table, actor, id).await?;
                let details = listing::conversation(table, &membership, None, now).await?;
                return Ok(ConversationBody { conversation: details.conversation });
            }
            Changed::Stale => return Err(Error::Conflict("you are in this group already")),
            Changed::Refused => {}
        }
    }
    Err(BUSY)
}

/// Lets in whoever knows the password, if there is one (security E7).
fn admit(record: &ConversationRecord, typed: Option<&str>) -> Result<()> {
    let Some(hash) = record.password_hash.as_deref() else { return Ok(()) };
    match typed {
        Some(typed) if passwords::matches(typed, Some(hash)) => Ok(()),
        Some(_) => Err(Error::Forbidden("the group's password is another one")),
        None => Err(Error::Forbidden("the group asks for a password")),
    }
}
