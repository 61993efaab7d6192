use serde_json::json;

use crate::support::Bench;

#[tokio::test]
async fn forgets_the_connection_and_no_other() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-disconnect").await;
    let (one, other) = (bench.phone(&ana).await, bench.phone(&ana).await);
    bench.start_counting();
    for _ in 0..2 {
        let answer = bench.admit(&services, functions::ws::disconnect::handle, one.connecting()).await;
        assert_eq!(answer, json!({ "statusCode": 200 }), "also when it is forgotten already");
        assert_eq!(bench.used(), "UpdateItem 1");
        assert_eq!(bench.connections(&ana).await, [other.connection.as_str()]);
    }
}

#[tokio::test]
async fn a_goodbye_to_an_account_that_is_gone_makes_nothing() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-disconnect").await;
    let mut phone = bench.phone(&ana).await;
    phone.actor = crate::support::Person::nobody();
    let before = bench.items().await;
    let answer = bench.admit(&services, functions::ws::disconnect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(bench.items().await, before);
}
