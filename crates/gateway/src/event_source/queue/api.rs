//! SQS's protocol (AWS JSON 1.0) over the queues: what its clients need to send, look at and delete messages.

use std::time::Duration;

use http::HeaderMap;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{LARGEST, Queues, Received, Refused};
use crate::answer::Answer;

/// Largest request: a message, and what JSON makes of it.
pub const LARGEST_REQUEST: usize = 6 * LARGEST + 64 * 1024;

/// The operation a request asks for, e.g. `ReceiveMessage`; `None` when the request is for somebody else.
pub fn operation(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-target")?.to_str().ok()?.strip_prefix("AmazonSQS.")
}

/// Answers a request; `base` is the address that queue URLs begin with, e.g. `http://localhost:3000/000000000000`.
pub async fn answer(queues: &Queues, operation: &str, body: &[u8], base: &str) -> Answer {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error("InvalidParameterValue", "The request is no JSON.");
    };
    run(queues, operation, &request, base).await.unwrap_or_else(|answer| answer)
}

async fn run(queues: &Queues, operation: &str, request: &Value, base: &str) -> Result<Answer, Answer> {
    let text = |key: &str| request.get(key).and_then(Value::as_str);
    let seconds = |key: &str, most: u64| match request.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().filter(|seconds| *seconds <= most) {
            Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
            None => Err(error("InvalidParameterValue", &format!("{key} must be from 0 to {most}."))),
        },
    };
    let url = |name: &str| format!("{base}/{name}");
    let queue = || {
        let name = text("QueueUrl").and_then(|url| url.rsplit('/').next());
        name.ok_or_else(|| error("MissingParameter", "The request must contain the parameter QueueUrl."))
    };
    let receipt = || {
        let receipt = text("ReceiptHandle");
        receipt.ok_or_else(|| error("MissingParameter", "The request must contain the parameter ReceiptHandle."))
    };
    let done = || json!({});
    let body = match operation {
        "ListQueues" => {
            let prefix = text("QueueNamePrefix").unwrap_or_default();
            let names = queues.names().into_iter().filter(|name| name.starts_with(prefix));
            json!({ "QueueUrls": names.map(|name| url(&name)).collect::<Vec<_>>() })
        }
        "GetQueueUrl" => {
            let name = text("QueueName").unwrap_or_default();
            if !queues.has(name) {
                return Err(refused(Refused::NoQueue));
            }
            json!({ "QueueUrl": url(name) })
        }
        "GetQueueAttributes" => {
            let (ready, hidden) = queues.count(queue()?).map_err(refused)?;
            json!({ "Attributes": {
                "ApproximateNumberOfMessages": ready.to_string(),
                "ApproximateNumberOfMessagesNotVisible": hidden.to_string(),
            } })
        }
        "SendMessage" => {
            for unsupported in ["DelaySeconds", "MessageAttributes", "MessageGroupId", "MessageDeduplicationId"] {
                let given = request.get(unsupported).filter(|value| !value.is_null() && **value != 0);
                if given.is_some_and(|value| value.as_object().is_none_or(|fields| !fields.is_empty())) {
                    let message = format!("{unsupported} is not supported by this local queue.");
                    return Err(error("UnsupportedOperation", &message));
                }
            }
            let message = text("MessageBody").unwrap_or_default();
            let id = queues.send(queue()?, message.to_owned()).map_err(refused)?;
            json!({ "MessageId": id, "MD5OfMessageBody": md5(message) })
        }
        "ReceiveMessage" => {
            let most = request.get("MaxNumberOfMessages").map_or(Some(1), Value::as_u64);
            let Some(most) = most.filter(|most| (1..=10).contains(most)) else {
                return Err(error("InvalidParameterValue", "MaxNumberOfMessages must be from 1 to 10."));
            };
            let wait = seconds("WaitTimeSeconds", 20)?.unwrap_or_default();
            let visibility = seconds("VisibilityTimeout", 43_200)?;
            let most = usize::try_from(most).unwrap_or(1);
            let received = queues.receive(queue()?, most, visibility, wait).await.map_err(refused)?;
            // Without any, the key is not there.
            if received.is_empty() {
                done()
            } else {
                json!({ "Messages": received.iter().map(message).collect::<Vec<_>>() })
            }
        }
        "DeleteMessage" => {
            queues.delete(queue()?, receipt()?).map_err(refused)?;
            done()
        }
        "ChangeMessageVisibility" => {
            let visibility = seconds("VisibilityTimeout", 43_200)?.unwrap_or_default();
            queues.hide(queue()?, receipt()?, visibility).map_err(refused)?;
            done()
        }
        "PurgeQueue" => {
            queues.purge(queue()?).map_err(refused)?;
            done()
        }
        other => {
            let message = format!("{other} is not supported by this local queue.");
            return Err(error("UnsupportedOperation", &message));
        }
    };
    Ok(json_answer(200, &body))
}

fn message(received: &Received) -> Value {
    json!({
        "MessageId": received.id,
        "ReceiptHandle": received.receipt,
        "MD5OfBody": md5(&received.body),
        "Body": received.body,
        "Attributes": {
            "SentTimestamp": received.sent.as_millisecond().to_string(),
            "ApproximateReceiveCount": received.count.to_string(),
            "ApproximateFirstReceiveTimestamp": received.first_received.as_millisecond().to_string(),
        },
    })
}

/// Clients compare it with what they sent.
pub(crate) fn md5(text: &str) -> String {
    hex::encode(Md5::digest(text))
}

fn refused(refused: Refused) -> Answer {
    match refused {
        Refused::NoQueue => error("QueueDoesNotExist", "The specified queue does not exist."),
        Refused::Empty => error("InvalidMessageContents", "The message is empty."),
        Refused::TooLarge => error("InvalidParameterValue", "The message is larger than 1048576 bytes."),
        Refused::Receipt => error("ReceiptHandleIsInvalid", "The receipt handle is not of a message that is hidden."),
    }
}

fn error(kind: &str, message: &str) -> Answer {
    json_answer(400, &json!({ "__type": format!("com.amazonaws.sqs#{kind}"), "message": message }))
}

fn json_answer(status: u16, body: &Value) -> Answer {
    Answer::empty(status).with("content-type", "application/x-amz-json-1.0").body(body.to_string())
}
