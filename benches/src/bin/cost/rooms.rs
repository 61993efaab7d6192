//! Conversations of several sizes, and everything that is done in them.

use benches::support::{Call, Person, Phone, call, text};
use domain::conversation::Role;
use domain::{ConversationId, Timestamp, UserId};
use serde_json::{Value, json};
use store::members::MemberRecord;
use store::places::{self, Changed, MOST_ADDED};

use crate::crowd::{TIME, crowd, people};
use crate::stage::Stage;
use crate::used::{Row, merged};
use crate::{groups, talking};

/// Members.
pub(crate) const SIZES: [usize; 4] = [2, 10, 100, 1_000];
/// Messages that are there from the beginning.
pub(crate) const EARLIER: usize = 50;
/// A word of each size's texts, all of one length: what one has translated is new to the next.
const WOODS: [&str; 4] = ["oak", "elm", "ash", "fir"];

/// A group with some messages in it, of which nobody has seen any.
pub(crate) struct Room {
    /// How many people are in it.
    pub(crate) size: usize,
    /// `conv_…`
    pub(crate) id: String,
    /// A word of its own.
    pub(crate) wood: &'static str,
    /// Who made it, and writes English.
    pub(crate) creator: Person,
    /// The creator's connection.
    pub(crate) of_creator: Phone,
    /// Somebody who reads Spanish.
    pub(crate) member: Person,
    /// Somebody who is not in it.
    pub(crate) stranger: Person,
    /// The first of the others, each with a connection.
    pub(crate) others: Vec<UserId>,
}

impl Room {
    /// Path of something in it.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/conversations/{}{rest}", self.id)
    }

    /// A request about it.
    pub(crate) fn ask(&self, who: &Person, method: &str, rest: &str, body: Option<&Value>) -> Call {
        call(method, &self.path(rest), body).bearer(&who.token).path("conversationId", &self.id)
    }

    /// A request about one of its messages.
    pub(crate) fn about(
        &self,
        who: &Person,
        method: &str,
        (message, rest): (&str, &str),
        body: Option<&Value>,
    ) -> Call {
        self.ask(who, method, &format!("/messages/{message}{rest}"), body).path("messageId", message)
    }

    /// Brings people in whom nobody is told of.
    pub(crate) async fn take(&self, stage: &Stage, people: &[UserId]) {
        let (now, seen) = (Timestamp::from_millis(TIME), u64::try_from(EARLIER).expect("some"));
        let id = ConversationId::parse(&self.id).expect("an id");
        for people in people.chunks(MOST_ADDED) {
            let place = |user: &UserId| MemberRecord::new(&id, user, Role::Member, seen, now);
            let places: Vec<_> = people.iter().map(place).collect();
            let added = places::add(&stage.bench.table(), &id, &places, 1_000, now).await.expect("a table");
            assert_eq!(added, Changed::Done);
        }
    }
}

/// What is done with messages, and with conversations, at every size.
pub(crate) async fn measured() -> (Vec<Row>, Vec<Row>) {
    let stage = Stage::start().await;
    let phones = crowd(&stage.bench, SIZES[SIZES.len() - 1], 2).await;
    let mut rooms = Vec::new();
    for (size, wood) in SIZES.into_iter().zip(WOODS) {
        rooms.push(room(&stage, &phones, size, wood).await);
    }
    // So that nothing is so new that a sync tells it again.
    stage.bench.backdate(Timestamp::from_millis(recently())).await;

    let (mut talks, mut changes, mut of_members) = (Vec::new(), Vec::new(), Vec::new());
    for room in &rooms {
        // Whoever was away comes back to the earlier messages.
        let mut rows = talking::away(&stage, room).await;
        let of_member = stage.bench.phone(&room.member).await;
        rows.extend(talking::measured(&stage, room, &of_member).await);
        rows.extend(talking::files(&stage, room, &of_member).await);
        talks.push((room.size, rows));
        of_members.push(of_member);
    }
    let mut talks = merged(&talks);
    let sends = talks.iter().filter(|row| row.function == "ws-message-send" && row.case == "into another language");
    let writes: Vec<_> = sends.map(|row| row.used.write).collect();
    assert!(writes.windows(2).all(|two| two[0].total_cmp(&two[1]).is_eq()), "the same writes everywhere: {writes:?}");
    talks.extend(talking::cases(&stage, &rooms[0]).await);
    talks.extend(talking::languages(&stage).await);
    talks.extend(talking::searching(&stage).await);
    let mut all = groups::opening(&stage, &rooms[0]).await;
    all.extend(groups::clearing(&stage, &rooms[0]).await);
    for room in &rooms {
        changes.push((room.size, groups::measured(&stage, room).await));
    }
    all.extend(merged(&changes));
    all.extend(groups::listing().await);
    (talks, all)
}

/// An hour ago, as a number of which all digits count.
fn recently() -> i64 {
    (benches::support::now().millis() - 60 * 60 * 1000) / 10 * 10 + 7
}

async fn room(stage: &Stage, crowd: &[Phone], size: usize, wood: &'static str) -> Room {
    let bench = &stage.bench;
    let [creator, member, stranger] = people(bench, 3, 2, wood).await.try_into().expect("three");
    let of_creator = bench.phone(&creator).await;
    let body = json!({ "type": "group", "name": "Friends of the mountains", "participantIds": [member.id] });
    let id = bench.conversation(&creator, &body).await;
    for number in 0..EARLIER {
        let content = format!("The house number {} at the end of the {wood} alley is red.", 10 + number);
        stage.say(&of_creator, json!({ "conversationId": id, "content": content })).await;
    }
    let others: Vec<_> = crowd.iter().map(|phone| phone.actor.user.clone()).collect();
    let room = Room { size, id, wood, creator, of_creator, member, stranger, others };
    room.take(stage, &room.others[..size - 2]).await;
    room
}

impl Stage {
    /// Says something that nobody counts; the message's id.
    pub(crate) async fn say(&self, phone: &Phone, mut data: Value) -> String {
        let services = self.bench.of("ws-message-send").await;
        let name = uuid::Uuid::new_v4().to_string();
        data["tempId"] = json!(name);
        let frame = json!({ "action": "message:send", "data": data });
        self.bench.act(&services, functions::ws::message_send::handle, phone, &frame).await;
        self.sent(phone, &name).await
    }

    /// The id of a message that somebody just sent by this name.
    pub(crate) async fn sent(&self, phone: &Phone, name: &str) -> String {
        loop {
            let event = phone.expect("message:receive").await;
            if event["tempId"] == *name {
                return text(&event["message"]["id"]);
            }
        }
    }
}
