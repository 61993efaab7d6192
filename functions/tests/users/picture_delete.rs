use serde_json::{Value, json};

use super::picture_set::{seen, set};
use super::picture_upload_url::uploaded;
use crate::support::{Answer, Bench, PNG, Person, call};

async fn delete(bench: &Bench, person: &Person) -> Answer {
    let services = bench.of("users-picture-delete").await;
    bench.start_counting();
    let call = call("DELETE", "/api/users/profile-picture", None).bearer(&person.token);
    call.to(&services, functions::users::picture_delete::handle).await
}

#[tokio::test]
async fn f9_takes_the_picture_down_and_the_object_with_it() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    delete(&bench, &ana).await.refused(404, "NOT_FOUND");
    let key = uploaded(&bench, &ana, PNG).await;
    set(&bench, &ana, &json!({ "key": key })).await.expect(200);
    let user = delete(&bench, &ana).await.expect(200)["user"].clone();
    assert_eq!(bench.used(), "DeleteObject 1, GetItem 2, TransactWriteItems 1, UpdateItem 1");
    assert_eq!((&user["profilePicture"], &user["avatarUrl"]), (&Value::Null, &Value::Null));
    assert_eq!(seen(&bench, &key).await.0, 404);
    delete(&bench, &ana).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-picture-delete").await;
    let call = call("DELETE", "/api/users/profile-picture", None);
    call.to(&services, functions::users::picture_delete::handle).await.refused(401, "UNAUTHORIZED");
}
