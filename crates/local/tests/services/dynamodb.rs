use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use local::aws::dynamodb::{DynamoDb, TableError};
use serde_json::{Value, json};

use super::{account, config, told};

const TABLE: &str = "parlance-data";
const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-data";

/// As a template has it: with what a laptop has no use for.
fn properties() -> Value {
    json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "PK", "AttributeType": "S" },
            { "AttributeName": "SK", "AttributeType": "S" },
            { "AttributeName": "GSI1PK", "AttributeType": "S" },
            { "AttributeName": "GSI1SK", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "PK", "KeyType": "HASH" },
            { "AttributeName": "SK", "KeyType": "RANGE" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "GSI1",
            "KeySchema": [
                { "AttributeName": "GSI1PK", "KeyType": "HASH" },
                { "AttributeName": "GSI1SK", "KeyType": "RANGE" },
            ],
            "Projection": { "ProjectionType": "ALL" },
        }],
        "TimeToLiveSpecification": { "AttributeName": "expiresAt", "Enabled": true },
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
        "SSESpecification": { "SSEEnabled": true },
        "Tags": [{ "Key": "application", "Value": "parlance" }],
    })
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn put(pk: &str, sk: &str) -> Put {
    Put::builder()
        .table_name(TABLE)
        .item("PK", text(pk))
        .item("SK", text(sk))
        .item("GSI1PK", text(sk))
        .item("GSI1SK", text(pk))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_table_of_the_template_has_its_keys_index_stream_and_time_to_live() {
    let account = account();
    let service = DynamoDb::start(&account, None).await.unwrap();
    service.create_table(TABLE, &properties()).unwrap();
    let client = Client::new(&config(&account, "test", &service.url()));

    let table = client.describe_table().table_name(TABLE).send().await.unwrap().table.unwrap();
    assert_eq!(table.key_schema().len(), 2);
    assert_eq!(table.global_secondary_indexes()[0].index_name(), Some("GSI1"));
    assert_eq!(table.stream_specification().unwrap().stream_view_type().unwrap().as_str(), "NEW_AND_OLD_IMAGES");
    assert_eq!(table.billing_mode_summary().unwrap().billing_mode().unwrap().as_str(), "PAY_PER_REQUEST");
    let ttl = client.describe_time_to_live().table_name(TABLE).send().await.unwrap();
    assert_eq!(ttl.time_to_live_description().unwrap().attribute_name(), Some("expiresAt"));
}

#[tokio::test]
async fn what_each_caller_used_is_known_with_its_cost() {
    let account = account();
    let service = DynamoDb::start(&account, None).await.unwrap();
    service.create_table(TABLE, &properties()).unwrap();
    let writer = Client::new(&config(&account, "writer", &service.url()));
    let reader = Client::new(&config(&account, "reader", &service.url()));

    let parts = [put("USER#1", "A"), put("USER#1", "B")].map(|put| TransactWriteItem::builder().put(put).build());
    writer.transact_write_items().set_transact_items(Some(parts.to_vec())).send().await.unwrap();
    let found = reader
        .query()
        .table_name(TABLE)
        .index_name("GSI1")
        .key_condition_expression("GSI1PK = :a")
        .expression_attribute_values(":a", text("A"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.count(), 1);
    let nothing =
        reader.get_item().table_name(TABLE).key("PK", text("USER#2")).key("SK", text("A")).send().await.unwrap();
    assert!(nothing.item.is_none());

    let usage = account.take_usage();
    assert_eq!(
        told(&usage),
        [
            format!("writer: dynamodb:TransactWriteItems (dynamodb:PutItem {ARN})"),
            format!("reader: dynamodb:Query (dynamodb:Query {ARN}/index/GSI1)"),
            format!("reader: dynamodb:GetItem (dynamodb:GetItem {ARN})"),
        ]
    );
    let capacity: Vec<_> = usage.iter().map(|usage| usage.capacity.unwrap()).collect();
    // Two items: two units each for a write within a transaction, and one each for the index, which follows outside it.
    assert!((capacity[0].write - 6.0).abs() < f64::EPSILON, "{capacity:?}");
    assert!(capacity[0].read == 0.0 && capacity[1].read > 0.0 && capacity[2].read > 0.0, "{capacity:?}");
}

#[tokio::test]
async fn a_failed_condition_arrives_as_such() {
    let account = account();
    let service = DynamoDb::start(&account, None).await.unwrap();
    service.create_table(TABLE, &properties()).unwrap();
    let client = Client::new(&config(&account, "test", &service.url()));
    let put = || {
        let put = client.put_item().table_name(TABLE).item("PK", text("EMAIL#a")).item("SK", text("CLAIM"));
        put.condition_expression("attribute_not_exists(PK)").send()
    };
    put().await.unwrap();
    let error = put().await.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
}

#[tokio::test]
async fn an_unsigned_request_is_refused_and_not_recorded() {
    let account = account();
    let service = DynamoDb::start(&account, None).await.unwrap();
    let response = reqwest::Client::new()
        .post(service.url())
        .header("x-amz-target", "DynamoDB_20120810.ListTables")
        .header("content-type", "application/x-amz-json-1.0")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("MissingAuthenticationToken"));
    assert_eq!(account.usage(), []);
}

#[tokio::test]
async fn items_past_their_time_to_live_go() {
    let account = account();
    let service = DynamoDb::start(&account, None).await.unwrap();
    service.create_table(TABLE, &properties()).unwrap();
    let client = Client::new(&config(&account, "test", &service.url()));
    let past = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 10;
    let put = client.put_item().table_name(TABLE).item("PK", text("RATE#x")).item("SK", text("1"));
    put.item("expiresAt", AttributeValue::N(past.to_string())).send().await.unwrap();
    let gone = async {
        loop {
            let get = client.get_item().table_name(TABLE).key("PK", text("RATE#x")).key("SK", text("1"));
            if get.send().await.unwrap().item.is_none() {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("the item is still there");
}

#[tokio::test]
async fn a_file_keeps_the_data_and_an_equal_table_is_taken_as_it_is() {
    let account = account();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dynamodb.sqlite");
    {
        let service = DynamoDb::start(&account, Some(&file)).await.unwrap();
        service.create_table(TABLE, &properties()).unwrap();
        let client = Client::new(&config(&account, "test", &service.url()));
        client.put_item().table_name(TABLE).item("PK", text("a")).item("SK", text("b")).send().await.unwrap();
    }
    let service = DynamoDb::start(&account, Some(&file)).await.unwrap();
    service.create_table(TABLE, &properties()).unwrap();
    let client = Client::new(&config(&account, "test", &service.url()));
    let get = client.get_item().table_name(TABLE).key("PK", text("a")).key("SK", text("b"));
    assert!(get.send().await.unwrap().item.is_some());

    let mut other = properties();
    other["KeySchema"] = json!([{ "AttributeName": "PK", "KeyType": "HASH" }]);
    assert!(matches!(service.create_table(TABLE, &other), Err(TableError::Different(_))));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dynamodb.sqlite");
    std::fs::write(&file, "this is no database, but long enough to be looked at as one".repeat(100)).unwrap();
    let error = DynamoDb::start(&account(), Some(&file)).await.unwrap_err();
    assert!(error.to_string().contains("not a valid SQLite database"), "{error}");
}

#[tokio::test]
async fn properties_that_make_no_table_are_refused_by_name() {
    let service = DynamoDb::start(&account(), None).await.unwrap();
    let error = service.create_table(TABLE, &json!({ "KeySchema": [] })).unwrap_err();
    assert!(error.to_string().starts_with("table parlance-data: "), "{error}");
}
