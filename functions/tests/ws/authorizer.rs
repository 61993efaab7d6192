use app::accounts::SignInDesk;
use app::tokens::{Issuer, Verifier};
use local::signing::TokenKey;
use serde_json::json;

use crate::support::{Bench, authorize, now};

#[tokio::test]
async fn lets_a_token_in_wherever_it_is_and_says_whose_it_is() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-authorizer").await;
    let verifier: Verifier = bench.of("ws-authorizer").await;
    let (bearer, offer) = (format!("Bearer {}", ana.token), format!("bearer, {}", ana.token));
    bench.start_counting();
    for (headers, query) in [
        (vec![], vec![("token", ana.token.as_str())]),
        (vec![("Authorization", bearer.as_str())], vec![]),
        (vec![("authorization", bearer.as_str())], vec![]),
        (vec![("Sec-WebSocket-Protocol", offer.as_str())], vec![]),
    ] {
        let answer = authorize(&services, functions::ws::authorizer::handle, &headers, &query).await.unwrap();
        let until = verifier.admit(&ana.token, now()).unwrap().until.seconds();
        assert!((3500..=3600).contains(&(until - now().seconds())), "{until}");
        let (session, until) = (ana.actor.session.to_string(), until.to_string());
        assert_eq!(answer["context"], json!({ "userId": ana.id, "sessionId": session, "expiresAt": until }));
        assert_eq!(answer["principalId"], json!(ana.id));
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(statement["Resource"], "arn:aws:execute-api:us-east-1:123456789012:abc/probe/$connect");
    }
    assert_eq!(bench.used(), "", "no look-up of who it is");
}

#[tokio::test]
async fn c1_without_a_token_that_holds_it_is_unauthorized() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-authorizer").await;
    let desk: SignInDesk = bench.of("auth-login").await;
    let long_ago = domain::Timestamp::from_millis(now().millis() - 7_200_000);
    let expired = desk.issuer.access_token(&ana.actor, long_ago).unwrap();
    let stranger = Issuer::from_secret(&TokenKey::generate().unwrap().signing_parameter(), 3600).unwrap();
    let forged = stranger.access_token(&ana.actor, now()).unwrap();
    for token in ["", "nonsense", &expired, &forged, &ana.refresh_token] {
        let error = authorize(&services, functions::ws::authorizer::handle, &[], &[("token", token)]).await;
        assert_eq!(error.unwrap_err().to_string(), "Unauthorized", "gateway fact W-43: exactly this word");
    }
    let none = authorize(&services, functions::ws::authorizer::handle, &[("Authorization", "Basic x")], &[]).await;
    assert_eq!(none.unwrap_err().to_string(), "Unauthorized");
}

#[tokio::test]
async fn c3_a_page_connects_from_an_allowed_origin_alone() {
    let bench = Bench::with(&[("CorsAllowedOrigins", "https://chat.example.com,https://beta.example.com")]).await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-authorizer").await;
    let effect = async |headers: &[(&str, &str)]| {
        let query = [("token", ana.token.as_str())];
        let answer = authorize(&services, functions::ws::authorizer::handle, headers, &query).await.unwrap();
        answer["policyDocument"]["Statement"][0]["Effect"].as_str().unwrap().to_owned()
    };
    assert_eq!(effect(&[]).await, "Allow", "what is no page names no origin");
    assert_eq!(effect(&[("Origin", "https://beta.example.com")]).await, "Allow");
    for origin in
        ["https://evil.example.com", "https://chat.example.com.evil.example", "null", "http://chat.example.com"]
    {
        assert_eq!(effect(&[("Origin", origin)]).await, "Deny", "{origin}");
        assert_eq!(effect(&[("origin", origin)]).await, "Deny", "{origin}");
    }
}

#[tokio::test]
async fn c3_without_a_list_every_origin_is_allowed() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-authorizer").await;
    let (headers, query) = ([("Origin", "https://anywhere.example")], [("token", ana.token.as_str())]);
    let answer = authorize(&services, functions::ws::authorizer::handle, &headers, &query).await.unwrap();
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow");
}
