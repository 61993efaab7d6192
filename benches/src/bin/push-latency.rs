//! How long it takes on the laptop stack from the moment that somebody sends a message until the push service of a
//! reader's browser has it, and until the sender has the answer.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use benches::figures::Figures;
use benches::workspace;
use clap::Parser;
use serde_json::json;
use testkit::{LoopbackPushService, TestStack};

#[derive(Parser)]
struct Arguments {
    /// Messages that are sent, one after the other.
    #[arg(long, default_value_t = 50)]
    messages: u32,
}

#[tokio::main]
async fn main() {
    let messages = Arguments::parse().messages;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = std::process::Command::new(&cargo).arg("build").current_dir(workspace()).status();
    assert!(built.expect("cargo").success(), "it does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), Into::into);
    let program = target.join("debug").join("parlance");

    let service = LoopbackPushService::start().await;
    let (name, hosts) = LoopbackPushService::HOSTS;
    let builder = TestStack::builder(program.to_str().expect("a path in text")).parameter(name, hosts);
    let stack = builder.start().await;
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let subscription = json!({ "subscription": service.subscription("ben") });
    ben.post("/api/push/subscriptions", &subscription, 200).await;
    let path = format!("/api/conversations/{}/messages", ana.direct(&ben).await);

    let (mut answered, mut arrived) = (Figures::default(), Figures::default());
    // The first starts the processes of the functions.
    for number in 0..=messages {
        let start = Instant::now();
        let sent = ana.post(&path, &json!({ "content": "👋" }), 201).await["message"]["id"].clone();
        let answer = start.elapsed();
        service.wait_for("ben", |content| content["messageId"] == sent).await;
        if number > 0 {
            answered.add(answer.as_secs_f64() * 1000.0);
            arrived.add(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    println!("| messages | sender answered, ms: median (minimum–maximum) | push at the push service, ms |");
    println!("|---|---|---|");
    println!("| {messages} | {} | {} |", answered.shown(0), arrived.shown(0));
    stack.stop().await;
}
