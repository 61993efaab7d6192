//! `parlance demo`: two people talk, each in their language, over the public API alone.

mod columns;
mod person;

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use gateway::report::Silent;
use local::{Data, Functions, Stack, StackOptions, Translator};
use serde_json::json;
use tokio::net::TcpStream;

use super::arguments::DemoArguments;
use crate::Outcome;
use columns::{Columns, Side};
use person::{Person, Socket};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Plays in the backend at the given port, or in one that it starts for the time being.
pub(crate) async fn run(arguments: DemoArguments) -> Outcome {
    let (http, own) = if TcpStream::connect((Ipv4Addr::LOCALHOST, arguments.port)).await.is_ok() {
        (format!("http://localhost:{}", arguments.port), None)
    } else {
        let stack = start().await?;
        (stack.http_url(), Some(stack))
    };
    let whose = if own.is_some() { "a backend of its own, in memory" } else { "the running backend" };
    println!("In {whose}, at {http}\n");
    let outcome = tokio::select! {
        outcome = play(&http) => outcome,
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    if let Some(stack) = own {
        stack.shutdown().await;
    }
    outcome
}

async fn start() -> Result<Stack, Error> {
    let options = StackOptions {
        template: gateway::command_line::template(None, &std::env::current_dir()?)?,
        data: Data::Memory,
        fresh: false,
        endpoint: None,
        name: gateway::template::Settings::default().stack_name,
        port: 0,
        parameters: std::collections::BTreeMap::new(),
        functions: Functions::MultiCall { program: std::env::current_exe()?, next: None },
        translator: Translator::Installed,
        record: false,
        show_push: Arc::new(|_| ()),
        report: Arc::new(Silent),
        behaviour: gateway::Behaviour::default(),
    };
    Ok(Stack::start(options).await?)
}

/// The lines of the play: who speaks, and what.
const LINES: [(Side, &str); 3] = [
    (Side::Right, "I would like to book a table for two people tonight."),
    (Side::Left, "La casa es muy bonita."),
    (Side::Right, "The house is red and the garden is green."),
];

async fn play(http: &str) -> Outcome {
    let mut columns = Columns::new("Ana reads Spanish", "Ben reads English");
    columns.head();
    let ana = Person::register(http, "ana", "es").await?;
    columns.say(Side::Left, &format!("POST /api/auth/register\n{} ({})", ana.username, ana.id));
    let ben = Person::register(http, "ben", "en").await?;
    columns.say(Side::Right, &format!("POST /api/auth/register\n{} ({})", ben.username, ben.id));

    let body = json!({ "type": "direct", "participantIds": [ana.id] });
    let opened = ben.post("/api/conversations", &body).await?;
    let conversation = text(&opened, "/conversation/id")?;
    columns.say(Side::Right, &format!("POST /api/conversations\n{conversation}"));

    let mut left = ana.connect().await?;
    columns.say(Side::Left, "WebSocket open");
    let mut right = ben.connect().await?;
    columns.say(Side::Right, "WebSocket open");

    for (number, (side, line)) in LINES.into_iter().enumerate() {
        let temp_id = format!("demo-{number}");
        let data = json!({ "conversationId": conversation, "content": line, "type": "text", "tempId": temp_id });
        columns.say(side, &format!("→ message:send\n{line}"));
        match side {
            Side::Left => left.send("message:send", &data).await?,
            Side::Right => right.send("message:send", &data).await?,
        }
        hear(&mut columns, &mut left, &mut right, side).await?;
    }

    for (side, person) in [(Side::Left, &ana), (Side::Right, &ben)] {
        let messages = person.get(&format!("/api/conversations/{conversation}/messages")).await?;
        let words: Vec<_> = messages["messages"].as_array().into_iter().flatten().map(person::readable).collect();
        columns.say(side, &format!("GET …/messages\n{}", words.join("\n")));
    }
    for (side, person) in [(Side::Left, &ana), (Side::Right, &ben)] {
        let answer = person.get("/api/conversations").await?;
        let conversation = &answer["conversations"][0];
        let (last, unread) = (person::readable(&conversation["lastMessage"]), &conversation["unreadCount"]);
        columns.say(side, &format!("GET /api/conversations\nlast: {last}\nunread: {unread}"));
    }
    columns.foot();
    std::io::stdout().flush()?;
    left.close().await?;
    right.close().await
}

/// Shows what both sides receive until both have the message, and the reader a translation of it if one is to follow.
async fn hear(columns: &mut Columns, left: &mut Socket, right: &mut Socket, sender: Side) -> Outcome {
    let (mut has_left, mut has_right, mut awaits_translation) = (false, false, false);
    while !(has_left && has_right) || awaits_translation {
        let (side, event) = tokio::select! {
            event = left.event() => (Side::Left, event?),
            event = right.event() => (Side::Right, event?),
            () = tokio::time::sleep(if has_left && has_right { LATE } else { PATIENCE }) => {
                return if has_left && has_right { Ok(()) } else { Err("the message did not arrive".into()) };
            }
        };
        let action = event["action"].as_str().unwrap_or("?").to_owned();
        let message = &event["message"];
        match action.as_str() {
            "message:receive" => {
                match side {
                    Side::Left => has_left = true,
                    Side::Right => has_right = true,
                }
                awaits_translation |= side != sender && !person::is_translated(message);
                columns.say(side, &format!("← {action}\n{}", person::told(message)));
                if let Some(temp_id) = event["tempId"].as_str() {
                    columns.say(side, &format!("  (tempId {temp_id})"));
                }
            }
            "message:updated" => {
                awaits_translation = false;
                columns.say(side, &format!("← {action}\n{}", person::told(message)));
            }
            "error" => return Err(format!("{event}").into()),
            _ => columns.say(side, &format!("← {action}")),
        }
    }
    Ok(())
}

/// How long a message may take: the first one waits for processes to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a translation may come after its message: no function waits longer for one.
const LATE: Duration = Duration::from_secs(15);

fn text(body: &serde_json::Value, pointer: &str) -> Result<String, Error> {
    let found = body.pointer(pointer).and_then(serde_json::Value::as_str);
    Ok(found.ok_or_else(|| format!("no {pointer} in {body}"))?.to_owned())
}
