//! Authorizers of HTTP APIs over a socket, with functions that are processes and an issuer that is a server.

use std::time::Duration;

use gateway::Signatures;
use gateway::model::{
    Authorization, HttpAuthorizer, IdentitySource, JwtAuthorizer, LambdaAuthorizer, PayloadFormat, Statement,
};
use gateway::time::ManualClock;
use serde_json::{Value, json};

use crate::issuer::LoopbackIssuer;
use crate::support::{Plan, Stack, location};

const TTL: Duration = Duration::from_mins(5);

fn lambda(format: PayloadFormat, simple: bool, ttl: Option<Duration>) -> HttpAuthorizer {
    HttpAuthorizer::Lambda(LambdaAuthorizer {
        function: "Guard".to_owned(),
        payload_format: format,
        simple_responses: simple,
        identity_sources: vec![IdentitySource::Query("token".to_owned())],
        result_ttl: ttl,
        location: location(1),
    })
}

fn by(id: &str) -> Authorization {
    Authorization::Lambda(id.to_owned())
}

async fn asked(stack: &Stack, path: &str, token: Option<&str>) -> (u16, Value) {
    let query: Vec<(&str, &str)> = token.map(|token| ("token", token)).into_iter().collect();
    let answer = stack.get(path, &query).await;
    assert!(answer.headers().contains_key("apigw-requestid"));
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn message(text: &str) -> Value {
    json!({ "message": text })
}

#[tokio::test]
async fn a01_a02_a03_a04_simple_responses() {
    let stack = Plan::new()
        .function("Guard", |_| {})
        .guarded("GET /x", by("Simple"), lambda(PayloadFormat::V2, true, None))
        .start()
        .await;
    let (status, event) = asked(&stack, "/x", Some("simple-allow")).await;
    assert_eq!(status, 200);
    let context = &event["requestContext"]["authorizer"]["lambda"];
    let keys: Vec<&String> = context.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["at", "by", "event"]);
    assert_eq!(context["event"]["type"], "REQUEST");
    assert_eq!(context["event"]["identitySource"], json!(["simple-allow"]));
    assert_eq!(context["event"]["requestContext"]["requestId"], event["requestContext"]["requestId"]);
    assert_eq!(asked(&stack, "/x", None).await, (401, message("Unauthorized")));
    assert_eq!(asked(&stack, "/x", Some("simple-deny")).await, (403, message("Forbidden")));
    assert_eq!(asked(&stack, "/x", Some("unauthorized")).await, (401, message("Unauthorized")));
    for token in ["broken", "malformed", "allow", ""] {
        assert_eq!(asked(&stack, "/x", Some(token)).await, (500, message("Internal Server Error")), "{token}");
    }
}

#[tokio::test]
async fn a01_without_its_identity_source_the_authorizer_is_not_invoked() {
    let mut stack = Plan::new()
        .function("Guard", |_| {})
        .guarded("GET /x", by("Simple"), lambda(PayloadFormat::V2, true, None))
        .start()
        .await;
    assert_eq!(asked(&stack, "/x", None).await.0, 401);
    assert_eq!(stack.cold_starts().len(), 0);
}

#[tokio::test]
async fn a08_policies_in_both_formats() {
    for format in [PayloadFormat::V1, PayloadFormat::V2] {
        let stack =
            Plan::new().function("Guard", |_| {}).guarded("GET /x", by("P"), lambda(format, false, None)).start().await;
        let (status, event) = asked(&stack, "/x", Some("allow")).await;
        assert_eq!(
            (status, &event["requestContext"]["authorizer"]),
            (200, &json!({"lambda": {"flag": true, "number": 7}}))
        );
        assert_eq!(asked(&stack, "/x", Some("deny")).await, (403, message("Forbidden")));
        assert_eq!(asked(&stack, "/x", Some("simple-allow")).await, (500, message("Internal Server Error")));
    }
}

#[tokio::test]
async fn a06_results_are_kept_for_their_time_and_policies_asked_again_for_each_route() {
    let clock = ManualClock::at("2026-11-20T12:00:00Z".parse().unwrap());
    let stack = Plan::new()
        .function("Guard", |_| {})
        .guarded("GET /a", by("Simple"), lambda(PayloadFormat::V2, true, Some(TTL)))
        .guarded("GET /b", by("Simple"), lambda(PayloadFormat::V2, true, Some(TTL)))
        .guarded("GET /p", by("Policy"), lambda(PayloadFormat::V2, false, Some(TTL)))
        .guarded("GET /q", by("Policy"), lambda(PayloadFormat::V2, false, Some(TTL)))
        .clock(&clock)
        .start()
        .await;
    let first = |event: &Value| event["requestContext"]["authorizer"]["lambda"]["at"].clone();
    let (_, a) = asked(&stack, "/a", Some("simple-allow")).await;
    let (_, b) = asked(&stack, "/b", Some("simple-allow")).await;
    // One result, for every route of the authorizer.
    assert_eq!(first(&a), first(&b));
    assert_eq!(first(&a), a["requestContext"]["requestId"]);
    // The policy names the first route alone.
    assert_eq!(asked(&stack, "/p", Some("allow")).await.0, 200);
    assert_eq!(asked(&stack, "/q", Some("allow")).await, (403, message("Forbidden")));
    clock.advance(TTL);
    let (_, later) = asked(&stack, "/b", Some("simple-allow")).await;
    assert_eq!(first(&later), later["requestContext"]["requestId"]);
    assert_ne!(first(&later), first(&a));
    assert_eq!(asked(&stack, "/q", Some("allow")).await.0, 200);
}

#[tokio::test]
async fn a05_an_authorizer_has_its_time_and_no_more() {
    let stack = Plan::new()
        .function("Guard", |_| {})
        .guarded("GET /x", by("Simple"), lambda(PayloadFormat::V2, true, None))
        .limits(|limits| limits.authorizer = Duration::from_millis(100))
        .start()
        .await;
    assert_eq!(asked(&stack, "/x", Some("slow")).await, (500, message("Internal Server Error")));
}

#[tokio::test]
async fn c06_default_with_an_authorizer_catches_options_but_a_route_without_lets_it_pass() {
    let stack = Plan::new()
        .function("Guard", |_| {})
        .guarded("ANY /{proxy+}", by("Simple"), lambda(PayloadFormat::V2, true, None))
        .start()
        .await;
    let options = |stack: &Stack| reqwest::Client::new().request(reqwest::Method::OPTIONS, stack.url("/x")).send();
    assert_eq!(options(&stack).await.unwrap().status(), 401);
    let stack = Plan::new()
        .function("Guard", |_| {})
        .guarded("ANY /{proxy+}", by("Simple"), lambda(PayloadFormat::V2, true, None))
        .http("OPTIONS /{proxy+}")
        .start()
        .await;
    assert_eq!(options(&stack).await.unwrap().status(), 200);
    assert_eq!(asked(&stack, "/x", None).await.0, 401);
}

#[tokio::test]
async fn a10_a_signed_request_passes_and_an_unsigned_one_is_403() {
    let none = lambda(PayloadFormat::V2, true, None);
    let stack = Plan::new().guarded("GET /x", Authorization::Iam, none).start().await;
    assert_eq!(asked(&stack, "/x", None).await, (403, message("Forbidden")));
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential=AKIALOCAL/20261120/us-east-1/execute-api/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        "0".repeat(64)
    );
    let answer = reqwest::Client::new().get(stack.url("/x")).header("authorization", signature).send().await.unwrap();
    let event: Value = answer.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["accessKey"], "AKIALOCAL");
}

/// A request with the form of a signature by this key, which is not right.
async fn forged(stack: &Stack, key: &str) -> u16 {
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261120/us-east-1/execute-api/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        "0".repeat(64)
    );
    let request = reqwest::Client::new().get(stack.url("/x")).header("authorization", signature);
    request.send().await.unwrap().status().as_u16()
}

/// A function may invoke the route if its role says so.
fn invoke() -> Statement {
    Statement {
        allow: true,
        actions: vec!["execute-api:Invoke".to_owned()],
        resources: vec!["arn:aws:execute-api:*:*:httpapi001/$default/GET/x".to_owned()],
        ..Statement::default()
    }
}

async fn key_of_echo(stack: &Stack) -> String {
    let answer = stack.get("/open", &[("do", "environment")]).await;
    let environment: Value = answer.json().await.unwrap();
    environment["AWS_ACCESS_KEY_ID"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn m_11_a_functions_key_needs_the_permission_to_invoke_the_route() {
    for (policies, expected) in [(vec![invoke()], 200), (Vec::new(), 403)] {
        let stack = Plan::new()
            .function("Echo", |function| function.policies = policies)
            .guarded("GET /x", Authorization::Iam, lambda(PayloadFormat::V2, true, None))
            .http("GET /open")
            .start()
            .await;
        let key = key_of_echo(&stack).await;
        assert_eq!((forged(&stack, &key).await, forged(&stack, "AKIALOCAL").await), (expected, 200));
    }
}

#[tokio::test]
async fn m_13_unknown_keys_and_forged_signatures_are_refused_where_they_are_verified() {
    let stack = Plan::new()
        .function("Echo", |function| function.policies = vec![invoke()])
        .guarded("GET /x", Authorization::Iam, lambda(PayloadFormat::V2, true, None))
        .http("GET /open")
        .behaviour(|behaviour| behaviour.signatures = Signatures::Verified)
        .start()
        .await;
    let key = key_of_echo(&stack).await;
    assert_eq!((forged(&stack, &key).await, forged(&stack, "AKIALOCAL").await), (403, 403));
}

fn jwt(issuer: &LoopbackIssuer) -> HttpAuthorizer {
    HttpAuthorizer::Jwt(JwtAuthorizer {
        identity_source: IdentitySource::Header("Authorization".to_owned()),
        issuer: issuer.address.clone(),
        audience: vec!["api".to_owned()],
        location: location(1),
    })
}

fn scoped(scopes: &[&str]) -> Authorization {
    let scopes = scopes.iter().map(ToString::to_string).collect();
    Authorization::Jwt { authorizer: "Tokens".to_owned(), scopes }
}

/// Status, challenge and body.
async fn with_token(stack: &Stack, path: &str, token: Option<&str>) -> (u16, Option<String>, Value) {
    let request = reqwest::Client::new().get(stack.url(path));
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    let answer = request.send().await.unwrap();
    let challenge = answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), challenge, answer.json().await.unwrap())
}

#[tokio::test]
async fn a09_tokens_are_checked_with_the_keys_that_the_issuer_names() {
    let issuer = LoopbackIssuer::start().await;
    let clock = ManualClock::at("2026-11-20T12:00:00Z".parse().unwrap());
    let stack = Plan::new()
        .guarded("GET /open", scoped(&[]), jwt(&issuer))
        .guarded("GET /scoped", scoped(&["admin", "write"]), jwt(&issuer))
        .clock(&clock)
        .start()
        .await;
    let token = issuer.token(clock.clock().now().as_second(), "read write");
    let (status, _, event) = with_token(&stack, "/open", Some(&token)).await;
    let authorizer = &event["requestContext"]["authorizer"]["jwt"];
    assert_eq!((status, &authorizer["claims"]["aud"], &authorizer["scopes"]), (200, &json!("api"), &Value::Null));
    let (status, _, event) = with_token(&stack, "/scoped", Some(&token)).await;
    assert_eq!((status, &event["requestContext"]["authorizer"]["jwt"]["scopes"]), (200, &json!(["read", "write"])));
    // The keys were found once.
    assert_eq!(issuer.asked(), ["/.well-known/openid-configuration", "/keys"]);

    let reader = issuer.token(clock.clock().now().as_second(), "read");
    assert_eq!(with_token(&stack, "/scoped", Some(&reader)).await, (403, None, message("Forbidden")));
    let nobody = with_token(&stack, "/open", None).await;
    assert_eq!(nobody, (401, Some("Bearer".to_owned()), message("Unauthorized")));
    clock.advance(Duration::from_mins(1));
    let expired = r#"Bearer scope="" error="invalid_token" error_description="the token has expired""#;
    let refused = with_token(&stack, "/open", Some(&token)).await;
    assert_eq!(refused, (401, Some(expired.to_owned()), message("Unauthorized")));

    // A key with a new name is looked for at once, when the last look was some time ago.
    issuer.rename_key("two");
    let token = issuer.token(clock.clock().now().as_second(), "read");
    assert_eq!(with_token(&stack, "/open", Some(&token)).await.0, 200);
    assert_eq!(issuer.asked().len(), 4);
    // And after two hours in any case.
    clock.advance(Duration::from_hours(2));
    let token = issuer.token(clock.clock().now().as_second(), "read");
    assert_eq!(with_token(&stack, "/open", Some(&token)).await.0, 200);
    assert_eq!(issuer.asked().len(), 6);
}

#[tokio::test]
async fn a09_key_sets_have_limits_of_size_and_time() {
    let issuer = LoopbackIssuer::start().await;
    let clock = ManualClock::at("2026-11-20T12:00:00Z".parse().unwrap());
    let stack = Plan::new().guarded("GET /x", scoped(&[]), jwt(&issuer)).clock(&clock).start().await;
    let token = issuer.token(clock.clock().now().as_second(), "");
    issuer.pad(150_000);
    let (status, challenge, _) = with_token(&stack, "/x", Some(&token)).await;
    assert_eq!(status, 401);
    assert!(challenge.unwrap().contains("Jwks HTTP communication failed"));

    issuer.fall_silent();
    let before = issuer.asked().len();
    let (answer, ()) = tokio::join!(with_token(&stack, "/x", Some(&token)), async {
        issuer.asked_more_than(before).await;
        clock.advance(Duration::from_millis(1_500));
    });
    assert_eq!(answer.0, 401);
    assert!(answer.1.unwrap().contains("OIDC discovery endpoint communication error"));
}
