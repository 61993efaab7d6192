//! `--check` and `--strict`: what would run of a template, what is left out, and what is wrong with it.

use serde_json::{Value, json};

use crate::support::{Run, command, folder, place, refused, soon, template};

fn mixed() -> String {
    let rust = template("target/lambda/echo/", "bootstrap", "provided.al2023");
    rust.replace("      Events:\n", "      Events:\n        Old: {Type: Api, Properties: {Path: /old, Method: get}}\n")
}

const OLD: &str = "template.yaml:11:9: Echo, event Old: `GET /old` is of a REST API, and these do not run here";

#[tokio::test]
async fn a_check_tells_what_would_run_and_needs_no_program() {
    let folder = folder(&mixed());
    let output = soon(command(folder.path(), &["--check"]).output()).await.unwrap();
    assert!(output.status.success());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["event"], &told["functions"]), (&json!("checked"), &json!(["Echo"])));
    assert_eq!(told["httpApis"][0]["routes"], json!([{"key": "GET /echo", "target": "Echo"}]));
    assert_eq!(told["webSocketApis"][0]["routes"], json!([{"key": "$default", "target": "Echo"}]));
    let left_out = &told["leftOut"][0];
    assert_eq!((&left_out["line"], &left_out["column"]), (&json!(11), &json!(9)));
    let text = soon(command(folder.path(), &["--check", "--log", "text"]).output()).await.unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("GET /echo") && text.contains(OLD), "{text}");
}

#[tokio::test]
async fn a_check_fails_with_every_mistake() {
    let folder = folder(&mixed().replace("!GetAtt Echo.Arn", "!GetAtt Ehco.Arn"));
    let told = refused(folder.path(), &["--check"]).await;
    assert!(told.contains("template.yaml:18:") && told.contains("did you mean `Echo`?"), "{told}");
}

#[tokio::test]
async fn with_strict_nothing_may_be_left_out() {
    let folder = folder(&mixed());
    place(&folder.path().join("bin/echo"));
    for options in [&["--strict", "--check"][..], &["--strict", "--binaries", "bin"]] {
        let told = refused(folder.path(), options).await;
        assert!(told.contains(OLD), "{told}");
    }
    let run = Run::start(folder.path(), &["--binaries", "bin"]).await;
    assert_eq!(run.get("/echo?do=raw&payload=1").await.0, 200);
    assert!(run.stop().await);
}

#[tokio::test]
async fn functions_that_cannot_be_launched_are_left_out_while_others_can() {
    let other = "  Other:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: other/
      Handler: Main
      Runtime: java21
      Events: {All: {Type: HttpApi, Properties: {Path: /other, Method: GET}}}
";
    let folder = folder(&(template("target/lambda/echo/", "bootstrap", "provided.al2023") + other));
    place(&folder.path().join("target/lambda/echo/bootstrap"));
    let run = Run::start(folder.path(), &[]).await;
    assert_eq!(run.get("/echo?do=raw&payload=1").await.0, 200);
    assert_eq!(run.get("/other").await.0, 503);
    assert!(run.stop().await);
    let told = refused(folder.path(), &["--strict"]).await;
    assert!(told.contains("Other: there is no program "), "{told}");
}
