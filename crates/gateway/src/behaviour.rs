//! Switches for what public evidence does not settle: gateway facts tagged "implementers' claim" or "open".

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// How the gateway behaves where AWS's own behaviour is not proven, and where a local gateway has to differ from AWS.
///
/// The defaults are what most evidence points to; each field names its gateway fact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each named after the fact it decides")]
pub struct Behaviour {
    /// H-09: request `/x/` matches route `/x`. Default `false`.
    pub trailing_slash_matches: bool,
    /// H-06: `/{proxy+}` matches `/`, with an empty value. Default `true`.
    pub greedy_matches_root: bool,
    /// H-24: a percent-encoded `?` truncates the path that functions see. Default `true`.
    pub decoded_question_mark_truncates: bool,
    /// H-33: `application/*+json` is passed as text. Default `false` (base64, as every type that is not listed).
    pub json_suffix_is_text: bool,
    /// H-33: `application/graphql` is passed as text. Default `false`.
    pub graphql_is_text: bool,
    /// H-33: a body with `content-encoding` is passed as base64 whatever its type. Default `false`.
    pub encoded_body_is_binary: bool,
    /// H-47: status of an HTTP request whose integration timed out. Default 503; some implementers answer 504.
    #[serde(deserialize_with = "status")]
    pub integration_timeout_status: u16,
    /// H-53: status of an HTTP request whose backend cannot be reached, or answers what cannot be passed on. Default 503.
    #[serde(deserialize_with = "status")]
    pub unreachable_backend_status: u16,
    /// H-64: a parameter mapping whose value is empty sets an empty value. Default `false`: it changes nothing.
    pub empty_mapped_values_are_set: bool,
    /// H-70, W-13: the limits of stages and routes that a template states hold. Default `true`.
    pub throttling: bool,
    /// H-71: what a throttled client is told. Default `Too Many Requests`.
    pub throttled_message: String,
    /// how long the result of a Lambda authorizer is kept whose template does not say. Default zero: not at all.
    #[serde(deserialize_with = "seconds")]
    pub authorizer_result_ttl: Duration,
    /// W-08: status of a handshake whose `$connect` integration timed out. Default 504.
    #[serde(deserialize_with = "status")]
    pub connect_timeout_status: u16,
    /// W-09: status of a request to a WebSocket API that is no handshake. Default 403; one tester saw 426.
    #[serde(deserialize_with = "status")]
    pub plain_request_status: u16,
    /// W-09: a handshake below the stage (`/{stage}/more`) is accepted. Default `false` (403).
    pub paths_below_stage: bool,
    /// Deviation from W-12: a handshake at `/` reaches the first WebSocket API, whatever its stage. Default `true`.
    pub socket_at_root: bool,
    /// W-24: a route without a route response still answers a reply without a valid `statusCode` with an error frame.
    /// Default `true`.
    pub one_way_replies_are_checked: bool,
    /// W-52: headers and query of a handshake go along to the `HTTP_PROXY` integration of `$connect`. Default `true`.
    pub connect_passes_headers_and_query: bool,
    /// W-28: a binary frame closes the connection with 1003. Default `true`; otherwise it arrives as base64.
    pub binary_closes: bool,
    /// W-30: a ping from the client resets its idle timer. Default `true`.
    pub ping_resets_idle: bool,
    /// L-01: idle execution environments are frozen (SIGSTOP) until their next invocation, as on AWS. Default `false`:
    /// what a function leaves running in the background goes on, which it would not on AWS.
    pub freeze: bool,
    /// W-32: in which order messages of one connection reach their functions. Default [`MessageOrder::Concurrent`].
    pub message_order: MessageOrder,
    /// M-13: which requests to `@connections`, the Invoke API and routes with IAM authorization are let in. Default
    /// [`Signatures::Formed`].
    pub signatures: Signatures,
    /// T-05: how events name the domain the client used. Default [`Domain::Authority`].
    pub domain: Domain,
}

/// What `domainName`, `host` and the forwarded headers of an event say (gateway facts H-29 and T-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// What the client used, e.g. `localhost:3001`, `http` and the real port: addresses that functions build from an
    /// event reach this gateway. A deviation from AWS.
    Authority,
    /// As on AWS: `{apiId}.execute-api.{region}.amazonaws.com`, `https` and 443.
    Aws,
}

/// How messages of one connection follow each other (gateway fact W-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageOrder {
    /// Each as it comes, whether the one before is done or not: they may overtake each other.
    Concurrent,
    /// The next one when the one before is done: what nobody may count on.
    InOrder,
    /// Each after a random delay of up to 50 ms, to find out who counts on an order.
    Shuffled,
}

/// What is asked of signatures (gateway fact M-13). Whatever is asked: a function's own access key acts with the
/// permissions that its template gives it (M-11), and a key that belongs to no function may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signatures {
    /// Nothing: unsigned requests are let in.
    Optional,
    /// The form of `SigV4`, with any key.
    Formed,
    /// The key of a function of this gateway, and the right signature in the `Authorization` header.
    Verified,
}

/// One switch as it is set on a command line: `trailing_slash_matches=true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    name: String,
    value: Value,
}

impl Switch {
    /// Reads `NAME=VALUE`, the name being that of a field of [`Behaviour`]; what is wrong with it, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` has no form NAME=VALUE"))?;
        // What is no JSON is a word: `domain=aws`.
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        let switch = Self { name: name.trim().to_owned(), value };
        Behaviour::with(std::slice::from_ref(&switch)).map_err(|error| error.to_string())?;
        Ok(switch)
    }
}

impl Behaviour {
    /// The defaults but for these switches; of two of one name, the later one.
    pub fn with(switches: &[Switch]) -> Result<Self, serde_json::Error> {
        let values: Map<_, _> = switches.iter().map(|switch| (switch.name.clone(), switch.value.clone())).collect();
        Self::deserialize(Value::Object(values))
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_secs)
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(deserializer)?;
    // What a client takes for the end of its request.
    if (200..600).contains(&status) { Ok(status) } else { Err(D::Error::custom("a status is from 200 to 599")) }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            trailing_slash_matches: false,
            greedy_matches_root: true,
            decoded_question_mark_truncates: true,
            json_suffix_is_text: false,
            graphql_is_text: false,
            encoded_body_is_binary: false,
            integration_timeout_status: 503,
            unreachable_backend_status: 503,
            empty_mapped_values_are_set: false,
            throttling: true,
            throttled_message: "Too Many Requests".to_owned(),
            authorizer_result_ttl: Duration::ZERO,
            connect_timeout_status: 504,
            plain_request_status: 403,
            paths_below_stage: false,
            socket_at_root: true,
            one_way_replies_are_checked: true,
            connect_passes_headers_and_query: true,
            binary_closes: true,
            ping_resets_idle: true,
            freeze: false,
            message_order: MessageOrder::Concurrent,
            signatures: Signatures::Formed,
            domain: Domain::Authority,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(texts: &[&str]) -> Behaviour {
        let switches: Vec<_> = texts.iter().map(|text| Switch::parse(text).unwrap()).collect();
        Behaviour::with(&switches).unwrap()
    }

    #[test]
    fn switches_are_set_by_their_names() {
        assert_eq!(with(&[]), Behaviour::default());
        let set = ["trailing_slash_matches=true", "integration_timeout_status=504", "authorizer_result_ttl=300"];
        let expected = Behaviour {
            trailing_slash_matches: true,
            integration_timeout_status: 504,
            authorizer_result_ttl: Duration::from_mins(5),
            ..Behaviour::default()
        };
        assert_eq!(with(&set), expected);
        let expected = Behaviour { message_order: MessageOrder::InOrder, domain: Domain::Aws, ..Behaviour::default() };
        assert_eq!(with(&["message_order=shuffled", "message_order=in_order", "domain=aws"]), expected);
    }

    #[test]
    fn what_is_no_switch_is_told_with_what_there_is() {
        let mistake = |text: &str| Switch::parse(text).unwrap_err();
        assert_eq!(mistake("freeze"), "`freeze` has no form NAME=VALUE");
        assert!(
            mistake("trailing=true")
                .starts_with("unknown field `trailing`, expected one of `trailing_slash_matches`, ")
        );
        assert_eq!(mistake("freeze=maybe"), "invalid type: string \"maybe\", expected a boolean");
        assert_eq!(
            mistake("signatures=none"),
            "unknown variant `none`, expected one of `optional`, `formed`, `verified`"
        );
        assert_eq!(mistake("connect_timeout_status=99"), "a status is from 200 to 599");
    }
}
