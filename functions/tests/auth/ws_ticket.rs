use std::time::Duration;

use edge::Guard;
use serde_json::json;
use store::Table;

use crate::support::{Bench, Person, authorize, call, fields, now, text};

async fn ticket(bench: &Bench, person: &Person) -> String {
    let services: (Guard, Table) = bench.of("auth-ws-ticket").await;
    bench.start_counting();
    let call = call("POST", "/api/auth/ws-ticket", None).bearer(&person.token);
    let body = call.to(&services, functions::auth::ws_ticket::handle).await.expect(201);
    assert_eq!(fields(&body), ["expiresIn", "ticket"]);
    assert_eq!(body["expiresIn"], 30);
    text(&body["ticket"])
}

#[tokio::test]
async fn c1_a_ticket_opens_one_connection() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let ticket = ticket(&bench, &ana).await;
    assert_eq!(bench.used(), "PutItem 1, UpdateItem 1");
    let services = bench.of("ws-authorizer").await;
    bench.start_counting();
    let query = [("ticket", ticket.as_str())];
    let at_once = (0..5).map(|_| authorize(&services, functions::ws::authorizer::handle, &[], &query));
    let mut answers = futures_util::future::join_all(at_once).await;
    assert_eq!(bench.used(), "DeleteItem 5");
    answers.retain(Result::is_ok);
    assert_eq!(answers.len(), 1, "of five at once one");
    let context = &answers[0].as_ref().unwrap()["context"];
    let guard: Guard = bench.of("auth-me").await;
    let until = guard.verifier.admit(&ana.token, now()).unwrap().until.seconds().to_string();
    let session = ana.actor.session.to_string();
    // The socket ends with the token, however late the ticket is used (security C7).
    assert_eq!(*context, json!({ "userId": ana.id, "sessionId": session, "expiresAt": until }));
    let error = authorize(&services, functions::ws::authorizer::handle, &[], &query).await.unwrap_err();
    assert_eq!(error.to_string(), "Unauthorized");
}

#[tokio::test]
async fn c1_a_ticket_that_is_too_old_opens_none() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let ticket = ticket(&bench, &ana).await;
    let late = now().plus(Duration::from_secs(31));
    assert!(app::sockets::redeem(&bench.table(), &ticket, late).await.is_err());
    assert_eq!(app::sockets::redeem(&bench.table(), &ticket, now()).await.unwrap().actor, ana.actor);
}

#[tokio::test]
async fn b6_tickets_and_tokens_do_not_stand_for_each_other() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let ticket = ticket(&bench, &ana).await;
    let services = bench.of("ws-authorizer").await;
    for (name, value) in [("token", &ticket), ("ticket", &ana.token), ("ticket", &ana.refresh_token)] {
        let query = [(name, value.as_str())];
        let error = authorize(&services, functions::ws::authorizer::handle, &[], &query).await.unwrap_err();
        assert_eq!(error.to_string(), "Unauthorized", "{name}");
    }
    let guard: Guard = bench.of("auth-me").await;
    assert!(guard.verifier.verify(&ticket, now()).is_err());
}

#[tokio::test]
async fn without_a_token_there_is_no_ticket() {
    let bench = Bench::start().await;
    let services: (Guard, Table) = bench.of("auth-ws-ticket").await;
    let answer = call("POST", "/api/auth/ws-ticket", None).to(&services, functions::auth::ws_ticket::handle).await;
    answer.refused(401, "UNAUTHORIZED");
}
