//! Everybody whom something in a conversation goes to, grouped by what they get: one event per language, however many
//! read it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_apigatewaymanagement::primitives::Blob;
use domain::person::Username;
use domain::translatable::mentioned;
use domain::{ConversationId, Language, UserId};
use store::members::MemberRecord;
use store::messages::MessageRecord;
use store::presence::Presence;
use store::{Consistency, Live, Table, presence};
use wire::frame::Event;
use wire::message::MessageView;

use crate::delivery::{Parcel, packed};
use crate::error::Result;
use crate::membership::Gathering;
use crate::translation::Translations;
use crate::{readers, views};

type Connections = Vec<(UserId, Live)>;

/// The live connections of a conversation's members.
pub(crate) struct Audience {
    sender: UserId,
    sender_presence: Option<Presence>,
    own: Connections,
    /// Everybody else's, by the language they chose and the variant they read.
    readers: BTreeMap<(Language, Language), Connections>,
    /// What is known of everybody, the sender too.
    people: HashMap<UserId, Presence>,
}

/// A message with what is shown along with it.
pub(crate) struct Shown<'a> {
    /// Where it was sent.
    pub conversation: &'a ConversationId,
    /// The message.
    pub message: &'a MessageRecord,
    /// The message it answers as it is now, if it is there.
    pub answered: Option<&'a MessageRecord>,
    /// How far everybody has come.
    pub members: &'a [MemberRecord],
}

impl Audience {
    /// Everybody in the conversation who is there now: one item each, a hundred a call.
    pub(crate) async fn of(table: &Table, gathering: &Gathering) -> Result<Self> {
        let people = presence::of(table, gathering.members(), Consistency::Eventual).await?;
        Ok(Self::from(gathering.sender(), people))
    }

    /// The same for something that nobody does: the members, of whom one sent what it is about.
    pub(crate) async fn of_members(table: &Table, sender: &UserId, members: &[MemberRecord]) -> Result<Self> {
        let users = members.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
        let people = presence::of(table, &users, Consistency::Eventual).await?;
        Ok(Self::from(sender, people))
    }

    /// The sender alone.
    pub(crate) async fn of_sender(table: &Table, gathering: &Gathering) -> Result<Self> {
        let people = presence::of(table, [gathering.sender()], Consistency::Eventual).await?;
        Ok(Self::from(gathering.sender(), people))
    }

    fn from(sender: &UserId, people: HashMap<UserId, Presence>) -> Self {
        let connections = |user: &UserId, presence: &Presence| {
            presence.oldest_first().into_iter().map(|connection| (user.clone(), connection)).collect::<Connections>()
        };
        let sender_presence = people.get(sender).cloned();
        let own = sender_presence.as_ref().map(|presence| connections(sender, presence)).unwrap_or_default();
        let mut readers: BTreeMap<_, Connections> = BTreeMap::new();
        for (user, presence) in people.iter().filter(|(user, _)| *user != sender) {
            let group = (readers::preferred(presence), readers::language(presence));
            readers.entry(group).or_default().extend(connections(user, presence));
        }
        readers.retain(|_, connections| !connections.is_empty());
        Self { sender: sender.clone(), sender_presence, own, readers, people }
    }

    /// Who sends.
    pub(crate) fn sender_id(&self) -> &UserId {
        &self.sender
    }

    /// The language the sender reads, and mostly writes.
    pub(crate) fn sender_language(&self) -> Language {
        self.sender_presence.as_ref().map_or_else(Language::english, readers::preferred)
    }

    /// Who of these people is mentioned in a text. Without a request: their names are known here.
    pub(crate) fn mentioned(&self, text: &str) -> BTreeSet<String> {
        let names = mentioned(text);
        if names.is_empty() {
            return BTreeSet::new();
        }
        let known = |person: &&Presence| {
            Username::parse(&person.username).is_ok_and(|username| names.contains(&username.folded()))
        };
        self.people.values().filter(known).map(|person| person.id.clone()).collect()
    }

    /// The languages that are read here.
    pub(crate) fn targets(&self) -> impl Iterator<Item = Language> {
        self.readers.keys().map(|(_, target)| *target)
    }

    /// The message as its sender sees it.
    pub(crate) fn own_view(&self, shown: &Shown<'_>) -> MessageView {
        self.view(shown, self.sender_language(), None)
    }

    /// An event for each of the sender's connections.
    pub(crate) fn to_sender(&self, event: &Event) -> Result<Vec<Parcel>> {
        Ok(parcels(&self.own, &packed(event)?))
    }

    /// An event that is the same for everybody, the sender too.
    pub(crate) fn to_all(&self, event: &Event) -> Result<Vec<Parcel>> {
        let event = packed(event)?;
        let all = self.readers.values().chain([&self.own]);
        Ok(all.flat_map(|connections| parcels(connections, &event)).collect())
    }

    /// An event about the message for the readers whose language `pick` takes, with the translation that it gives.
    pub(crate) fn to_readers(
        &self,
        shown: &Shown<'_>,
        pick: impl Fn(Language) -> Option<Option<String>>,
        event: impl Fn(Box<MessageView>) -> Event,
    ) -> Result<Vec<Parcel>> {
        let mut all = Vec::new();
        for ((language, target), connections) in &self.readers {
            if let Some(translation) = pick(*target) {
                let view = Box::new(self.view(shown, *language, translation));
                all.extend(parcels(connections, &packed(&event(view))?));
            }
        }
        Ok(all)
    }

    /// The translations that came late, for the readers who wait for them.
    pub(crate) fn updates(&self, shown: &Shown<'_>, late: &Translations) -> Result<Vec<Parcel>> {
        let pick = |target| late.get(&target).cloned().map(Some);
        self.to_readers(shown, pick, |message| Event::MessageUpdated { message })
    }

    fn view(&self, shown: &Shown<'_>, language: Language, translation: Option<String>) -> MessageView {
        let (status, read_by) = views::receipts(shown.members, shown.message);
        let seen = views::Seen {
            conversation: shown.conversation,
            sender: self.sender_presence.as_ref(),
            language: language.as_str(),
            translation,
            status,
            read_by,
            answered: shown.answered,
        };
        views::message(shown.message, seen)
    }
}

fn parcels(connections: &Connections, event: &Blob) -> Vec<Parcel> {
    let to = |(user, connection): &(UserId, Live)| Parcel {
        user: user.clone(),
        connection: connection.clone(),
        event: event.clone(),
    };
    connections.iter().map(to).collect()
}
