//! DynamoDB and its streams over the wire (AWS JSON 1.0), as far as a mapping needs them.
//!
//! Not the SDK: it would turn every record into its own types, and functions are to get the JSON as it was sent.
//! Requests are signed by `aws-sigv4`, the SDK's own signer.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// Largest answer: `GetRecords` gives at most 1 MB of records; their JSON is larger.
const LARGEST: usize = 16 * 1024 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A DynamoDB that serves streams too: the embedded one, DynamoDB Local, LocalStack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http://…`; TLS is not spoken.
    pub url: String,
    /// Region to sign for.
    pub region: String,
    /// Access key id to sign with.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// DynamoDB's own error: the name, and what it says.
    #[error("{0}: {1}")]
    Refused(String, String),
    /// Anything else.
    #[error("{0}")]
    Unreachable(String),
}

impl WireError {
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Refused(kind, _) if kind == name)
    }
}

#[derive(Clone)]
pub(super) struct Wire {
    endpoint: Endpoint,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A shard of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) id: String,
    pub(super) parent: Option<String>,
}

/// Where reading a shard begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    TrimHorizon,
    Latest,
    After(String),
}

impl Wire {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// All shards, and the name of the table's partition key.
    pub(super) async fn describe(&self, stream_arn: &str) -> Result<(Vec<Shard>, String), WireError> {
        let mut shards = Vec::new();
        let mut request = json!({ "StreamArn": stream_arn });
        loop {
            let answer = self.call("DynamoDBStreams_20120810.DescribeStream", &request).await?;
            let stream = &answer["StreamDescription"];
            let shard = |shard: &Value| {
                let text = |key: &str| shard.get(key).and_then(Value::as_str).map(str::to_owned);
                Some(Shard { id: text("ShardId")?, parent: text("ParentShardId") })
            };
            shards.extend(stream["Shards"].as_array().into_iter().flatten().filter_map(shard));
            if let Some(last) = stream.get("LastEvaluatedShardId").filter(|last| last.is_string()) {
                request["ExclusiveStartShardId"] = last.clone();
                continue;
            }
            if let Some(key) = partition_key(&stream["KeySchema"]) {
                return Ok((shards, key));
            }
            let table =
                self.call("DynamoDB_20120810.DescribeTable", &json!({ "TableName": stream["TableName"] })).await?;
            let key = partition_key(&table["Table"]["KeySchema"]);
            return Ok((shards, key.unwrap_or_default()));
        }
    }

    /// ARN of the stream that a table has now, if it has one.
    pub(super) async fn latest_stream(&self, table: &str) -> Result<Option<String>, WireError> {
        let answer = self.call("DynamoDB_20120810.DescribeTable", &json!({ "TableName": table })).await?;
        Ok(answer["Table"]["LatestStreamArn"].as_str().map(str::to_owned))
    }

    pub(super) async fn iterator(&self, stream: &str, shard: &str, from: &Position) -> Result<String, WireError> {
        let mut request = json!({ "StreamArn": stream, "ShardId": shard });
        request["ShardIteratorType"] = match from {
            Position::TrimHorizon => "TRIM_HORIZON",
            Position::Latest => "LATEST",
            Position::After(number) => {
                request["SequenceNumber"] = number.as_str().into();
                "AFTER_SEQUENCE_NUMBER"
            }
        }
        .into();
        let answer = self.call("DynamoDBStreams_20120810.GetShardIterator", &request).await?;
        let iterator = answer["ShardIterator"].as_str().map(str::to_owned);
        iterator.ok_or_else(|| WireError::Unreachable("no ShardIterator in the answer".to_owned()))
    }

    /// Records, and the iterator of those that follow; without one the shard is at its end.
    pub(super) async fn records(&self, iterator: &str) -> Result<(Vec<Value>, Option<String>), WireError> {
        let request = json!({ "ShardIterator": iterator, "Limit": 1000 });
        let mut answer = self.call("DynamoDBStreams_20120810.GetRecords", &request).await?;
        let next = answer["NextShardIterator"].as_str().map(str::to_owned);
        match answer["Records"].take() {
            Value::Array(records) => Ok((records, next)),
            _ => Ok((Vec::new(), next)),
        }
    }

    async fn call(&self, target: &str, body: &Value) -> Result<Value, WireError> {
        let answered = tokio::time::timeout(PATIENCE, self.send(target, body.to_string())).await;
        answered.unwrap_or_else(|_| Err(WireError::Unreachable("no answer".to_owned())))
    }

    async fn send(&self, target: &str, body: String) -> Result<Value, WireError> {
        let unreachable = |error: &dyn std::fmt::Display| WireError::Unreachable(error.to_string());
        let Endpoint { url, region, access_key_id, secret_access_key } = &self.endpoint;
        let identity = Credentials::new(access_key_id, secret_access_key, None, None, "event source mapping").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("dynamodb")
            .time(SystemTime::from(jiff::Timestamp::now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unreachable(&error))?;
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        let signable = SignableRequest::new("POST", url, headers.into_iter(), SignableBody::Bytes(body.as_bytes()));
        let signed =
            signable.and_then(|signable| sign(signable, &params.into())).map_err(|error| unreachable(&error))?;
        let (instructions, _) = signed.into_parts();
        let mut request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, headers[0].1)
            .header("x-amz-target", target)
            .body(Full::from(body))
            .map_err(|error| unreachable(&error))?;
        instructions.apply_to_request_http1x(&mut request);
        let answer = self.client.request(request).await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(|error| unreachable(&error))?;
        let value: Value = serde_json::from_slice(&body.to_bytes()).map_err(|error| unreachable(&error))?;
        if status.is_success() {
            return Ok(value);
        }
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let kind = text("__type").unwrap_or_default();
        let kind = kind.rsplit_once('#').map_or(kind, |(_, kind)| kind);
        let message = text("message").or_else(|| text("Message")).unwrap_or_default();
        Err(WireError::Refused(kind.to_owned(), message.to_owned()))
    }
}

fn partition_key(schema: &Value) -> Option<String> {
    let hash = schema.as_array()?.iter().find(|element| element["KeyType"] == "HASH")?;
    hash["AttributeName"].as_str().map(str::to_owned)
}
