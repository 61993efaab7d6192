//! How long `messages-list` takes from the start of its process to its first answer, in Rust and in Node 20 with the AWS
//! SDK for JavaScript v3: the same calls, the same answer, the same Runtime API and the same embedded DynamoDB, in turn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use aws_credential_types::provider::ProvideCredentials;
use benches::figures::Figures;
use benches::runtime_api::{Invocation, start};
use benches::support::Bench;
use benches::{release_binaries, workspace};
use clap::Parser;
use serde_json::{Value, json};
use tokio::process::Command;

#[derive(Parser)]
struct Arguments {
    /// How often each program is started.
    #[arg(long, default_value_t = 40)]
    runs: u32,
}

/// What was said before, Ben's half in English and Ana's in Spanish.
const SAID: [(&str, &str); 5] = [
    ("I would like to book a table for two people tonight.", "Con mucho gusto. ¿A qué hora les gustaría venir?"),
    ("Around eight o'clock, if that is possible.", "A las ocho tenemos una mesa junto a la ventana."),
    (
        "That sounds lovely. Do you have anything without meat?",
        "Sí, casi la mitad de nuestros platos son vegetarianos.",
    ),
    ("Great, then please write down the name Miller.", "Anotado: dos personas, a las ocho, a nombre de Miller."),
    ("Thank you very much, see you this evening!", "Gracias a usted, ¡hasta esta noche!"),
];

/// The figures of one program.
#[derive(Default)]
struct Column {
    polled: Figures,
    answered: Figures,
    warm: Figures,
    cpu: Figures,
    memory: Figures,
}

#[tokio::main]
async fn main() {
    let runs = Arguments::parse().runs;
    let rust = release_binaries().join("messages-list");
    let node = (program("node"), bundled());
    let (bench, event) = stage().await;
    let environment = environment(&bench).await;

    let (mut of_rust, mut of_node) = (Column::default(), Column::default());
    // The first of each only brings its files into memory.
    for run in 0..=runs {
        let from_rust = one(Command::new(&rust), &environment, &event, &mut of_rust, run > 0).await;
        let mut command = Command::new(&node.0);
        command.arg("--no-warnings").arg(&node.1);
        let from_node = one(command, &environment, &event, &mut of_node, run > 0).await;
        same(&from_rust, &from_node);
    }
    print(&of_rust, &of_node);
}

/// Ana reads ten messages of a conversation of two; what Ben wrote has been translated for her before.
async fn stage() -> (Bench, Value) {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person_in("ana", "es", "ES").await, bench.person("ben", "en").await);
    let conversation = bench.direct(&ben, &ana).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let services = bench.of("ws-message-send").await;
    for (number, (english, spanish)) in SAID.into_iter().enumerate() {
        for (phone, words) in [(&of_ben, english), (&of_ana, spanish)] {
            let data = json!({ "conversationId": conversation, "content": words, "tempId": format!("{number}") });
            let frame = json!({ "action": "message:send", "data": data });
            bench.act(&services, functions::ws::message_send::handle, phone, &frame).await;
            for phone in [&of_ana, &of_ben] {
                phone.expect("message:receive").await;
            }
        }
    }
    let mut event: Value = serde_json::from_str(include_str!("../../../functions/tests/events/http.json")).unwrap();
    let path = format!("/api/conversations/{conversation}/messages");
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event["pathParameters"] = json!({ "conversationId": conversation });
    event["headers"]["authorization"] = json!(format!("Bearer {}", ana.token));
    (bench, event)
}

/// What Lambda and the template would set for the function.
async fn environment(bench: &Bench) -> Vec<(String, String)> {
    let sdk = bench.services.sdk("messages-list");
    let credentials = sdk.credentials_provider().unwrap().provide_credentials().await.unwrap();
    let mut environment: Vec<_> = bench.services.variables("messages-list").into_iter().collect();
    for (name, value) in [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key()),
    ] {
        environment.push((name.to_owned(), value.to_owned()));
    }
    environment
}

/// The Node function in one file, as it would be deployed.
fn bundled() -> PathBuf {
    let folder = workspace().join("benches/node");
    let npm = |arguments: &[&str]| {
        let mut command = std::process::Command::new("npm");
        let status = command.args(arguments).arg("--silent").current_dir(&folder).status();
        assert!(status.expect("npm, which comes with Node").success(), "npm {arguments:?} failed");
    };
    npm(&["ci"]);
    npm(&["run", "build"]);
    folder.join("dist/bootstrap.mjs")
}

/// A program of the search path, which the measured processes do not have.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("a search path");
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed"))
}

/// Starts a program, asks it twice, and gives its first answer.
async fn one(
    program: Command,
    environment: &[(String, String)],
    event: &Value,
    column: &mut Column,
    counts: bool,
) -> Value {
    let mut process = start(program, environment, event).await;
    let (first, second) = (process.answer().await, process.answer().await);
    if counts {
        let milliseconds = |duration: std::time::Duration| duration.as_secs_f64() * 1000.0;
        let Invocation { polled, answered, peak_memory, cpu_time, .. } = first;
        column.polled.add(milliseconds(polled - process.at));
        column.answered.add(milliseconds(answered - process.at));
        column.warm.add(milliseconds(second.answered - second.polled));
        column.cpu.add(milliseconds(cpu_time));
        column.memory.add(f64::from(u32::try_from(peak_memory).unwrap()) / 1024.0);
    }
    process.stop().await;
    first.answer
}

/// Both answered, and alike.
fn same(one: &Value, other: &Value) {
    let read = |answer: &Value| -> Value { serde_json::from_str(answer["body"].as_str().expect("a body")).unwrap() };
    assert_eq!((&one["statusCode"], &other["statusCode"]), (&json!(200), &json!(200)), "{one:#} {other:#}");
    let (one, other) = (read(one), read(other));
    assert_eq!(one["messages"].as_array().map(Vec::len), Some(2 * SAID.len()), "{one:#}");
    assert_eq!(one, other);
}

fn print(rust: &Column, node: &Column) {
    println!("| median (minimum–maximum) | Rust | Node | Rust ÷ Node |");
    println!("|---|---|---|---|");
    for (what, pick, decimals) in [
        ("start to first poll, ms", (|column| &column.polled) as fn(&Column) -> &Figures, 1),
        ("start to first answer, ms", |column| &column.answered, 1),
        ("processor time until then, ms", |column| &column.cpu, 1),
        ("second answer, ms", |column| &column.warm, 1),
        ("peak memory, MB", |column| &column.memory, 1),
    ] {
        let (one, other) = (pick(rust), pick(node));
        let ratio = one.median() / other.median();
        println!("| {what} | {} | {} | {ratio:.3} |", one.shown(decimals), other.shown(decimals));
    }
}
