//! How long it takes from `message:send` to the last of a conversation's receivers on the laptop stack: the real
//! gateway, a process for each function, a WebSocket client for each member. In turn with it, in the same run, a bare
//! WebSocket server sends the same payload to as many of the same clients.
//!
//! Each receiver takes four file descriptors: two connections, of which both ends are in this process.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bare;
mod clients;

use app::tokens::Issuer;
use benches::figures::Figures;
use benches::people::person;
use benches::process::allow_files;
use benches::support::{Person, now};
use clap::Parser;
use domain::ConversationId;
use domain::conversation::Role;
use local::signing::TokenKey;
use serde_json::{Value, json};
use store::Table;
use store::members::MemberRecord;
use store::places::{self, MOST_ADDED};
use testkit::TestStack;

use crate::clients::Clients;

#[derive(Parser)]
struct Arguments {
    /// How often a message is sent to each number of receivers.
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// Numbers of receivers, the sender among them.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1_000])]
    receivers: Vec<usize>,
}

/// Messages before those that count: processes start, connections open.
const WARM_UP: usize = 5;

#[tokio::main]
async fn main() {
    let Arguments { rounds, receivers } = Arguments::parse();
    let most = *receivers.iter().max().expect("a number of receivers");
    allow_files(4 * most + 1_000);
    let parlance = benches::release_parlance();

    let key = TokenKey::generate().expect("random bytes");
    let stack = TestStack::builder(parlance.to_str().expect("a path"))
        .parameter("TokenSigningKey", &key.signing_parameter())
        .parameter("TokenPublicKeys", &key.public_parameter())
        .options(|options| {
            // As with `cargo run`: nobody keeps a ledger, or every event.
            options.record = false;
            options.report = std::sync::Arc::new(gateway::report::Silent);
        })
        .start()
        .await;
    let table = Table::new(stack.dynamodb(), stack.table_name());
    let issuer = Issuer::from_secret(&key.signing_parameter(), 3_600).expect("a key");
    let mut people = Vec::new();
    for number in 0..most {
        people.push(person(&table, &issuer, &format!("p.{number:05}"), ("en", "US")).await);
    }
    let base = stack.http_url().replacen("http", "ws", 1);
    let addresses = people.iter().map(|person| format!("{base}/?token={}", person.token)).collect();
    let mut through_stack = Clients::connect(addresses).await;
    let mut through_bare = Clients::connect(vec![bare::start().await; most]).await;

    println!("| receivers | `message:send`, ms: p50 | p99 | bare broadcast, ms: p50 | p99 | ratio of p50 | of p99 |");
    println!("|---|---|---|---|---|---|---|");
    for count in receivers {
        let room = room(&stack, &table, &people[..count]).await;
        let (mut sent, mut broadcast) = (Figures::default(), Figures::default());
        for round in 0..WARM_UP + rounds {
            let (stack, payload) = through_stack.round(message(&room, round), count).await;
            let (alone, _) = through_bare.round(format!("{count} {payload}"), count).await;
            if round >= WARM_UP {
                sent.add(stack.as_secs_f64() * 1_000.0);
                broadcast.add(alone.as_secs_f64() * 1_000.0);
            }
        }
        let (of_stack, of_bare) = ([50, 99].map(|p| sent.percentile(p)), [50, 99].map(|p| broadcast.percentile(p)));
        println!(
            "| {count} | {:.1} | {:.1} | {:.2} | {:.2} | {:.0} | {:.0} |",
            of_stack[0],
            of_stack[1],
            of_bare[0],
            of_bare[1],
            of_stack[0] / of_bare[0],
            of_stack[1] / of_bare[1],
        );
    }
    stack.stop().await;
}

/// A group of these people; the first of them makes it.
async fn room(stack: &TestStack, table: &Table, people: &[Person]) -> String {
    let creator = stack.anonymous().with_token(&people[0].token);
    let body = json!({ "type": "group", "name": "Everybody", "participantIds": [people[1].id] });
    let made: Value = creator.post("/api/conversations", &body, 201).await;
    let id = ConversationId::parse(made["conversation"]["id"].as_str().expect("an id")).expect("an id");
    let place = |person: &Person| MemberRecord::new(&id, &person.actor.user, Role::Member, 0, now());
    for people in people[2..].chunks(MOST_ADDED) {
        let places: Vec<_> = people.iter().map(place).collect();
        let added = places::add(table, &id, &places, 1_000, now()).await.expect("a table");
        assert_eq!(added, places::Changed::Done);
    }
    id.to_string()
}

fn message(room: &str, round: usize) -> String {
    let data = json!({
        "conversationId": room, "tempId": format!("round {round}"),
        "content": "I would like to book a table for two people tonight.",
    });
    json!({ "action": "message:send", "data": data }).to_string()
}
