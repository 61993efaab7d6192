//! S3 requests as IAM sees them.

use http::Method;
use http::request::Parts;

use crate::aws::account::Permission;

/// Operation and permissions of a request whose path is `/bucket/key`.
pub(super) fn of(request: &Parts) -> (String, Vec<Permission>) {
    let path = percent_encoding::percent_decode_str(request.uri.path().trim_start_matches('/')).decode_utf8_lossy();
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let query = request.uri.query().unwrap_or_default();
    let asks = |name: &str| query.split('&').any(|pair| pair == name || pair.starts_with(&format!("{name}=")));
    let on_bucket = |action: &str| vec![Permission::new(action, format!("arn:aws:s3:::{bucket}"))];
    let on_key = |action: &str| vec![Permission::new(action, format!("arn:aws:s3:::{bucket}/{key}"))];
    let copied = request.headers.get("x-amz-copy-source").and_then(|value| value.to_str().ok());
    let (operation, permissions) = match (&request.method, key.is_empty()) {
        (&Method::GET, true) if bucket.is_empty() => ("ListBuckets", vec![Permission::new("s3:ListAllMyBuckets", "*")]),
        (&Method::GET | &Method::HEAD, true) => ("ListObjects", on_bucket("s3:ListBucket")),
        (&Method::PUT, true) => ("CreateBucket", on_bucket("s3:CreateBucket")),
        (&Method::DELETE, true) => ("DeleteBucket", on_bucket("s3:DeleteBucket")),
        // The keys to delete are in the body.
        (&Method::POST, true) => {
            ("DeleteObjects", vec![Permission::new("s3:DeleteObject", format!("arn:aws:s3:::{bucket}/*"))])
        }
        (&Method::GET, false) if asks("uploadId") => ("ListParts", on_key("s3:ListMultipartUploadParts")),
        (&Method::GET, false) if asks("tagging") => ("GetObjectTagging", on_key("s3:GetObjectTagging")),
        (&Method::PUT, false) if asks("tagging") => ("PutObjectTagging", on_key("s3:PutObjectTagging")),
        (&Method::GET, false) => ("GetObject", on_key("s3:GetObject")),
        (&Method::HEAD, false) => ("HeadObject", on_key("s3:GetObject")),
        (&Method::DELETE, false) if asks("uploadId") => ("AbortMultipartUpload", on_key("s3:AbortMultipartUpload")),
        (&Method::DELETE, false) => ("DeleteObject", on_key("s3:DeleteObject")),
        (_, false) => match copied {
            Some(source) => {
                let source = percent_encoding::percent_decode_str(source.trim_start_matches('/')).decode_utf8_lossy();
                let read = Permission::new("s3:GetObject", format!("arn:aws:s3:::{source}"));
                ("CopyObject", [vec![read], on_key("s3:PutObject")].concat())
            }
            None if asks("partNumber") => ("UploadPart", on_key("s3:PutObject")),
            None if asks("uploads") => ("CreateMultipartUpload", on_key("s3:PutObject")),
            None if asks("uploadId") => ("CompleteMultipartUpload", on_key("s3:PutObject")),
            None => ("PutObject", on_key("s3:PutObject")),
        },
        _ => ("Unknown", Vec::new()),
    };
    (format!("s3:{operation}"), permissions)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn used(method: &str, uri: &str, copied: Option<&str>) -> (String, Vec<String>) {
        let mut request = http::Request::builder().method(method).uri(uri);
        if let Some(source) = copied {
            request = request.header("x-amz-copy-source", source);
        }
        let (operation, permissions) = of(&request.body(()).unwrap().into_parts().0);
        (operation, permissions.into_iter().map(|used| format!("{} {}", used.action, used.resource)).collect())
    }

    #[test]
    fn objects_are_named_by_bucket_and_key() {
        let (operation, permissions) = used("PUT", "/media/profiles/u%201.jpg?x-id=PutObject", None);
        assert_eq!(operation, "s3:PutObject");
        assert_eq!(permissions, ["s3:PutObject arn:aws:s3:::media/profiles/u 1.jpg"]);
        assert_eq!(used("HEAD", "/media/a", None).1, ["s3:GetObject arn:aws:s3:::media/a"]);
        assert_eq!(used("DELETE", "/media/a", None).1, ["s3:DeleteObject arn:aws:s3:::media/a"]);
        assert_eq!(used("GET", "/media?list-type=2", None).1, ["s3:ListBucket arn:aws:s3:::media"]);
    }

    #[test]
    fn a_copy_reads_one_object_and_writes_another() {
        let (operation, permissions) = used("PUT", "/media/b", Some("media/a"));
        assert_eq!(operation, "s3:CopyObject");
        assert_eq!(permissions, ["s3:GetObject arn:aws:s3:::media/a", "s3:PutObject arn:aws:s3:::media/b"]);
    }
}
