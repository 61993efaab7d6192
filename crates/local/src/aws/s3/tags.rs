//! Tags of objects, which `s3s-fs` does not keep: everything else is its own.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CopyObjectInput, CopyObjectOutput, CopySource, CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectsInput, DeleteObjectsOutput, GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput,
    GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, ListPartsInput, ListPartsOutput, PutObjectInput, PutObjectOutput, PutObjectTaggingInput,
    PutObjectTaggingOutput, Tag, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::mpsc::UnboundedSender;

/// Tags by `bucket/key`.
type Tags = BTreeMap<String, BTreeMap<String, String>>;

/// An object that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) bucket: String,
    pub(super) key: String,
}

/// Objects in a folder, with tags in a file beside them; who wants to know is told of each that is written.
pub(super) struct Tagged {
    files: FileSystem,
    kept: PathBuf,
    tags: Mutex<Tags>,
    told: Option<UnboundedSender<Written>>,
}

impl Tagged {
    pub(super) fn new(files: FileSystem, folder: &Path, told: Option<UnboundedSender<Written>>) -> io::Result<Self> {
        let kept = folder.join(".tags.json");
        let tags = match std::fs::read(&kept) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Tags::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { files, kept, tags: Mutex::new(tags), told })
    }

    fn change(&self, change: impl FnOnce(&mut Tags) -> bool) -> S3Result<()> {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut tags) {
            let bytes = serde_json::to_vec(&*tags).map_err(|error| s3_error!(error, InternalError))?;
            std::fs::write(&self.kept, bytes).map_err(|error| s3_error!(error, InternalError))?;
        }
        Ok(())
    }

    /// What is written anew has the tags that come with it.
    fn written(&self, bucket: &str, key: &str, tags: Option<BTreeMap<String, String>>) -> S3Result<()> {
        let place = format!("{bucket}/{key}");
        self.change(|all| match tags {
            Some(tags) => {
                all.insert(place, tags);
                true
            }
            None => all.remove(&place).is_some(),
        })?;
        if let Some(told) = &self.told {
            // Nobody listens any more when everything stops.
            let _ = told.send(Written { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        Ok(())
    }

    fn of(&self, place: &str) -> Option<BTreeMap<String, String>> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()
    }

    /// Asked of the files themselves: only what is there has tags.
    async fn exists<T>(&self, request: S3Request<T>, bucket: &str, key: &str) -> S3Result<()> {
        let head = HeadObjectInput::builder().bucket(bucket.to_owned()).key(key.to_owned()).build();
        let head = head.map_err(|error| s3_error!(error, InternalError))?;
        self.files.head_object(request.map_input(|_| head)).await.map(drop)
    }
}

macro_rules! as_it_is {
    ($($name:ident: $input:ident -> $output:ident),+ $(,)?) => {
        #[async_trait::async_trait]
        impl S3 for Tagged {
            $(async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                self.files.$name(request).await
            })+

            async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
                let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
                let answer = self.files.put_object(request).await?;
                self.written(&bucket, &key, None)?;
                Ok(answer)
            }

            async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
                let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
                let from = match &request.input.copy_source {
                    CopySource::Bucket { bucket, key, .. } => self.of(&format!("{bucket}/{key}")),
                    _ => None,
                };
                let answer = self.files.copy_object(request).await?;
                self.written(&bucket, &key, from)?;
                Ok(answer)
            }

            async fn delete_object(
                &self,
                request: S3Request<DeleteObjectInput>,
            ) -> S3Result<S3Response<DeleteObjectOutput>> {
                let place = format!("{}/{}", request.input.bucket, request.input.key);
                let answer = self.files.delete_object(request).await?;
                self.change(|all| all.remove(&place).is_some())?;
                Ok(answer)
            }

            async fn get_object_tagging(
                &self,
                request: S3Request<GetObjectTaggingInput>,
            ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
                let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
                self.exists(request, &bucket, &key).await?;
                let tags = self.of(&format!("{bucket}/{key}")).unwrap_or_default();
                let tag_set = tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
                Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: None }))
            }

            async fn put_object_tagging(
                &self,
                request: S3Request<PutObjectTaggingInput>,
            ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
                let PutObjectTaggingInput { bucket, key, tagging, .. } = request.input.clone();
                self.exists(request, &bucket, &key).await?;
                let tags = tagging.tag_set.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
                let tags = tags.collect();
                self.change(|all| {
                    all.insert(format!("{bucket}/{key}"), tags);
                    true
                })?;
                Ok(S3Response::new(PutObjectTaggingOutput::default()))
            }
        }
    };
}

as_it_is! {
    abort_multipart_upload: AbortMultipartUploadInput -> AbortMultipartUploadOutput,
    complete_multipart_upload: CompleteMultipartUploadInput -> CompleteMultipartUploadOutput,
    create_bucket: CreateBucketInput -> CreateBucketOutput,
    create_multipart_upload: CreateMultipartUploadInput -> CreateMultipartUploadOutput,
    delete_bucket: DeleteBucketInput -> DeleteBucketOutput,
    delete_objects: DeleteObjectsInput -> DeleteObjectsOutput,
    get_bucket_location: GetBucketLocationInput -> GetBucketLocationOutput,
    get_object: GetObjectInput -> GetObjectOutput,
    head_bucket: HeadBucketInput -> HeadBucketOutput,
    head_object: HeadObjectInput -> HeadObjectOutput,
    list_buckets: ListBucketsInput -> ListBucketsOutput,
    list_objects: ListObjectsInput -> ListObjectsOutput,
    list_objects_v2: ListObjectsV2Input -> ListObjectsV2Output,
    list_parts: ListPartsInput -> ListPartsOutput,
    upload_part: UploadPartInput -> UploadPartOutput,
    upload_part_copy: UploadPartCopyInput -> UploadPartCopyOutput,
}
