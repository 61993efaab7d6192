//! What is handled stays handled: over restarts, and over changes of the template (E-09, W-26).

use std::path::Path;
use std::time::Duration;

use gateway::model::{EventSourceMapping, Source, StartingPosition, Stream};
use gateway::report::{Event, Log};
use serde_json::{Value, json};

use super::{Table, next_numbers, plan};
use crate::support::Plan;

/// The plan, with progress kept in a file.
fn kept(mut plan: Plan, file: &Path) -> Plan {
    plan.sources.progress = Some(file.to_owned());
    plan
}

/// Waits until the file has what is asked for.
async fn until_file(file: &Path, has: impl Fn(&Value) -> bool) {
    let waiting = async {
        while !std::fs::read(file).is_ok_and(|text| serde_json::from_slice(&text).is_ok_and(|kept| has(&kept))) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("never kept");
}

#[tokio::test]
async fn e_09_what_was_handled_before_a_restart_does_not_come_again() {
    let (table, folder) = (Table::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("progress.json");
    table.put_all(0..3).await;
    table.put("p", 3, json!({"fail": {"N": "1"}})).await;
    table.put_all(4..5).await;
    let change = |mapping: &mut EventSourceMapping, _: &mut Stream| mapping.report_batch_item_failures = true;
    let mut stack = kept(plan(&table, change), &file).start().await;
    assert_eq!(next_numbers(&mut stack).await, [0, 1, 2, 3, 4]);
    // The partial answer is the checkpoint, while the rest is tried again and again.
    assert_eq!(next_numbers(&mut stack).await, [3, 4]);
    stack.running.shutdown().await;
    table.put_all(5..6).await;
    let mut stack = kept(plan(&table, change), &file).start().await;
    assert_eq!(next_numbers(&mut stack).await, [3, 4, 5]);
    stack.running.shutdown().await;

    // Without the file everything comes from where the template says.
    let mut stack = plan(&table, |_, _| {}).start().await;
    assert_eq!(next_numbers(&mut stack).await, [0, 1, 2, 3, 4, 5]);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn e_09_with_latest_too_nothing_is_lost_over_a_restart() {
    let (table, folder) = (Table::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("progress.json");
    let latest = |mapping: &mut EventSourceMapping, stream: &mut Stream| {
        stream.starting_position = StartingPosition::Latest;
        // What the filters leave out is progress too.
        mapping.filters = vec![json!({"eventName": ["INSERT"]})];
    };
    let stack = kept(plan(&table, latest), &file).start().await;
    until_file(&file, |kept| kept["EchoStream"]["since"].is_i64()).await;
    stack.running.shutdown().await;
    // Written while nobody reads.
    table.put_all(1..2).await;
    let mut stack = kept(plan(&table, latest), &file).start().await;
    assert_eq!(next_numbers(&mut stack).await, [1]);
    table.call("DeleteItem", json!({"TableName": "streamed-table", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}})).await;
    let only_shard = |kept: &Value| kept["EchoStream"]["shards"].as_object().unwrap().values().next().cloned();
    let removed = table.last_sequence_number().await;
    until_file(&file, |kept| only_shard(kept) == Some(removed.clone().into())).await;
    stack.running.shutdown().await;
    table.put_all(2..3).await;
    let mut stack = kept(plan(&table, latest), &file).start().await;
    assert_eq!(next_numbers(&mut stack).await, [2]);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn e_09_a_damaged_file_stops_the_start() {
    let (table, folder) = (Table::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("progress.json");
    std::fs::write(&file, "[]").unwrap();
    let Err(error) = kept(plan(&table, |_, _| {}), &file).try_start().await else { panic!("it started") };
    let told = error.to_string();
    assert!(told.contains("progress.json") && told.contains("without that file"), "{told}");
}

/// The next batch, and who got it.
async fn next_of(stack: &mut crate::support::Stack) -> (String, Vec<u64>) {
    let told = |event: &Event| {
        let Event::Log(Log { function, line, .. }) = event else { return None };
        let seen: Value = serde_json::from_str(line.strip_prefix("EVENT ")?).unwrap();
        let number = |record: &Value| record["dynamodb"]["Keys"]["sk"]["N"].as_str().unwrap().parse().unwrap();
        Some((function.clone(), seen["Records"].as_array()?.iter().map(number).collect()))
    };
    stack.until(told).await
}

#[tokio::test]
async fn w_26_a_changed_mapping_goes_on_where_the_old_one_was() {
    let (table, folder) = (Table::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("progress.json");
    table.put_all(0..3).await;
    let mut stack = kept(plan(&table, |_, _| {}), &file).start().await;
    assert_eq!(next_of(&mut stack).await, ("Echo".to_owned(), vec![0, 1, 2]));
    let handled = table.last_sequence_number().await;
    until_file(&file, |kept| kept.to_string().contains(&handled)).await;

    let changed = |mapping: &mut EventSourceMapping, _: &mut Stream| mapping.function = "Later".to_owned();
    let application = plan(&table, changed).function("Later", |_| {}).application;
    stack.running.replace(application.clone()).unwrap();
    table.put_all(3..4).await;
    assert_eq!(next_of(&mut stack).await, ("Later".to_owned(), vec![3]));

    // A mistake changes nothing.
    let mut wrong = application;
    let mapping = wrong.event_source_mappings.get_mut("EchoStream").unwrap();
    mapping.filters = vec![json!("no pattern")];
    let Source::DynamoDb(_) = &mapping.source else { panic!("no stream") };
    assert!(stack.running.replace(wrong).is_err());
    table.put_all(4..5).await;
    assert_eq!(next_of(&mut stack).await, ("Later".to_owned(), vec![4]));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn w_26_a_changed_function_begins_anew_and_one_that_is_gone_ends() {
    let with = |word: &str| {
        let plan = Plan::new().http("GET /echo").function("Other", |_| {});
        plan.function("Echo", |function| {
            function.environment = [("WORD".to_owned(), word.to_owned())].into();
        })
    };
    let mut stack = with("old").start().await;
    let word = async |stack: &crate::support::Stack| {
        stack.invoke("Echo", &json!({"do": "environment"})).await.2["WORD"].clone()
    };
    assert_eq!(word(&stack).await, "old");
    let slow = json!({"do": "sleep", "ms": "600"});
    let (slow, ()) = tokio::join!(stack.invoke("Echo", &slow), async {
        let mut changed = with("new").application;
        changed.functions.remove("Other");
        stack.running.replace(changed).unwrap();
        assert_eq!(word(&stack).await, "new");
    });
    // What was under way is finished by the old one, or was not begun and is done by the new one.
    assert_eq!((slow.0, &slow.2["body"]), (200, &json!("slept")));
    assert_eq!(stack.invoke("Other", &json!({})).await.0, 404);
    let unchanged = with("new").application.functions["Echo"].clone();
    let cold = stack.cold_starts().len();
    let mut same = with("new").application;
    same.functions
        .insert("Echo".to_owned(), gateway::model::Function { location: crate::support::location(99), ..unchanged });
    stack.running.replace(same).unwrap();
    assert_eq!(word(&stack).await, "new");
    assert_eq!(stack.cold_starts().len(), cold, "a function that only moved in the template goes on");
    stack.running.shutdown().await;
}
