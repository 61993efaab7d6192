//! The bucket: addresses to upload to and download from, and what is kept under a key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::MetadataDirective;
use domain::Problem;
use domain::attachment::MediaType;

use crate::error::{Error, Result};

/// How long an address to upload to works (004).
pub const UPLOAD_FOR: Duration = Duration::from_mins(5);
/// How long an address to download from works (security F4); the bucket's policy lets none work for longer.
pub const DOWNLOAD_FOR: Duration = Duration::from_mins(15);

/// What the store says of an object that is not there, is empty, or is another one than was looked at. Who may not list a
/// bucket is not told that something is missing, only that access is denied.
const MISSING: [&str; 4] = ["NoSuchKey", "AccessDenied", "InvalidRange", "PreconditionFailed"];

/// The bucket and the client that reaches it. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: Arc<str>,
}

/// An object that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    /// Bytes.
    pub(crate) size: u64,
    /// Its type, as it was uploaded.
    pub(crate) content_type: String,
    /// The store's mark of these bytes.
    pub(crate) e_tag: String,
    /// How it begins.
    pub(crate) beginning: Vec<u8>,
}

impl Object {
    /// Whether it is what was announced, also by how it begins (security F5, F6).
    pub(crate) fn check(&self, media: MediaType, size: u64) -> std::result::Result<(), Problem> {
        if self.size != size || !self.content_type.eq_ignore_ascii_case(media.as_str()) {
            return Err(Problem::new("is not the file that was announced"));
        }
        if !media.begins(&self.beginning) {
            return Err(Problem::new(format!("is not a file of type {}", media.as_str())));
        }
        Ok(())
    }
}

impl Files {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<Arc<str>>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// Where one file of this type and length can be PUT: both are signed, so the store takes nothing else (security F3).
    /// With `once` it takes the first alone, and the client must send the headers that come along.
    pub(crate) async fn upload_url(
        &self,
        key: &str,
        media: MediaType,
        size: u64,
        once: bool,
    ) -> Result<(String, Option<BTreeMap<String, String>>)> {
        let put = self
            .client
            .put_object()
            .bucket(&*self.bucket)
            .key(key)
            .content_type(media.as_str())
            .content_length(i64::try_from(size).map_err(Error::internal)?)
            .set_if_none_match(once.then(|| "*".to_owned()));
        let signed = put.presigned(lasting(UPLOAD_FOR)?).await.map_err(failed("PutObject"))?;
        // The length is the client library's to say: it counts what it sends.
        let headers = signed.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok((signed.uri().to_owned(), once.then_some(headers)))
    }

    /// Where a file can be GET for a while, as this type and in this way whatever was uploaded (security F6).
    pub(crate) async fn download_url(&self, key: &str, media: MediaType, disposition: &str) -> Result<String> {
        let get = self
            .client
            .get_object()
            .bucket(&*self.bucket)
            .key(key)
            .response_content_type(media.as_str())
            .response_content_disposition(disposition)
            // No key is ever used twice.
            .response_cache_control("private, max-age=31536000, immutable");
        let signed = get.presigned(lasting(DOWNLOAD_FOR)?).await.map_err(failed("GetObject"))?;
        Ok(signed.uri().to_owned())
    }

    /// What is kept under a key, if anything is: its beginning is read, not all of it.
    pub(crate) async fn look(&self, key: &str) -> Result<Option<Object>> {
        let range = format!("bytes=0-{}", MediaType::LOOKED_AT - 1);
        let got = match self.client.get_object().bucket(&*self.bucket).key(key).range(range).send().await {
            Ok(got) => got,
            Err(error) if is(&error, &MISSING) => return Ok(None),
            Err(error) => return Err(failed("GetObject")(error)),
        };
        let whole = got.content_range().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        let size = whole.or(got.content_length().and_then(|length| u64::try_from(length).ok()));
        Ok(Some(Object {
            size: size.ok_or_else(|| Error::internal("an object without a length"))?,
            content_type: got.content_type().unwrap_or_default().to_owned(),
            e_tag: got.e_tag().unwrap_or_default().to_owned(),
            beginning: got.body.collect().await.map_err(Error::internal)?.to_vec(),
        }))
    }

    /// Copies an object to where nobody can upload to, if it is still the one that was looked at. False if it is not.
    pub(crate) async fn keep(&self, from: &str, to: &str, media: MediaType, e_tag: &str) -> Result<bool> {
        let copy = self
            .client
            .copy_object()
            .copy_source(format!("{}/{from}", self.bucket))
            .copy_source_if_match(e_tag)
            .bucket(&*self.bucket)
            .key(to)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(media.as_str());
        match copy.send().await {
            Ok(_) => Ok(true),
            Err(error) if is(&error, &MISSING) => Ok(false),
            Err(error) => Err(failed("CopyObject")(error)),
        }
    }

    /// All of an object, if there is one of at most so many bytes, and still the one that was looked at if its mark is
    /// given.
    pub(crate) async fn read(&self, key: &str, most: u64, e_tag: Option<&str>) -> Result<Option<Vec<u8>>> {
        let get = self.client.get_object().bucket(&*self.bucket).key(key).set_if_match(e_tag.map(str::to_owned));
        let got = match get.send().await {
            Ok(got) => got,
            Err(error) if is(&error, &MISSING) => return Ok(None),
            Err(error) => return Err(failed("GetObject")(error)),
        };
        if got.content_length().and_then(|length| u64::try_from(length).ok()).is_none_or(|length| length > most) {
            return Ok(None);
        }
        Ok(Some(got.body.collect().await.map_err(Error::internal)?.to_vec()))
    }

    /// Puts an object of our own making.
    pub(crate) async fn write(&self, key: &str, media: MediaType, bytes: Vec<u8>) -> Result<()> {
        let put = self.client.put_object().bucket(&*self.bucket).key(key).content_type(media.as_str());
        put.body(bytes.into()).send().await.map(drop).map_err(failed("PutObject"))
    }

    /// Copies an object of which nobody can make another one. False if there is none.
    pub(crate) async fn copy(&self, from: &str, to: &str, media: MediaType) -> Result<bool> {
        match self.look(from).await? {
            Some(object) => self.keep(from, to, media, &object.e_tag).await,
            None => Ok(false),
        }
    }

    /// What a scanner for malware has found in an object, in its own word; nothing while it has not looked (security F7).
    pub(crate) async fn verdict(&self, key: &str) -> Result<Option<String>> {
        let tags = self.client.get_object_tagging().bucket(&*self.bucket).key(key).send().await;
        let tags = match tags {
            Ok(tags) => tags,
            Err(error) if is(&error, &MISSING) => return Ok(None),
            Err(error) => return Err(failed("GetObjectTagging")(error)),
        };
        let found = tags.tag_set.into_iter().find(|tag| tag.key() == "GuardDutyMalwareScanStatus");
        Ok(found.map(|tag| tag.value().to_owned()))
    }

    /// Removes objects; those that are gone already are no failure.
    pub(crate) async fn remove(&self, keys: &[&str]) -> Result<()> {
        for key in keys {
            self.remove_one(key).await?;
        }
        Ok(())
    }

    /// Removes every object whose key begins so; a thousand are listed in one call.
    pub(crate) async fn remove_below(&self, prefix: &str) -> Result<()> {
        loop {
            let list = self.client.list_objects_v2().bucket(&*self.bucket).prefix(prefix);
            let listed = list.send().await.map_err(failed("ListObjectsV2"))?;
            let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
            self.remove(&keys).await?;
            if keys.is_empty() || !listed.is_truncated().unwrap_or_default() {
                return Ok(());
            }
        }
    }

    /// Removes one object, likewise.
    pub(crate) async fn remove_one(&self, key: &str) -> Result<()> {
        let delete = self.client.delete_object().bucket(&*self.bucket).key(key);
        delete.send().await.map(drop).map_err(failed("DeleteObject"))
    }
}

fn lasting(time: Duration) -> Result<PresigningConfig> {
    PresigningConfig::expires_in(time).map_err(Error::internal)
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, codes: &[&str]) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code).is_some_and(|code| codes.contains(&code))
}

fn failed<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    move |error| {
        tracing::warn!(operation, "the bucket did not answer");
        Error::internal(error)
    }
}
