//! The matrix of who may do what (security D1): every route and every action of the template, for every kind of person.
//!
//! The rows are in [`routes::MATRIX`], [`routes::OPEN`] and [`actions::MATRIX`], the columns in [`people::Who`]. Routes,
//! actions and the functions behind them are read from the template, so that a new one without a row fails, and a row
//! whose route is gone fails. Every cell is really played: the call through the route's handler, the frame through the
//! authorizer, `$connect` and the action's handler, on a table and sockets that are put back afterwards.
//!
//! Besides the status and the code of each cell:
//!
//! - Whatever is refused has written nothing, moved no file, asked no translator, and nobody heard of it.
//! - Whatever an outsider does, refused or not, the group and its owner's account are as before, no member hears of it,
//!   and no word of the group is in what the outsider gets.
//! - What comes without a token that holds asks no service for anything.
//! - No log line of all that, at the most talkative level, has a token, an address or a word of anybody's in it (C2).
//!
//! `ended` and `expired` come twice to the socket: to the handshake, which refuses them, and over a connection that is
//! still open from before, where every frame is `UNAUTHORIZED` and the connection ends (C7).
//!
//! `blocked` is a member of the group like others, whom its owner has blocked (D7); the rows "over the block" ask for
//! something in the direct conversation of these two. Accounts cannot be suspended or deleted. The nearest thing that
//! exists is `ended`: a member whose session was ended, with an access token that still verifies.

mod actions;
mod people;
mod routes;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use app::delivery::Push;
use gateway::model::HttpRoute;
use local::processes;
use serde_json::{Value, json};
use wire::frame::Event;

use self::people::{Proof, Scene, Who};
use self::table::Row;
use crate::support::{Answer, Logs, Phone, Snapshot, application, fields};

/// Functions that no route leads to: others invoke them, and their roles alone may.
const WITHOUT_A_ROUTE: [&str; 6] =
    ["attachments-inspect", "conversations-clear", "notifications-follow", "push-send", "users-erase", "ws-fan-out"];

/// What the template wires: functions by route, and by action.
struct Wiring {
    routes: BTreeMap<String, String>,
    actions: BTreeMap<String, String>,
}

fn wiring() -> Wiring {
    let application = application();
    let name = |id: &str| processes::name(&application.functions[id]).expect("a function of ours").to_owned();
    let apis = application.http_apis.values().flat_map(|api| &api.routes);
    let routes: BTreeMap<_, _> = apis.map(|route| (HttpRoute::key(route), name(&route.function))).collect();
    let apis = application.websocket_apis.values();
    assert!(apis.clone().all(|api| api.authorizer.is_some()), "connections need a token");
    let actions: BTreeMap<_, _> =
        apis.clone().flat_map(|api| &api.routes).map(|(key, route)| (key.clone(), name(&route.function))).collect();
    let authorizers = apis.filter_map(|api| api.authorizer.as_ref()).map(|authorizer| name(&authorizer.function));
    let reached: BTreeSet<_> = routes.values().chain(actions.values()).cloned().chain(authorizers).collect();
    let all: BTreeSet<_> = application.functions.keys().map(|id| name(id)).collect();
    let unreached: Vec<_> = all.difference(&reached).collect();
    assert_eq!(unreached, WITHOUT_A_ROUTE, "a function that no route leads to");
    Wiring { routes, actions }
}

#[test]
fn d1_every_route_and_action_has_its_rows_and_no_row_is_of_another() {
    fn compare(what: &str, wired: &BTreeMap<String, String>, listed: &BTreeSet<&str>) {
        let wired: BTreeSet<_> = wired.keys().map(String::as_str).collect();
        let missing: Vec<_> = wired.difference(listed).collect();
        let gone: Vec<_> = listed.difference(&wired).collect();
        assert!(missing.is_empty(), "{what} of the template without a row in tests/authorisation: {missing:?}");
        assert!(gone.is_empty(), "rows in tests/authorisation whose {what} are not in the template: {gone:?}");
    }
    let wiring = wiring();
    let guarded: BTreeSet<_> = table::rows(routes::MATRIX).iter().map(|row| row.what).collect();
    let open: BTreeSet<_> = routes::OPEN.iter().map(|open| open.route).collect();
    let both: Vec<_> = guarded.intersection(&open).collect();
    assert!(both.is_empty(), "both open and guarded: {both:?}");
    assert!(routes::OPEN.iter().all(|open| open.reason.len() > 20), "an open route says why");
    compare("routes", &wiring.routes, &guarded.union(&open).copied().collect());
    compare("actions", &wiring.actions, &table::rows(actions::MATRIX).iter().map(|row| row.what).collect());
}

#[tokio::test]
async fn d1_c2_routes_let_in_whom_they_should() {
    let (wiring, mut stage) = (wiring(), Stage::set().await);
    for row in table::rows(routes::MATRIX) {
        let function = &wiring.routes[row.what];
        stage.open().await;
        // The owner last: what others must not reach is there until then.
        for who in Who::ALL.into_iter().rev() {
            for token in stage.scene.bearers(who) {
                stage.call(&row, function, who, token.as_deref()).await;
            }
        }
        stage.close().await;
    }
    stage.verdict();
}

#[tokio::test]
async fn d1_c2_open_routes_let_everybody_in_whatever_token_they_bring() {
    let (wiring, stage) = (wiring(), Stage::set().await);
    let mut failures = Vec::new();
    for open in routes::OPEN {
        for who in Who::ALL {
            for token in stage.scene.bearers(who) {
                let asked = routes::asked(&stage.scene, open.route, "", who).await;
                let asked = if let Some(token) = &token { asked.bearer(token) } else { asked };
                let answer = stage.scene.bench().http(&wiring.routes[open.route], asked).await;
                if answer.status != open.status {
                    let (route, column, expected) = (open.route, who.heading(), open.status);
                    failures.push(format!("{route}, column {column:?}: expected {expected}, got {}", told(&answer)));
                }
                stage.scene.bench().restore(&stage.before).await;
            }
        }
    }
    failures.extend(stage.leaks());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[tokio::test]
async fn d1_c2_c4_c7_actions_let_in_whom_they_should() {
    let (wiring, mut stage) = (wiring(), Stage::set().await);
    for row in table::rows(actions::MATRIX) {
        let own = wiring.actions[row.what].as_str();
        let older = wiring.actions["$default"].as_str();
        // What an action does, the older envelope does as well.
        let ways = if row.what.starts_with('$') { vec![own] } else { vec![own, older] };
        for function in ways {
            stage.open().await;
            // Who gets no connection gets none whatever comes after it: that is played once.
            let comes = |who: &Who| function == own || row.expected(*who) != "401";
            for who in Who::ALL.into_iter().rev().filter(comes) {
                for proof in stage.scene.proofs(who) {
                    stage.act(&row, function, who, &proof).await;
                }
                if matches!(who, Who::Ended | Who::Expired) && !["$connect", "$disconnect"].contains(&row.what) {
                    stage.act_late(&row, function, who).await;
                }
            }
            stage.close().await;
        }
    }
    stage.verdict();
}

/// Where the cells are played, one after the other, each as if it were the first.
struct Stage {
    scene: Scene,
    /// As it is made: nobody is connected.
    made: Snapshot,
    /// As every cell of a row begins: who watches is connected.
    before: Snapshot,
    watching: Vec<Phone>,
    push: Push,
    failures: Vec<String>,
    logs: Logs,
}

impl Stage {
    async fn set() -> Self {
        let (logs, scene) = (Logs::listen(), Scene::start().await);
        let (made, push) = (scene.bench().snapshot().await, scene.bench().of("ws-ping").await);
        Self { before: made.clone(), made, scene, watching: Vec::new(), push, failures: Vec::new(), logs }
    }

    /// A row begins: a member and the owner's tablet watch.
    async fn open(&mut self) {
        self.scene.renew_ticket().await;
        let Scene { witness, tablet, .. } = &self.scene;
        let bench = self.scene.bench();
        self.watching = vec![bench.phone(witness).await, bench.phone(tablet).await];
        self.before = bench.snapshot().await;
    }

    async fn close(&mut self) {
        for phone in self.watching.drain(..) {
            phone.hang_up().await;
        }
        self.scene.bench().restore(&self.made).await;
    }

    async fn call(&mut self, row: &Row, function: &str, who: Who, token: Option<&str>) {
        let bench = self.scene.bench();
        bench.start_counting();
        let asked = routes::asked(&self.scene, row.what, row.case, who).await;
        let asked = if let Some(token) = token { asked.bearer(token) } else { asked };
        let prepared = !bench.used().is_empty();
        let (name, expected) = (row.named(who), row.expected(who).parse::<i64>().expect("a status"));
        let code = match expected {
            401 => Some("UNAUTHORIZED"),
            403 => Some("FORBIDDEN"),
            404 => Some("NOT_FOUND"),
            status => (status >= 300).then(|| panic!("{name}: {status} is no status of this matrix")),
        };
        let before = if prepared { &bench.snapshot().await } else { &self.before };
        let (heard, translated) = (self.heard(), bench.services.translator.asked().len());
        bench.start_counting();
        let answer = bench.http(function, asked).await;
        let used = bench.used();

        let mut wrong = Vec::new();
        if (answer.status, answer.body["code"].as_str()) != (expected, code) {
            let expected = code.map_or(expected.to_string(), |code| format!("{expected} {code}"));
            wrong.push(format!("expected {expected}, got {}", told(&answer)));
        }
        if who.is_nobody() && !used.is_empty() {
            wrong.push(format!("nobody asked for {used}"));
        }
        let texts = bench.services.translator.asked().len() - translated;
        if code.is_some() && (used.contains("Object") || texts > 0) {
            wrong.push(format!("refused, after {used} and {texts} texts for the translator"));
        }
        // What asked for nothing wrote nothing.
        let after = if used.is_empty() && !prepared { before } else { &bench.snapshot().await };
        let changes = before.changes(after);
        wrong.extend(self.marks(who, code.is_some(), &changes, heard, &[answer.body]).await);
        bench.change_back(after, &self.before).await;
        self.failures.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }

    async fn act(&mut self, row: &Row, function: &str, who: Who, proof: &Proof) {
        let (bench, mut heard, expected) = (self.scene.bench(), self.heard(), row.expected(who));
        bench.start_counting();
        let (got, changes, told) = match self.scene.connect(who, proof).await {
            // What asked for nothing wrote nothing.
            Err(status) if bench.used().is_empty() => (status.to_string(), Vec::new(), Vec::new()),
            Err(status) => (status.to_string(), self.before.changes(&bench.snapshot().await), Vec::new()),
            Ok(phone) => {
                // Who watches has heard by now that somebody came, and is to hear no more than that.
                for phone in &self.watching {
                    self.mark(phone).await;
                }
                heard = self.heard();
                let connected = bench.snapshot().await;
                let got = self.outcome(row, function, who, &phone).await;
                let changes = connected.changes(&bench.snapshot().await);
                self.mark(&phone).await;
                let told = phone.received();
                phone.hang_up().await;
                (got.unwrap_or_else(|| code(&told)), changes, told)
            }
        };
        let mut wrong = Vec::new();
        if got != expected {
            wrong.push(format!("expected {expected}, got {got}: {}", json!(told)));
        }
        wrong.extend(self.marks(who, expected != "ok", &changes, heard, &told).await);
        if !bench.used().is_empty() {
            bench.restore(&self.before).await;
        }
        let name = format!("{} through {function}", row.named(who));
        self.failures.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }

    /// A frame over a connection that is still open from when there was a token that held: it does nothing, and the
    /// connection ends (security C7).
    async fn act_late(&mut self, row: &Row, function: &str, who: Who) {
        let (bench, heard) = (self.scene.bench(), self.heard());
        let phone = self.scene.left_open(who).await;
        self.outcome(row, function, who, &phone).await;
        phone.expect_close().await;
        let told = phone.received();
        let mut wrong = Vec::new();
        if code(&told) != "UNAUTHORIZED" {
            wrong.push(format!("expected UNAUTHORIZED, got {}", json!(told)));
        }
        let after = bench.snapshot().await;
        wrong.extend(self.marks(who, true, &self.before.changes(&after), heard, &told).await);
        bench.change_back(&after, &self.before).await;
        let name = format!("{} through {function}, over a connection left open", row.named(who));
        self.failures.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }

    /// Plays what comes after the handshake; the outcome where it is no matter of frames.
    async fn outcome(&self, row: &Row, function: &str, who: Who, phone: &Phone) -> Option<String> {
        let bench = self.scene.bench();
        match (row.what, row.case) {
            ("$connect", _) => return Some("ok".to_owned()),
            ("$disconnect", _) => {
                let services = bench.of("ws-disconnect").await;
                let answer = bench.admit(&services, functions::ws::disconnect::handle, phone.connecting()).await;
                let done = answer["statusCode"] == 200;
                return Some(if done { "ok".to_owned() } else { answer.to_string() });
            }
            _ => {}
        }
        let data = actions::sent(&self.scene, row.what, row.case, who);
        let frame = match (row.what, function) {
            ("$default", _) => {
                let action = if row.case == "message:deleted" { row.case } else { "message:steal" };
                json!({ "action": action, "data": data })
            }
            (action, "ws-default") => json!({ "type": action, "payload": data }),
            (action, _) => json!({ "action": action, "data": data }),
        };
        bench.frame(function, phone, &frame).await;
        None
    }

    /// What a log line has that nobody may log. Tickets of earlier rows are worth nothing any more.
    fn leaks(&self) -> Vec<String> {
        let unspeakable = self.scene.unspeakable();
        let lines = self.logs.lines();
        assert!(lines.iter().any(|line| line["message"] == "unauthorized" || line["message"] == "answered"));
        let leak = |line: &Value| {
            let text = line.to_string();
            let found = unspeakable.iter().find(|secret| text.contains(*secret))?;
            Some(format!("logged {found:?}: {line}"))
        };
        lines.iter().filter_map(leak).collect()
    }

    /// How many frames each watcher has got.
    fn heard(&self) -> Vec<usize> {
        self.watching.iter().map(|phone| phone.received().len()).collect()
    }

    /// Waits until everything that was posted to a phone is there.
    async fn mark(&self, phone: &Phone) {
        let mark = format!("mark-{}", uuid::Uuid::new_v4());
        self.push.answer(&phone.connection, &Event::Pong { timestamp: mark.clone() }).await.unwrap();
        while phone.expect("pong").await["timestamp"] != mark.as_str() {}
    }

    /// What else must hold of a cell: what was refused left nothing behind, and outsiders reached and learnt nothing.
    async fn marks(
        &self,
        who: Who,
        refused: bool,
        changes: &[String],
        heard: Vec<usize>,
        told: &[Value],
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        if refused && !changes.is_empty() {
            wrong.push(format!("refused, and yet it wrote {changes:?}"));
        }
        if !refused && !who.is_outsider() {
            return wrong;
        }
        for (phone, before) in self.watching.iter().zip(heard) {
            self.mark(phone).await;
            let news: Vec<_> = phone.received().into_iter().skip(before).filter(|frame| !is_mark(frame)).collect();
            if !news.is_empty() {
                wrong.push(format!("others heard of it: {}", json!(news)));
            }
        }
        if who.is_outsider() {
            let not_theirs = [format!("CONV#{} ", self.scene.group), format!("USER#{} ", self.scene.owner().id)];
            let reached: Vec<_> =
                changes.iter().filter(|key| not_theirs.iter().any(|place| key.starts_with(place))).collect();
            if !reached.is_empty() {
                wrong.push(format!("an outsider changed {reached:?}"));
            }
        }
        let leaked: BTreeSet<_> = told.iter().flat_map(routes::leaked).collect();
        if (who.is_outsider() || refused) && !leaked.is_empty() {
            wrong.push(format!("learnt {leaked:?}: {}", json!(told)));
        }
        wrong
    }

    #[track_caller]
    fn verdict(mut self) {
        self.failures.extend(self.leaks());
        assert!(self.failures.is_empty(), "\n{}\n", self.failures.join("\n"));
    }
}

fn is_mark(frame: &Value) -> bool {
    frame["action"] == "pong" && frame["timestamp"].as_str().is_some_and(|time| time.starts_with("mark-"))
}

/// The code of the one `error` event among what a connection got, or `ok`.
fn code(told: &[Value]) -> String {
    let errors: Vec<_> = told.iter().filter(|frame| frame["action"] == "error").collect();
    match errors.as_slice() {
        [] => "ok".to_owned(),
        [error] => {
            let shape = fields(error).into_iter().filter(|name| *name != "tempId").collect::<Vec<_>>();
            assert_eq!(shape, ["action", "code", "details", "message", "request"], "{error}");
            error["code"].as_str().unwrap().to_owned()
        }
        more => json!(more).to_string(),
    }
}

fn told(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.body)
}
