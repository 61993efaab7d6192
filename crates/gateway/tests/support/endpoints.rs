//! A function without a runtime: it speaks the Runtime API itself, and posts what its events ask for.

use lambda_runtime::Error;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Fetches invocations and posts what they ask for: `{"posts": [[path, body, times], …]}`, where `{id}` in a path is
/// the invocation's, and the body is sent so many times over (once). Every answer is printed as `ANSWER {status} {path} {body}`.
pub(crate) async fn run() -> Result<(), Error> {
    loop {
        let (head, event) = ask("GET", "invocation/next", "").await?;
        let id = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("lambda-runtime-aws-request-id:").map(str::to_owned));
        let id = id.unwrap_or_default().trim().to_owned();
        println!("ANSWER {} next", status(&head));
        let event: Value = serde_json::from_str(&event)?;
        for post in event["posts"].as_array().into_iter().flatten() {
            let path = post[0].as_str().unwrap_or_default().replace("{id}", &id);
            let times = usize::try_from(post[2].as_u64().unwrap_or(1))?;
            tell(&path, &post[1].as_str().unwrap_or_default().repeat(times)).await?;
        }
    }
}

/// Says that it cannot start.
pub(crate) async fn give_up() -> Result<(), Error> {
    tell("init/error", r#"{"errorType":"Test.NoStart","errorMessage":"no"}"#).await
}

async fn tell(path: &str, body: &str) -> Result<(), Error> {
    let (head, answer) = ask("POST", path, body).await?;
    println!("ANSWER {} {path} {answer}", status(&head));
    Ok(())
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// Head and body of an answer.
async fn ask(method: &str, path: &str, body: &str) -> Result<(String, String), Error> {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let mut stream = TcpStream::connect(&address).await?;
    let length = body.len();
    let head = format!("{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    Ok((head.to_owned(), body.to_owned()))
}
