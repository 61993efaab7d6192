use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields};

async fn change(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("users-language").await;
    bench.start_counting();
    let call = call("PATCH", "/api/users/me/language", Some(body)).bearer(&person.token);
    call.to(&services, functions::users::language::handle).await
}

#[tokio::test]
async fn changes_it_for_the_caller_and_for_whoever_writes_to_them() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = change(&bench, &ana, &json!({ "preferredLanguage": "fr-ca" })).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["id", "preferredCountry", "preferredLanguage", "user"]);
    assert_eq!((&body["user"]["preferredLanguage"], &body["preferredLanguage"]), (&json!("fr-CA"), &json!("fr-CA")));
    assert_eq!(body["id"], json!(ana.id));
    let faces = store::presence::of(&bench.table(), [&ana.actor.user], store::Consistency::Strong).await.unwrap();
    assert_eq!(faces[&ana.actor.user].language, "fr-CA");

    let user = change(&bench, &ana, &json!({ "language": "de" })).await.expect(200);
    assert_eq!((&user["user"]["preferredLanguage"], &user["preferredLanguage"]), (&json!("de"), &json!("de")));
}

#[tokio::test]
async fn what_is_none_is_refused() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for bad in [json!("xx"), json!(""), json!(5)] {
        let details = change(&bench, &ana, &json!({ "preferredLanguage": bad })).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["preferredLanguage"]);
    }
    let details = change(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(details, json!({ "preferredLanguage": ["is required"] }));
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-language").await;
    let call = call("PATCH", "/api/users/me/language", Some(&json!({})));
    call.to(&services, functions::users::language::handle).await.refused(401, "UNAUTHORIZED");
}
