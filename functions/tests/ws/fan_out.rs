use app::delivery::{Batch, Push};
use serde_json::json;
use store::{Live, Table};

use crate::support::{Bench, Phone};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(25);

#[tokio::test]
async fn c11_posts_its_share_and_forgets_who_is_gone() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let dead = bench.phone(&pair.ana).await;
    let to = |phone: &Phone| {
        let Live { id, since, until } = phone.live();
        json!([phone.actor.user.to_string(), id.as_str(), since.millis(), until.millis()])
    };
    let gone = to(&dead);
    dead.hang_up().await;
    let (one, two) = (json!({ "action": "one" }).to_string(), json!({ "action": "two" }).to_string());
    let batch = json!({ "deliveries": [
        { "event": one, "to": [gone, to(&pair.of_ana)] },
        { "event": two, "to": [to(&pair.of_ben)] },
    ] });
    let batch: Batch = serde_json::from_value(batch).unwrap();
    let services: (Table, Push) = bench.of("ws-fan-out").await;
    bench.start_counting();
    edge::invocation::run(&services, &functions::ws::fan_out::handle, batch, "r", LIMIT).await;
    assert_eq!(bench.used(), "UpdateItem 1");
    pair.of_ana.expect("one").await;
    pair.of_ben.expect("two").await;
    assert_eq!(bench.connections(&pair.ana).await, [pair.of_ana.connection.as_str()]);
}

#[tokio::test]
async fn what_nobody_takes_is_posted_by_whoever_wanted_to_hand_it_over() {
    // Nobody can be invoked here: there is no Lambda behind the connections of this test.
    let bench = Bench::with(&[("FanOutFrom", "1")]).await;
    let pair = bench.pair().await;
    let (tablet, watch) = (bench.phone(&pair.ana).await, bench.phone(&pair.ben).await);
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    for phone in [&pair.of_ana, &tablet, &watch] {
        phone.expect("message:receive").await;
    }
}

#[tokio::test]
async fn c11_a_connection_that_is_being_opened_is_not_taken_for_gone() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    // Noted, and not to be reached yet: API Gateway says the same of it as of one that is gone.
    let opening = bench.unknown_phone(&pair.ana).await;
    bench.note(&opening).await;
    let id = opening.connection.to_string();
    opening.hang_up().await;
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    pair.of_ana.expect("message:receive").await;
    assert_eq!(bench.connections(&pair.ana).await, [pair.of_ana.connection.to_string(), id]);
}
