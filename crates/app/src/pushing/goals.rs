//! To whom a message is pushed, and to which of their devices.

use domain::device::Platform;
use domain::{Language, Timestamp, UserId};
use futures_util::{StreamExt, TryStreamExt, stream};
use store::devices::{self, DeviceRecord};
use store::members::{self, MemberRecord};
use store::presence::{self, Presence};
use store::stream::Said;
use store::{Consistency, blocks};

use super::Pusher;
use crate::error::{Error, Result};
use crate::readers;

/// Members that are looked at together.
const TOGETHER: usize = 1_000;
/// People whose devices are read at once.
const AT_ONCE: usize = 32;
/// In milliseconds, how long a registration may take: until then nobody is said to have no device.
const REGISTERING: i64 = 60_000;

/// A device of somebody who is to be told.
#[derive(Debug, Clone)]
pub(super) struct Goal {
    pub(super) user: UserId,
    pub(super) device: DeviceRecord,
    /// The language its owner reads.
    pub(super) language: Language,
    pub(super) sound: bool,
    pub(super) mentioned: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Goals {
    pub(super) devices: Vec<Goal>,
    pub(super) sender: Option<Presence>,
}

/// The devices of the members who are not looking and want to know. Where nobody has a device that is one query for the
/// members, and one call for each hundred of them; then follow the places of those who may have one, as they are now, one
/// query for blocks, and one for each person's devices.
pub(super) async fn of(pusher: &Pusher, said: &Said, now: Timestamp) -> Result<Goals> {
    let (table, conversation) = (&pusher.table, &said.conversation);
    let sender = UserId::parse(&said.message.sender).map_err(|problem| Error::internal(problem.0))?;
    let members = members::of_conversation(table, conversation, usize::MAX, Consistency::Eventual).await?;
    let wanting = members.iter().filter(|place| wants(place, said, now));
    let wanting = wanting.map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let mut goals = Goals::default();
    for together in wanting.chunks(TOGETHER) {
        let mut people = presence::of(table, together.iter().chain([&sender]), Consistency::Eventual).await?;
        goals.sender = people.remove(&sender).or(goals.sender);
        people.retain(|_, person| {
            person.push_at.is_some() && !person.notifications_off && !person.looks_at(conversation, now)
        });
        // Who was removed, or has asked for silence, a moment ago hears nothing any more (security C5).
        let places = members::of_people(table, conversation, people.keys()).await?;
        people.retain(|user, _| places.get(user).is_some_and(|place| wants(place, said, now)));
        // In a direct conversation the two places say it.
        if members.len() > 2 {
            let blocked = blocks::among(table, &sender, people.keys()).await?;
            people.retain(|user, _| !blocked.contains_key(user));
        }
        let found = stream::iter(&people).map(|(user, person)| devices_of(pusher, user, person, said, now));
        let found: Vec<Vec<Goal>> = found.buffer_unordered(AT_ONCE).try_collect().await?;
        goals.devices.extend(found.into_iter().flatten());
    }
    Ok(goals)
}

/// Whether a member is to be told, as far as their place says.
fn wants(place: &MemberRecord, Said { id, message, .. }: &Said, now: Timestamp) -> bool {
    place.user != message.sender
        && place.user != UserId::ERASED.to_string()
        && !place.is_cut_off()
        && place.last_read_seq < id.sequence()
        && (place.muted(now).is_none() || message.mentions.contains(&place.user))
}

async fn devices_of(
    pusher: &Pusher,
    user: &UserId,
    person: &Presence,
    said: &Said,
    now: Timestamp,
) -> Result<Vec<Goal>> {
    let found = devices::to_push_to(&pusher.table, user).await?;
    if found.is_empty() {
        let since = person.push_at.filter(|since| now.millis() - since > REGISTERING);
        if let Some(since) = since {
            presence::cannot_be_pushed_to(&pusher.table, user, since).await?;
        }
        return Ok(Vec::new());
    }
    let mut goals = Vec::new();
    for device in found {
        let reached = match device.platform()? {
            Platform::Web => pusher.browsers.is_some(),
            phone => pusher.phones.reach(phone),
        };
        if reached {
            goals.push(Goal {
                user: user.clone(),
                language: readers::language(person),
                sound: !person.sound_off,
                mentioned: said.message.mentions.contains(&person.id),
                device,
            });
        }
    }
    Ok(goals)
}
