//! DynamoDB requests as IAM sees them, and what they cost.

use serde_json::Value;

use crate::aws::account::{Account, Capacity, Permission};

/// The permissions that AWS demands for an operation: transactions need those of the parts, an index its own ARN.
pub(super) fn of(account: &Account, operation: &str, input: &Value) -> Vec<Permission> {
    let table = |name: &Value| account.arn("dynamodb", &format!("table/{}", name.as_str().unwrap_or_default()));
    let on = |operation: &str, resource: String| Permission::new(format!("dynamodb:{operation}"), resource);
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = input["RequestItems"].as_object().into_iter().flat_map(serde_json::Map::keys);
            tables.map(|name| on(operation, table(&name.as_str().into()))).collect()
        }
        "TransactWriteItems" | "TransactGetItems" => {
            let items = input["TransactItems"].as_array().into_iter().flatten();
            let mut permissions: Vec<_> = items
                .filter_map(Value::as_object)
                .flatten()
                .filter_map(|(part, request)| Some(on(part_action(part)?, table(&request["TableName"]))))
                .collect();
            permissions.sort();
            permissions.dedup();
            permissions
        }
        "Query" | "Scan" => match input["IndexName"].as_str() {
            Some(index) => vec![on(operation, format!("{}/index/{index}", table(&input["TableName"])))],
            None => vec![on(operation, table(&input["TableName"]))],
        },
        // Streams are named by their own ARN; lists and limits by nothing.
        _ => match (&input["TableName"], &input["StreamArn"]) {
            (Value::String(_), _) => vec![on(operation, table(&input["TableName"]))],
            (_, Value::String(stream)) => vec![on(operation, stream.clone())],
            _ => vec![on(operation, "*".to_owned())],
        },
    }
}

fn part_action(part: &str) -> Option<&'static str> {
    match part {
        "Put" => Some("PutItem"),
        "Update" => Some("UpdateItem"),
        "Delete" => Some("DeleteItem"),
        "ConditionCheck" => Some("ConditionCheckItem"),
        "Get" => Some("GetItem"),
        _ => None,
    }
}

const READS: [&str; 5] = ["GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"];
const WRITES: [&str; 5] = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

/// Whether an operation (`dynamodb:PutItem`) takes `ReturnConsumedCapacity`.
pub(super) fn consumes_capacity(operation: &str) -> bool {
    let name = operation.trim_start_matches("dynamodb:");
    READS.contains(&name) || WRITES.contains(&name)
}

/// What the answer to an operation says that it cost; nothing for an error.
pub(super) fn capacity(operation: &str, answer: &[u8]) -> Option<Capacity> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let tables = match answer.get("ConsumedCapacity")? {
        Value::Array(tables) => tables.clone(),
        table => vec![table.clone()],
    };
    let units = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
    if READS.contains(&operation.trim_start_matches("dynamodb:")) {
        Some(Capacity { read: units, write: 0.0 })
    } else {
        Some(Capacity { read: 0.0, write: units })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-data";

    fn used(operation: &str, input: &Value) -> Vec<(String, String)> {
        let account = Account::new("us-east-1", "000000000000");
        of(&account, operation, input).into_iter().map(|used| (used.action, used.resource)).collect()
    }

    #[test]
    fn a_query_of_an_index_is_on_the_index() {
        let input = json!({ "TableName": "parlance-data", "IndexName": "GSI1" });
        assert_eq!(used("Query", &input), [("dynamodb:Query".to_owned(), format!("{TABLE}/index/GSI1"))]);
        let input = json!({ "TableName": "parlance-data" });
        assert_eq!(used("Query", &input), [("dynamodb:Query".to_owned(), TABLE.to_owned())]);
    }

    #[test]
    fn a_transaction_needs_the_permissions_of_its_parts_once_each() {
        let input = json!({ "TransactItems": [
            { "Put": { "TableName": "parlance-data" } },
            { "Put": { "TableName": "parlance-data" } },
            { "ConditionCheck": { "TableName": "parlance-data" } },
            { "Update": { "TableName": "parlance-data" } },
            { "Delete": { "TableName": "parlance-data" } },
        ] });
        let actions: Vec<_> = used("TransactWriteItems", &input).into_iter().map(|(action, _)| action).collect();
        let expected =
            ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
        assert_eq!(actions, expected);
    }

    #[test]
    fn a_batch_is_on_each_of_its_tables() {
        let input = json!({ "RequestItems": { "parlance-data": { "Keys": [] } } });
        assert_eq!(used("BatchGetItem", &input), [("dynamodb:BatchGetItem".to_owned(), TABLE.to_owned())]);
    }

    #[test]
    fn capacity_is_summed_over_tables_and_split_by_direction() {
        let answer = br#"{"ConsumedCapacity":[{"CapacityUnits":2.0},{"CapacityUnits":1.5}]}"#;
        assert_eq!(capacity("dynamodb:BatchGetItem", answer), Some(Capacity { read: 3.5, write: 0.0 }));
        let answer = br#"{"ConsumedCapacity":{"CapacityUnits":4.0}}"#;
        assert_eq!(capacity("dynamodb:PutItem", answer), Some(Capacity { read: 0.0, write: 4.0 }));
        assert_eq!(capacity("dynamodb:PutItem", br#"{"__type":"x"}"#), None);
    }
}
