//! The account that the embedded services play: region, account number, access keys, and a ledger of what was used.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use http::request::Parts;
use sha2::{Digest, Sha256};

/// An AWS account on this machine. Clones share keys and ledger.
#[derive(Debug, Clone)]
pub struct Account {
    region: Arc<str>,
    id: Arc<str>,
    /// Of every access key, where that is not for us to say.
    secret: Option<Arc<str>>,
    callers: Arc<Mutex<BTreeMap<String, String>>>,
    ledger: Option<Arc<Mutex<Vec<Usage>>>>,
}

/// What one request to a service used.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// The name that the access key was issued for ([`Account::issue`]), or the access key id itself.
    pub caller: String,
    /// Service and operation, e.g. `dynamodb:TransactWriteItems`.
    pub operation: String,
    /// What IAM asks for: a `TransactWriteItems` needs the permissions of the writes inside it.
    pub permissions: Vec<Permission>,
    /// Capacity units, for DynamoDB requests that consume any.
    pub capacity: Option<Capacity>,
}

/// An IAM action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// E.g. `dynamodb:Query`.
    pub action: String,
    /// ARN, or `*` for an action that has no resources.
    pub resource: String,
}

impl Permission {
    /// `action` on `resource`.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

/// Consumed DynamoDB capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Capacity {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
}

/// Credentials of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA` and sixteen letters and digits.
    pub id: String,
    /// Forty characters.
    pub secret: String,
}

impl Account {
    /// An account whose ledger keeps every request until [`Account::take_usage`], for tests.
    pub fn recording(region: &str, id: &str) -> Self {
        Self { ledger: Some(Arc::default()), ..Self::new(region, id) }
    }

    /// An account that keeps no ledger: a stack that runs for days must not grow.
    pub fn new(region: &str, id: &str) -> Self {
        Self { region: region.into(), id: id.into(), secret: None, callers: Arc::default(), ledger: None }
    }

    /// The same account, all of whose access keys have one secret: services elsewhere know no other.
    #[must_use]
    pub fn with_secret(self, secret: &str) -> Self {
        Self { secret: Some(secret.into()), ..self }
    }

    /// Region, e.g. `us-east-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Account number, 12 digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The credentials of `name` (a function, an actor of a test); the same each time.
    pub fn issue(&self, name: &str) -> AccessKey {
        let id = access_key_id(name);
        lock(&self.callers).insert(id.clone(), name.to_owned());
        AccessKey { secret: self.secret.as_deref().map_or_else(|| secret_of(&id), str::to_owned), id }
    }

    /// Everything used so far, oldest first.
    pub fn usage(&self) -> Vec<Usage> {
        self.ledger.as_ref().map(|ledger| lock(ledger).clone()).unwrap_or_default()
    }

    /// Everything used since the last call, oldest first.
    pub fn take_usage(&self) -> Vec<Usage> {
        self.ledger.as_ref().map(|ledger| std::mem::take(&mut *lock(ledger))).unwrap_or_default()
    }

    pub(crate) fn is_recording(&self) -> bool {
        self.ledger.is_some()
    }

    pub(crate) fn record(&self, usage: Usage) {
        if let Some(ledger) = &self.ledger {
            lock(ledger).push(usage);
        }
    }

    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.id)
    }

    /// Who signed a request, by the credential in its `Authorization` header or its signed URL; none if unsigned.
    pub(crate) fn caller(&self, request: &Parts) -> Option<String> {
        Some(self.caller_of(&access_key_of(request)?))
    }

    /// The name that an access key was issued for, or the key's id.
    pub(crate) fn caller_of(&self, access_key_id: &str) -> String {
        lock(&self.callers).get(access_key_id).cloned().unwrap_or_else(|| access_key_id.to_owned())
    }
}

/// The secret that belongs to an access key id of this stack; anything on this machine may know it.
pub(crate) fn secret_of(access_key_id: &str) -> String {
    let digest = Sha256::digest(format!("secret access key of {access_key_id}"));
    base64::engine::general_purpose::STANDARD.encode(&digest[..30])
}

fn access_key_id(name: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Sha256::digest(format!("access key of {name}"));
    let letters = digest[..16].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    "AKIA".chars().chain(letters).collect()
}

fn access_key_of(request: &Parts) -> Option<String> {
    let header = request.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = match header {
        Some(header) => {
            let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
            fields.split(',').find_map(|field| field.trim().strip_prefix("Credential="))?.to_owned()
        }
        None => query_value(request.uri.query()?, "X-Amz-Credential")?,
    };
    let id = credential.split('/').next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// The decoded value of a query parameter.
pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    let raw = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn request(uri: &str, authorization: Option<&str>) -> Parts {
        let mut builder = http::Request::builder().uri(uri);
        if let Some(value) = authorization {
            builder = builder.header("authorization", value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_key_is_the_same_each_time_and_names_its_caller() {
        let account = Account::recording("us-east-1", "000000000000");
        let key = account.issue("auth-register");
        assert_eq!(key, account.issue("auth-register"));
        assert_ne!(key, account.issue("auth-login"));
        assert_eq!((key.id.len(), key.secret.len()), (20, 40));

        let signed =
            format!("AWS4-HMAC-SHA256 Credential={}/20261120/us-east-1/dynamodb/aws4_request, Signature=0", key.id);
        assert_eq!(account.caller(&request("/", Some(&signed))).as_deref(), Some("auth-register"));
        let url = format!("/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F20261120%2Fus-east-1", key.id);
        assert_eq!(account.caller(&request(&url, None)).as_deref(), Some("auth-register"));
    }

    #[test]
    fn a_stranger_goes_by_the_key_and_the_unsigned_by_nothing() {
        let account = Account::recording("us-east-1", "000000000000");
        let signed = "AWS4-HMAC-SHA256 Credential=AKIASTRANGER/20261120/us-east-1/s3/aws4_request, Signature=0";
        assert_eq!(account.caller(&request("/", Some(signed))).as_deref(), Some("AKIASTRANGER"));
        assert_eq!(account.caller(&request("/", Some("Bearer x"))), None);
        assert_eq!(account.caller(&request("/", None)), None);
    }

    #[test]
    fn without_recording_nothing_is_kept() {
        let usage = Usage { caller: String::new(), operation: String::new(), permissions: vec![], capacity: None };
        let account = Account::new("us-east-1", "000000000000");
        account.record(usage.clone());
        assert_eq!(account.usage(), []);
        let account = Account::recording("us-east-1", "000000000000");
        account.record(usage.clone());
        assert_eq!((account.take_usage(), account.take_usage()), (vec![usage], vec![]));
    }
}
