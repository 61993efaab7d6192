//! `--watch` on a real Cargo project: saving builds and swaps, mistakes change nothing, sockets stay open.

use std::path::Path;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Run, folder, place, soon, template};

/// A whole function without a dependency: every answer is the word `old`, or what became of it.
const FUNCTION: &str = r###"use std::io::{Read, Write};
use std::net::TcpStream;

fn call(method: &str, path: &str, body: &str) -> String {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut stream = TcpStream::connect(&api).unwrap();
    let length = body.len();
    let request = format!("{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn main() {
    loop {
        let event = call("GET", "next", "");
        let id = event.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap();
        if event.contains("slow") {
            std::thread::sleep(std::time::Duration::from_secs(3));
        }
        call("POST", &format!("{id}/response"), r##"{"statusCode":200,"body":"old"}"##);
    }
}
"###;

fn project() -> TempDir {
    let folder = folder(&template("target/lambda/word/", "bootstrap", "provided.al2023"));
    let manifest = "[package]\nname = \"word\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    save(folder.path(), "old");
    folder
}

fn save(folder: &Path, word: &str) {
    std::fs::write(folder.join("src/main.rs"), FUNCTION.replace("old", word)).unwrap();
}

fn built() -> TempDir {
    let folder = project();
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--target-dir", "target"]).current_dir(folder.path());
    assert!(cargo.status().unwrap().success());
    folder
}

#[tokio::test]
async fn saving_builds_and_swaps_while_sockets_stay_open_and_mistakes_change_nothing() {
    let folder = built();
    let mut run = Run::start(folder.path(), &["--binaries", "target/debug", "--watch"]).await;
    run.event("watching").await;
    assert_eq!(run.get("/echo").await, (200, "old".to_owned()));
    let socket = run.url.replace("http://", "ws://");
    let (mut socket, _) = tokio_tungstenite::connect_async(socket).await.unwrap();
    socket.send(Message::text("{}")).await.unwrap();
    assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::text("old"));

    // An invocation that is under way finishes in the old program.
    let slow = tokio::spawn(reqwest::get(format!("{}/echo?slow", run.url)));
    save(folder.path(), "new");
    let swapped = run.event("swapped").await;
    assert_eq!(swapped["functions"], json!(["Echo"]));
    assert_eq!(run.get("/echo").await, (200, "new".to_owned()));
    assert_eq!(slow.await.unwrap().unwrap().text().await.unwrap(), "old");
    socket.send(Message::text("{}")).await.unwrap();
    assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::text("new"));

    save(folder.path(), "old\"}\"##); oops(");
    let failed = run.event("buildFailed").await;
    assert!(failed["error"].as_str().unwrap().contains("src/main.rs"), "{failed}");
    assert_eq!(run.get("/echo").await, (200, "new".to_owned()));

    save(folder.path(), "newest");
    run.event("swapped").await;
    assert_eq!(run.get("/echo").await, (200, "newest".to_owned()));
    assert!(run.stop().await);
}

#[tokio::test]
async fn a_command_of_ones_own_may_build() {
    let folder = built();
    let options = [
        "--function",
        "Echo=program",
        "--watch",
        "--build",
        "cargo build --offline --target-dir target && install target/debug/word program",
    ];
    std::fs::copy(folder.path().join("target/debug/word"), folder.path().join("program")).unwrap();
    let mut run = Run::start(folder.path(), &options).await;
    run.event("watching").await;
    assert_eq!(run.get("/echo").await.1, "old");
    save(folder.path(), "new");
    run.event("swapped").await;
    assert_eq!(run.get("/echo").await.1, "new");
    assert!(run.stop().await);
}

#[tokio::test]
async fn an_edit_of_the_template_is_followed_and_a_mistake_in_it_changes_nothing() {
    let first = template("code/", "bootstrap", "provided.al2023");
    let folder = folder(&first);
    place(&folder.path().join("code/bootstrap"));
    let mut run = Run::start(folder.path(), &["--watch"]).await;
    run.event("watching").await;
    assert_eq!((run.get("/echo").await.0, run.get("/more").await.0), (200, 404));
    let (mut socket, _) = tokio_tungstenite::connect_async(run.url.replace("http://", "ws://")).await.unwrap();

    let edit = |text: &str| std::fs::write(folder.path().join("template.yaml"), text).unwrap();
    let more = "        All: {Type: HttpApi, Properties: {Path: /echo, Method: GET}}\n        More: {Type: HttpApi, Properties: {Path: /more, Method: GET}}\n";
    let second = first
        .replace("        All: {Type: HttpApi, Properties: {Path: /echo, Method: GET}}\n", more)
        .replace("      Timeout: 30\n", "      Timeout: 20\n      Environment: {Variables: {WORD: new}}\n");
    edit(&second);
    run.event("templateFollowed").await;
    let (status, body) = run.get("/more?do=environment").await;
    let environment: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &environment["WORD"]), (200, &json!("new")));
    // The connection of before is still there, and its messages go by the template as it is now.
    socket.send(Message::text("{}")).await.unwrap();
    let answer = soon(socket.next()).await.unwrap().unwrap();
    assert!(answer.to_text().unwrap().contains("MESSAGE"), "{answer}");

    edit(&second.replace("Path: /more", "Path: more"));
    let line = 1 + second.lines().position(|line| line.contains("/more")).unwrap();
    let place = format!("template.yaml:{line}:");
    // The file may be seen while it is half written, and that is a mistake too.
    while !run.event("buildFailed").await["error"].as_str().unwrap().contains(&place) {}
    assert_eq!(run.get("/more").await.0, 200);

    edit(&first);
    // One save may be seen twice.
    while run.event("templateFollowed").await.is_object() && run.get("/more").await.0 != 404 {}
    assert_eq!(run.get("/echo").await.0, 200);
    assert!(run.stop().await);
}
