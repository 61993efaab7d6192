//! The Runtime API as a function without a runtime meets it (`tests/support/endpoints.rs`).

use gateway::report::Source;
use serde_json::json;

use crate::support::{Plan, Stack};

/// What the function was answered, one line after the other.
async fn answers<const N: usize>(stack: &mut Stack) -> [String; N] {
    let mut answers = Vec::new();
    while answers.len() < N {
        let line = stack.line(Source::Output, "ANSWER ").await.line;
        answers.push(line.trim_start_matches("ANSWER ").to_owned());
    }
    answers.try_into().unwrap()
}

#[tokio::test]
async fn l_02_the_paths_and_statuses_of_the_runtime_api() {
    let plan = Plan::new().limits(|limits| limits.payload = 2_000);
    let start = |function: &mut gateway::model::Function, start: &str| {
        function.environment.insert("START".to_owned(), start.to_owned());
    };
    let plan = plan.function("Echo", |function| start(function, "endpoints"));
    let mut stack = plan.function("GivesUp", |function| start(function, "give-up")).start().await;

    // An invocation that is not under way, and a path that there is not, are no answer to the one that is.
    let posts = json!({"posts": [
        ["invocation/nobody/response", "{}"],
        ["invocation/{id}/answer", "{}"],
        ["invocation/{id}/response", r#"{"ok":true}"#],
        ["invocation/{id}/response", "{}"],
    ]});
    let (status, failed, payload) = stack.invoke("Echo", &posts).await;
    assert_eq!((status, failed, payload), (200, false, json!({"ok": true})));
    let [next, nobody, unknown, accepted, again] = answers(&mut stack).await;
    assert_eq!(next, "200 next");
    assert_eq!(
        nobody,
        r#"400 invocation/nobody/response {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#
    );
    assert!(unknown.starts_with("404 "), "{unknown}");
    assert!(accepted.starts_with("202 ") && accepted.ends_with(r#"/response {"status":"OK"}"#), "{accepted}");
    assert!(again.starts_with("400 "), "{again}");

    let error = r#"{"errorType":"Own","errorMessage":"mine"}"#;
    let (_, failed, payload) = stack.invoke("Echo", &json!({"posts": [["invocation/{id}/error", error]]})).await;
    assert_eq!((failed, payload), (true, json!({"errorType": "Own", "errorMessage": "mine"})));
    let [_, accepted] = answers(&mut stack).await;
    assert!(accepted.starts_with("202 "), "{accepted}");

    let large = json!({"posts": [["invocation/{id}/response", "x", 2_001]]});
    let (_, failed, payload) = stack.invoke("Echo", &large).await;
    assert_eq!((failed, &payload["errorType"]), (true, &json!("Function.ResponseSizeTooLarge")));
    let [_, refused] = answers(&mut stack).await;
    assert!(refused.starts_with("413 ") && refused.contains("RequestEntityTooLarge"), "{refused}");

    // Whether the process still hears the 202 is nobody's concern: its end has begun.
    let (_, failed, payload) = stack.invoke("GivesUp", &json!({})).await;
    assert_eq!((failed, payload), (true, json!({"errorType": "Test.NoStart", "errorMessage": "no"})));
}
