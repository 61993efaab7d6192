//! An external extension for the gateway's tests: over plain HTTP it registers under its file's name, prints every
//! event, and ends as its name says.

use std::process::exit;

use lambda_runtime::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `extension-…-deaf` never ends by itself, `extension-…-crash` ends on its first event.
pub(super) async fn run(name: &str) -> Result<(), Error> {
    let register = format!("Lambda-Extension-Name: {name}\r\n");
    let (head, _) = call("POST", "register", &register, r#"{"events":["INVOKE","SHUTDOWN"]}"#).await?;
    let line = head.lines().find_map(|line| {
        line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case("lambda-extension-identifier"))
    });
    let id = line.ok_or("not registered")?.1.to_owned();
    println!("EXTENSION registered");
    loop {
        let (_, event) = call("GET", "event/next", &format!("Lambda-Extension-Identifier: {id}\r\n"), "").await?;
        println!("EXTENSION {event}");
        if name.ends_with("crash") {
            exit(4);
        }
        if event.contains("SHUTDOWN") {
            if name.ends_with("deaf") {
                std::future::pending::<()>().await;
            }
            println!("EXTENSION ends");
            return Ok(());
        }
    }
}

async fn call(method: &str, path: &str, headers: &str, body: &str) -> Result<(String, String), Error> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let mut stream = TcpStream::connect(&api).await?;
    let length = body.len();
    let request = format!(
        "{method} /2020-01-01/extension/{path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\
         {headers}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    Ok((head.to_owned(), body.to_owned()))
}
