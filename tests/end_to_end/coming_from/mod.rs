//! `docs/coming-from.md` is true: every row of its tables is played on the running stack, by two people of its own.

mod table;
mod world;

use futures_util::StreamExt as _;
use gateway::model::Application;
use reqwest::Method;
use serde_json::Value;
use testkit::Answer;

use self::table::{Here, Row, Step, Who};
use self::world::World;
use crate::play::Stage;

const PAGE: &str = include_str!("../../../docs/coming-from.md");
/// The documents that the page has to speak of.
const PRODUCTS: [&str; 5] = ["000", "001", "002", "003", "004"];
/// Rows that are played at the same time.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn every_row_of_the_page_is_as_it_says() {
    let stage = std::sync::Arc::new(Stage::start().await);
    let rows = table::rows(PAGE);
    for product in PRODUCTS {
        assert!(rows.iter().any(|row| row.place.starts_with(product)), "nothing of {product}");
    }
    for row in &rows {
        is_complete(row, stage.stack.application());
    }
    let played = futures_util::stream::iter(rows.into_iter().filter(|row| row.here != Here::Nothing).map(|row| {
        let stage = std::sync::Arc::clone(&stage);
        async move {
            let name = format!("{}: {}", row.place, row.there);
            let played = tokio::spawn(async move { play(&row, &mut World::new(&stage).await).await }).await;
            played.err().map(|_| name)
        }
    }));
    let failed: Vec<String> = played.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    assert!(failed.is_empty(), "not as the page says: {failed:#?}");
    std::sync::Arc::into_inner(stage).unwrap().stack.stop().await;
}

/// Whoever names something that is not in the template, or leaves out why, has not written a row.
fn is_complete(row: &Row, application: &Application) {
    let place = &row.place;
    assert!(!row.there.is_empty() && !row.why.is_empty(), "{place}: what is it called there, and what differs?");
    let socket = application.websocket_apis.values().next().unwrap();
    let known = match &row.here {
        Here::Route(route) => {
            application.http_apis.values().flat_map(|api| &api.routes).any(|known| known.key() == *route)
        }
        Here::Action(action) => socket.routes.contains_key(action),
        Here::Connect => socket.routes.contains_key("$connect"),
        Here::Event(_) => true,
        Here::Nothing => row.steps.is_empty() && row.answer.is_empty(),
    };
    assert!(known, "{place}: {:?} is not in the template", row.here);
    assert!(row.here == Here::Nothing || !row.answer.is_empty(), "{place}: what is answered?");
}

async fn play(row: &Row, world: &mut World<'_>) {
    let (listener, event) = match row.answer[0].split_once(": ") {
        Some(("them", event)) => (Who::Them, event),
        _ => (Who::Me, row.answer[0].as_str()),
    };
    if matches!(row.here, Here::Event(_) | Here::Action(_)) {
        world.socket(listener).await;
    }
    let itself = [Step { who: Who::Me, what: String::new(), body: None }];
    let steps = if row.steps.is_empty() { &itself[..] } else { &row.steps[..] };
    let (last, before) = steps.split_last().unwrap();
    for step in before {
        take(step, world).await;
    }
    match &row.here {
        Here::Route(route) => {
            let what = if last.what.is_empty() { route.as_str() } else { &last.what };
            assert!(is_on(what, route), "{}: {what} is not {route}", row.place);
            let answer = ask(last, what, world).await;
            let status = row.answer[0].parse().unwrap_or_else(|_| panic!("{}: no status", row.place));
            holds(row, &answer.expect(status), world).await;
        }
        Here::Action(action) => {
            let data = world.fill(last.body.as_ref().unwrap_or(&Value::Null)).await;
            let socket = world.socket(last.who).await;
            if data.get("payload").is_some() {
                assert_eq!(data["type"], action.as_str(), "{}", row.place);
                socket.send_text(&data.to_string()).await;
            } else {
                socket.send(action, &data).await;
            }
            hears(row, listener, event, world).await;
        }
        Here::Event(name) => {
            assert_eq!(event, name, "{}", row.place);
            take(last, world).await;
            hears(row, listener, event, world).await;
        }
        Here::Connect => {
            let query = world.fill_text(&last.what).await;
            let mut socket = world.client(Who::Nobody).open(&format!("/{query}")).await;
            socket.send(&row.answer[0], &Value::Null).await;
            socket.expect("pong").await;
        }
        Here::Nothing => unreachable!("it is not played"),
    }
}

/// Whether a request of this method and path is for the route.
fn is_on(request: &str, route: &str) -> bool {
    let path = request.split('?').next().unwrap_or_default();
    let (mut given, mut wanted) = (path.split('/'), route.split('/'));
    loop {
        match (given.next(), wanted.next()) {
            (None, None) => return true,
            (Some(_), Some(name)) if name.starts_with('{') => {}
            (Some(given), Some(wanted)) if given == wanted => {}
            _ => return false,
        }
    }
}

async fn ask(step: &Step, what: &str, world: &mut World<'_>) -> Answer {
    let (method, path) = what.split_once(' ').unwrap_or_else(|| panic!("{what} is no request"));
    let path = world.fill_text(path).await;
    let body = match &step.body {
        Some(body) => Some(world.fill(body).await),
        None => None,
    };
    world.client(step.who).ask(Method::from_bytes(method.as_bytes()).unwrap(), &path, body.as_ref()).await
}

/// Does what comes before, or what is to be told of.
async fn take(step: &Step, world: &mut World<'_>) {
    match step.what.as_str() {
        "connect" => {
            world.socket(step.who).await;
        }
        "disconnect" => world.disconnect(step.who).await,
        what if what.contains(" /") => {
            let answer = ask(step, what, world).await;
            assert!(answer.status.is_success(), "{answer:?}");
        }
        action => {
            let data = world.fill(step.body.as_ref().unwrap_or(&Value::Null)).await;
            let socket = world.socket(step.who).await;
            socket.send(action, &data).await;
            if action == "conversation:join" {
                socket.expect("conversation:joined").await;
            }
        }
    }
}

/// Waits until somebody is told what the row promises. Others of the kind may come before: that I have come myself.
async fn hears(row: &Row, who: Who, event: &str, world: &mut World<'_>) {
    loop {
        let told = world.socket(who).await.expect(event).await;
        if missing(row, &told, world).await.is_none() {
            return;
        }
    }
}

async fn holds(row: &Row, answer: &Value, world: &mut World<'_>) {
    if let Some(path) = missing(row, answer, world).await {
        panic!("{}: {}: no {path} in {answer:#}", row.place, row.there);
    }
}

/// The first of the fields that the row promises and the answer does not hold, or holds otherwise.
async fn missing(row: &Row, answer: &Value, world: &mut World<'_>) -> Option<String> {
    for promise in &row.answer[1..] {
        let (path, value) =
            promise.split_once('=').map_or((promise.as_str(), None), |(path, value)| (path, Some(value)));
        let found = answer.pointer(&format!("/{}", path.replace('.', "/")));
        let as_promised = match value {
            None => found.is_some(),
            Some(value) => {
                let value = world.fill_text(value).await;
                found.is_some_and(|found| *found == value.as_str() || *found == read(&value))
            }
        };
        if !as_promised {
            return Some(promise.clone());
        }
    }
    None
}

/// A value as JSON, if it is any.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
