//! How long functions take from the start of their processes to the first answer. `messages-list` also in Node 20 with
//! the AWS SDK for JavaScript v3: the same calls, the same answer, the same Runtime API and the same embedded DynamoDB;
//! and with no other root certificates than AWS's endpoints need. All in turn.
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
    /// Folder of the functions' release binaries; without it they are built.
    #[arg(long)]
    binaries: Option<PathBuf>,
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

/// Certificate authorities that AWS's endpoints chain to, as Debian's package `ca-certificates` keeps them.
const AMAZON: [&str; 5] = [
    "Amazon_Root_CA_1.pem",
    "Amazon_Root_CA_2.pem",
    "Amazon_Root_CA_3.pem",
    "Amazon_Root_CA_4.pem",
    "Starfield_Services_Root_Certificate_Authority_-_G2.pem",
];

/// A program and what it is asked.
struct Candidate {
    shown: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
    environment: Vec<(String, String)>,
    event: Value,
    figures: Column,
}

#[tokio::main]
async fn main() {
    let Arguments { runs, binaries } = Arguments::parse();
    let folder = binaries.unwrap_or_else(release_binaries);
    let (bench, events) = stage().await;
    let roots = tempfile::NamedTempFile::new().expect("a file");
    let certificates = AMAZON.map(|name| std::fs::read_to_string(PathBuf::from("/etc/ssl/certs").join(name)));
    std::fs::write(roots.path(), certificates.map(|text| text.expect("ca-certificates")).concat()).expect("a file");

    let mut candidates = Vec::new();
    let node = ("Node, messages-list", program("node"), vec![PathBuf::from("--no-warnings"), bundled()]);
    let own = ["messages-list", "ws-message-send", "ws-authorizer"].map(|name| (name, folder.join(name), Vec::new()));
    let few = ("messages-list, Amazon's roots", folder.join("messages-list"), Vec::new());
    for (shown, program, arguments) in own.into_iter().chain([few, node]) {
        let function = events.iter().find(|(name, _)| shown.contains(name)).expect("an event");
        let mut environment = environment(&bench, function.0).await;
        if shown.contains("roots") {
            environment.push(("SSL_CERT_FILE".to_owned(), roots.path().display().to_string()));
        }
        let (event, figures) = (function.1.clone(), Column::default());
        candidates.push(Candidate { shown, program, arguments, environment, event, figures });
    }
    // The first of each only brings its files into memory.
    for run in 0..=runs {
        let mut answers = Vec::new();
        for candidate in &mut candidates {
            let mut command = Command::new(&candidate.program);
            command.args(&candidate.arguments);
            let Candidate { environment, event, figures, .. } = candidate;
            answers.push(one(command, environment, event, figures, run > 0).await);
        }
        same(&answers[0], answers.last().expect("Node's"));
    }
    print(&candidates);
}

/// Ana reads ten messages of a conversation of two; what Ben wrote has been translated for her before.
///
/// The events of three functions: her request, a message of Ben's, and a handshake of hers.
async fn stage() -> (Bench, [(&'static str, Value); 3]) {
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
    let mut message: Value =
        serde_json::from_str(include_str!("../../../functions/tests/events/message.json")).unwrap();
    message["requestContext"]["connectionId"] = json!(of_ben.connection.as_str());
    message["requestContext"]["authorizer"]["userId"] = json!(ben.id);
    message["requestContext"]["authorizer"]["sessionId"] = json!(ben.actor.session.to_string());
    let elsewhere = bench.group(&ben, &[&ana]).await;
    let data = json!({ "conversationId": elsewhere, "content": "Is there a place to park close to you?" });
    message["body"] = json!(json!({ "action": "message:send", "data": data }).to_string());
    let mut handshake: Value =
        serde_json::from_str(include_str!("../../../functions/tests/events/authorizer.json")).unwrap();
    handshake["queryStringParameters"]["token"] = json!(ana.token);
    // Their connections stay open.
    std::mem::forget((of_ana, of_ben));
    (bench, [("messages-list", event), ("ws-message-send", message), ("ws-authorizer", handshake)])
}

/// What Lambda and the template would set for the function.
async fn environment(bench: &Bench, function: &str) -> Vec<(String, String)> {
    let sdk = bench.services.sdk(function);
    let credentials = sdk.credentials_provider().unwrap().provide_credentials().await.unwrap();
    let mut environment: Vec<_> = bench.services.variables(function).into_iter().collect();
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

fn print(candidates: &[Candidate]) {
    let shown: Vec<_> = candidates.iter().map(|candidate| candidate.shown).collect();
    println!("| median (minimum–maximum) | {} | messages-list ÷ Node |", shown.join(" | "));
    println!("|---{}|---|", "|---".repeat(shown.len()));
    for (what, pick) in [
        ("start to first poll, ms", (|column| &column.polled) as fn(&Column) -> &Figures),
        ("start to first answer, ms", |column| &column.answered),
        ("processor time until then, ms", |column| &column.cpu),
        ("second answer, ms", |column| &column.warm),
        ("peak memory, MB", |column| &column.memory),
    ] {
        let figures: Vec<_> = candidates.iter().map(|candidate| pick(&candidate.figures)).collect();
        let ratio = figures[0].median() / figures.last().expect("Node's").median();
        let figures: Vec<_> = figures.iter().map(|figures| figures.shown(1)).collect();
        println!("| {what} | {} | {ratio:.3} |", figures.join(" | "));
    }
}
