//! Who comes: the columns of the matrix, and the conversation that they want something of.

use std::collections::BTreeMap;

use app::accounts::SignInDesk;
use domain::Timestamp;
use serde_json::{Value, json};

use crate::support::{
    Bench, Call, Elsewhere, PASSWORD, PNG, Person, Phone, authorize, call, endpoint, now, subscription, text, upload,
};

/// What outsiders must never get to see: it is said, or stands, in the conversation alone.
pub const SECRETS: [&str; 4] =
    ["The launch is on Friday", "Mine was the blue one", "Plum Committee", "plum-minutes.png"];

/// What else is said when the matrix is played.
pub const WORDS: [&str; 4] = ["Me too, I say", "It is not so", "another horse altogether", "Where is the station"];

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Made the group, and is its only admin; sent the message, uploaded the file, has the session, the device and the
    /// picture that the others ask for.
    Owner,
    /// Is in the group.
    Member,
    /// Was in the group, wrote in it, and was removed.
    Former,
    /// Has an account and a group of their own, and was never in this one.
    Stranger,
    /// Is in the group, and the owner, with whom they have a direct conversation, has blocked them.
    Blocked,
    /// Is in the group, with an access token that verifies and belongs to a session that was ended.
    Ended,
    /// The owner's phone without a token.
    NoToken,
    /// The owner with an access token of yesterday.
    Expired,
    /// The owner with tokens that are good for something else.
    WrongKind,
}

impl Who {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 9] = [
        Self::Owner,
        Self::Member,
        Self::Former,
        Self::Stranger,
        Self::Blocked,
        Self::Ended,
        Self::NoToken,
        Self::Expired,
        Self::WrongKind,
    ];

    /// The heading of the column.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Member => "member",
            Self::Former => "former",
            Self::Stranger => "stranger",
            Self::Blocked => "blocked",
            Self::Ended => "ended",
            Self::NoToken => "none",
            Self::Expired => "expired",
            Self::WrongKind => "kind",
        }
    }

    /// Whether the group is none of this person's business.
    pub fn is_outsider(self) -> bool {
        matches!(self, Self::Former | Self::Stranger)
    }

    /// Whether the token alone says that this is nobody: nothing is even looked up.
    pub fn is_nobody(self) -> bool {
        matches!(self, Self::NoToken | Self::Expired | Self::WrongKind)
    }
}

/// How somebody proves who they are at the handshake: a parameter of its query, if any.
pub type Proof = Option<(&'static str, String)>;

/// The group, and everybody who asks for something in it.
pub struct Scene {
    place: Elsewhere,
    people: BTreeMap<&'static str, Person>,
    /// The group.
    pub group: String,
    /// A group of each person's own, by the person's id.
    own_groups: BTreeMap<String, String>,
    /// The conversation of the owner and of whom the owner has blocked.
    direct: String,
    /// A message of the owner's in that.
    message_in_direct: String,
    /// A message of the owner's in the group.
    message: String,
    /// A message of the former member's in it.
    message_of_former: String,
    /// The key of a file that the owner sent in it.
    pub file: String,
    /// A member who only listens, and is the owner's friend.
    pub witness: Person,
    /// The owner's tablet: a session of its own.
    pub tablet: Person,
    /// Somebody in everybody's own group, and not in this one, who has asked the owner for friendship.
    pub bystander: Person,
    /// A notification of the owner's.
    pub note: String,
    /// Somebody whom nobody has anything to do with.
    pub passer_by: Person,
    /// The token of the owner's device.
    pub device: &'static str,
    /// The endpoint of the owner's browser.
    pub browser: String,
    expired: String,
    ticket: String,
    id_token: String,
}

impl Scene {
    /// Everything made by the real handlers.
    pub async fn start() -> Self {
        let place = Elsewhere::start().await;
        let bench = &place.bench;
        let [owner, member, former, stranger, blocked, ended, witness, bystander, passer_by] = {
            let mut all = Vec::new();
            for name in ["olga", "max", "fred", "stan", "bob", "edith", "wanda", "bea", "pat"] {
                all.push(bench.person(name, "en").await);
            }
            <[Person; 9]>::try_from(all).unwrap()
        };
        let tablet = bench.sign_in_again(&owner).await;
        let ids = [&member.id, &former.id, &blocked.id, &ended.id, &witness.id];
        let group = json!({ "type": "group", "name": SECRETS[2], "participantIds": ids });
        let group = bench.conversation(&owner, &group).await;
        let mut own_groups = BTreeMap::new();
        for person in [&owner, &member, &former, &stranger, &blocked, &ended] {
            own_groups.insert(person.id.clone(), bench.group(person, &[&bystander]).await);
        }
        let (of_owner, of_former) = (bench.phone(&owner).await, bench.phone(&former).await);
        let message = text(&bench.say(&of_owner, &group, SECRETS[0]).await["id"]);
        let message_of_former = text(&bench.say(&of_former, &group, SECRETS[1]).await["id"]);
        let direct = bench.direct(&owner, &blocked).await;
        let message_in_direct = text(&bench.say(&of_owner, &direct, "👋").await["id"]);
        let file = send_file(bench, &owner, &of_owner, &group).await;
        bench.remove(&owner, &group, &former.id).await.expect(200);
        for phone in [of_owner, of_former] {
            goodbye(bench, phone).await;
        }
        let block = call("PUT", &format!("/api/users/{}/block", blocked.id), None).path("userId", &blocked.id);
        ask(bench, "users-block", &owner, block).await;
        let device = "owners-device";
        let body = json!({ "token": device, "platform": "ios" });
        ask(bench, "devices-register", &owner, call("POST", "/api/devices/register", Some(&body))).await;
        bench.subscribe(&owner, &json!({ "subscription": subscription("owners-browser") })).await.expect(200);
        bench.friends(&owner, &witness).await;
        bench.befriend(&bystander, &owner).await.expect(201);
        let note = text(&bench.notified(&owner, "").await.expect(200)["notifications"][0]["id"]);
        let everywhere = json!({ "allSessions": true });
        ask(bench, "auth-logout", &ended, call("POST", "/api/auth/logout", Some(&everywhere))).await;
        let desk: SignInDesk = bench.of("auth-login").await;
        let yesterday = Timestamp::from_millis(now().millis() - 24 * 3_600_000);
        let expired = desk.issuer.access_token(&owner.actor, yesterday).unwrap();
        let id_token = place.google.token(&place.claims("g-olga", &owner.email));
        let people = [
            ("owner", owner),
            ("member", member),
            ("former", former),
            ("stranger", stranger),
            ("blocked", blocked),
            ("ended", ended),
        ];
        Self {
            place,
            people: BTreeMap::from(people),
            group,
            direct,
            message_in_direct,
            own_groups,
            message,
            message_of_former,
            file,
            witness,
            tablet,
            bystander,
            note,
            passer_by,
            device,
            browser: endpoint("owners-browser"),
            expired,
            ticket: String::new(),
            id_token,
        }
    }

    /// What it all stands on.
    pub fn bench(&self) -> &Bench {
        &self.place.bench
    }

    /// Google and Apple.
    pub fn elsewhere(&self) -> &Elsewhere {
        &self.place
    }

    /// Who stands behind a column: whoever has no token that holds is the owner but for that.
    pub fn person(&self, who: Who) -> &Person {
        let name = if who.is_nobody() { "owner" } else { who.heading() };
        &self.people[name]
    }

    /// The owner.
    pub fn owner(&self) -> &Person {
        self.person(Who::Owner)
    }

    /// The group that somebody is the admin of.
    pub fn own_group(&self, who: Who) -> &str {
        &self.own_groups[&self.person(who).id]
    }

    /// The conversation, and the message in it, that somebody asks for in a case.
    pub fn place(&self, case: &str, who: Who) -> (&str, &str) {
        match case {
            "over the block" => (&self.direct, &self.message_in_direct),
            "the former's" => (&self.group, &self.message_of_former),
            _ if case.ends_with("by own group") => (self.own_group(who), &self.message),
            _ => (&self.group, &self.message),
        }
    }

    /// The tokens that somebody comes with, one call each.
    pub fn bearers(&self, who: Who) -> Vec<Option<String>> {
        let person = self.person(who);
        match who {
            Who::NoToken => vec![None],
            Who::Expired => vec![Some(self.expired.clone())],
            Who::WrongKind => [&person.refresh_token, &self.ticket, &self.id_token].map(|it| Some(it.clone())).into(),
            _ => vec![Some(person.token.clone())],
        }
    }

    /// What somebody comes to the handshake with, one handshake each.
    pub fn proofs(&self, who: Who) -> Vec<Proof> {
        let person = self.person(who);
        match who {
            Who::WrongKind => vec![
                Some(("token", person.refresh_token.clone())),
                Some(("token", self.ticket.clone())),
                Some(("token", self.id_token.clone())),
                Some(("ticket", person.token.clone())),
                Some(("ticket", person.refresh_token.clone())),
            ],
            _ => self.bearers(who).into_iter().map(|token| Some(("token", token?))).collect(),
        }
    }

    /// A handshake through the authorizer and `$connect`; the status that refuses it otherwise.
    pub async fn connect(&self, who: Who, proof: &Proof) -> Result<Phone, i64> {
        let bench = self.bench();
        let query: Vec<_> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let services = bench.of("ws-authorizer").await;
        let policy = authorize(&services, functions::ws::authorizer::handle, &[], &query).await;
        // Exactly this word is 401 (gateway fact W-43); a policy that denies is 403.
        let policy = policy.map_err(|error| if error.to_string() == "Unauthorized" { 401 } else { 500 })?;
        if policy["policyDocument"]["Statement"][0]["Effect"] != "Allow" {
            return Err(403);
        }
        let mut phone = bench.unknown_phone(self.person(who)).await;
        // Whom the authorizer took it for, and nobody else, the events of this connection name.
        let said = |name: &str| text(&policy["context"][name]);
        phone.actor.user = domain::UserId::parse(&said("userId")).unwrap();
        phone.actor.session = domain::SessionId::parse(&said("sessionId")).unwrap();
        phone.until = Timestamp::from_millis(said("expiresAt").parse::<i64>().unwrap() * 1_000);
        let services = bench.of("ws-connect").await;
        let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
        match answer["statusCode"].as_i64() {
            Some(200) => Ok(phone),
            status => {
                phone.hang_up().await;
                Err(status.unwrap())
            }
        }
    }

    /// What must never be in a log: proofs of who somebody is, addresses, and words.
    pub fn unspeakable(&self) -> Vec<String> {
        let proofs = self
            .people
            .values()
            .flat_map(|person| [person.token.clone(), person.refresh_token.clone(), person.email.clone()]);
        let own = [&self.expired, &self.ticket, &self.id_token].map(Clone::clone);
        let words = SECRETS.iter().chain(&WORDS).chain(&[PASSWORD, "X-Amz-Signature"]).map(|word| (*word).to_owned());
        proofs.chain(own).chain(words).filter(|text| !text.is_empty()).collect()
    }

    /// A ticket of the owner's that is good for a handshake within the next seconds, and for nothing else.
    pub async fn renew_ticket(&mut self) {
        let call = call("POST", "/api/auth/ws-ticket", None);
        self.ticket = text(&ask(self.bench(), "auth-ws-ticket", self.owner(), call).await["ticket"]);
    }

    /// A connection from when there was a token that held; nobody closed it.
    pub async fn left_open(&self, who: Who) -> Phone {
        let mut phone = self.bench().unknown_phone(self.person(who)).await;
        if who == Who::Expired {
            phone.until = now();
        }
        phone
    }

    /// A picture that the owner has uploaded and not shown yet; its key.
    pub async fn uploaded_picture(&self) -> String {
        let body = json!({ "contentType": "image/png", "fileSize": PNG.len() });
        let asked = call("POST", "/api/users/profile-picture/upload-url", Some(&body));
        let allowed = ask(self.bench(), "users-picture-upload-url", self.owner(), asked).await;
        assert_eq!(upload(allowed["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
        text(&allowed["key"])
    }

    /// A picture that the owner shows; its key.
    pub async fn shown_picture(&self) -> String {
        let key = self.uploaded_picture().await;
        let asked = call("PUT", "/api/users/profile-picture", Some(&json!({ "key": key })));
        ask(self.bench(), "users-picture-set", self.owner(), asked).await;
        key
    }
}

async fn ask(bench: &Bench, function: &str, person: &Person, call: Call) -> Value {
    let answer = bench.http(function, call.bearer(&person.token)).await;
    assert!(answer.status < 300, "{function}: {}", answer.body);
    answer.body
}

/// Closes a connection as a phone does that is put away.
async fn goodbye(bench: &Bench, phone: Phone) {
    let services = bench.of("ws-disconnect").await;
    bench.admit(&services, functions::ws::disconnect::handle, phone.connecting()).await;
    phone.hang_up().await;
}

/// Uploads a picture to the group and sends it there; its key.
async fn send_file(bench: &Bench, person: &Person, phone: &Phone, group: &str) -> String {
    let body = json!({
        "fileName": SECRETS[3], "contentType": "image/png", "fileSize": PNG.len(), "conversationId": group,
    });
    let asked = call("POST", "/api/attachments/upload-url", Some(&body));
    let allowed = ask(bench, "attachments-upload-url", person, asked).await;
    assert_eq!(upload(allowed["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
    bench.say_with(phone, group, json!({ "type": "image", "attachment": { "id": allowed["attachmentId"] } })).await;
    bench.inspect(group).await;
    text(&allowed["key"])
}
