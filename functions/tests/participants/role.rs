use serde_json::json;

use crate::support::{Bench, call, fields};

#[tokio::test]
async fn an_admin_makes_admins_and_everybody_is_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let of_ben = bench.phone(&ben).await;
    let admin = json!({ "role": "ADMIN" });
    let body = bench.role(&ana, &id, &ben.id, &admin).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 2, GetItem 1, Query 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["conversationId", "participant"]);
    assert_eq!((&body["participant"]["id"], &body["participant"]["role"]), (&json!(ben.id), &json!("admin")));
    let told = of_ben.expect("conversation:updated").await;
    assert_eq!((&told["participant"], &told["updatedBy"]), (&body["participant"], &json!(ana.id)));
    bench.role(&ana, &id, &ben.id, &admin).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 2, GetItem 1, UpdateItem 1", "the role one has changes nothing");
    bench.role(&ben, &id, &ana.id, &json!({ "role": "member" })).await.expect(200);
    let roles = bench.roles(&ana, &id).await;
    assert_eq!(roles, [("ana".to_owned(), "member".to_owned()), ("ben".to_owned(), "admin".to_owned())]);
}

#[tokio::test]
async fn d5_the_last_admin_stays_one_even_when_two_demote_each_other() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let member = json!({ "role": "member" });
    bench.role(&ana, &id, &ana.id, &member).await.refused(409, "CONFLICT");
    bench.promote(&ana, &id, &ben).await;
    let (one, other) = tokio::join!(bench.role(&ana, &id, &ben.id, &member), bench.role(&ben, &id, &ana.id, &member));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!([403, 409].contains(&statuses[1]), "{statuses:?}");
    let roles = bench.roles(&ana, &id).await;
    assert_eq!(roles.iter().filter(|(_, role)| role == "admin").count(), 1);
}

#[tokio::test]
async fn d5_nobody_raises_themselves_and_an_admin_is_nobody_elsewhere() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let (id, elsewhere) = (bench.group(&ana, &[&ben]).await, bench.group(&cem, &[&ben]).await);
    let admin = json!({ "role": "admin" });
    bench.role(&ben, &id, &ben.id, &admin).await.refused(403, "FORBIDDEN");
    bench.role(&cem, &id, &ben.id, &admin).await.refused(404, "NOT_FOUND");
    bench.role(&ana, &elsewhere, &ben.id, &admin).await.refused(404, "NOT_FOUND");
    bench.role(&ana, &id, &cem.id, &admin).await.refused(404, "NOT_FOUND");
    for body in [json!({}), json!({ "role": "owner" }), json!({ "role": 1 })] {
        let details = bench.role(&ana, &id, &ben.id, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["role"]);
    }
    let roles = bench.roles(&ana, &id).await;
    assert_eq!(roles, [("ana".to_owned(), "admin".to_owned()), ("ben".to_owned(), "member".to_owned())]);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("participants-role").await;
    let call = call("PATCH", "/api/conversations/x/participants/y", Some(&json!({})));
    call.to(&services, functions::participants::role::handle).await.refused(401, "UNAUTHORIZED");
}
