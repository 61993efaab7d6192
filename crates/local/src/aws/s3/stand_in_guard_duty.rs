//! A stand-in for Amazon `GuardDuty` Malware Protection for S3: it looks at each object that is written below the prefixes of
//! a `AWS::GuardDuty::MalwareProtectionPlan`, and tags it with what it found, by S3's own API and in its own name.
//!
//! It knows one threat: the test file of the European Institute for Computer Antivirus Research, which harms nobody and
//! which every scanner calls a virus.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Tag, Tagging};
use tokio::sync::mpsc::UnboundedReceiver;

use super::tags::Written;

/// The name by which its requests are known.
pub(super) const NAME: &str = "stand-in-guard-duty";
/// The tag that `GuardDuty` writes.
const TAG: &str = "GuardDutyMalwareScanStatus";

/// What the test file says, in two parts: this file is none.
fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// Scans what is written until nothing is written any more.
pub(super) async fn scan(client: Client, prefixes: Vec<String>, mut written: UnboundedReceiver<Written>) {
    while let Some(object) = written.recv().await {
        if !prefixes.iter().any(|prefix| object.key.starts_with(prefix)) {
            continue;
        }
        // What is deleted meanwhile needs no verdict.
        if let Err(error) = scan_one(&client, &object).await {
            tracing::debug!(error, "the stand-in for GuardDuty could not scan an object");
        }
    }
}

async fn scan_one(client: &Client, Written { bucket, key }: &Written) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Debug| format!("{error:?}");
    let got = client.get_object().bucket(bucket).key(key).send().await.map_err(|error| told(&error))?;
    let bytes = got.body.collect().await.map_err(|error| told(&error))?.into_bytes();
    let threat = eicar();
    let found = bytes.windows(threat.len()).any(|part| part == threat.as_bytes());
    let verdict = if found { "THREATS_FOUND" } else { "NO_THREATS_FOUND" };
    let tag = Tag::builder().key(TAG).value(verdict).build().map_err(|error| told(&error))?;
    let tagging = Tagging::builder().tag_set(tag).build().map_err(|error| told(&error))?;
    let put = client.put_object_tagging().bucket(bucket).key(key).tagging(tagging);
    put.send().await.map(drop).map_err(|error| told(&error))
}
