use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields};

async fn change(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("users-country").await;
    bench.start_counting();
    let call = call("PATCH", "/api/users/me/country", Some(body)).bearer(&person.token);
    call.to(&services, functions::users::country::handle).await
}

#[tokio::test]
async fn changes_it_for_the_caller_and_for_whoever_writes_to_them() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = change(&bench, &ana, &json!({ "preferredCountry": "mx" })).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["id", "preferredCountry", "preferredLanguage", "user"]);
    assert_eq!((&body["user"]["preferredCountry"], &body["preferredCountry"]), (&json!("MX"), &json!("MX")));
    assert_eq!(body["id"], json!(ana.id));
    let faces = store::presence::of(&bench.table(), [&ana.actor.user], store::Consistency::Strong).await.unwrap();
    assert_eq!(faces[&ana.actor.user].country, "MX");
}

#[tokio::test]
async fn what_is_none_is_refused() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for bad in [json!("XX"), json!("MEX"), json!(5)] {
        let details = change(&bench, &ana, &json!({ "preferredCountry": bad })).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["preferredCountry"]);
    }
    let details = change(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(details, json!({ "preferredCountry": ["is required"] }));
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-country").await;
    let call = call("PATCH", "/api/users/me/country", Some(&json!({})));
    call.to(&services, functions::users::country::handle).await.refused(401, "UNAUTHORIZED");
}
