use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use local::aws::s3::{self, Bucket};
use local::aws::{Account, Endpoint};
use serde_json::json;
use tempfile::TempDir;

use super::{account, config, told};

async fn start(account: &Account) -> (Endpoint, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let properties = json!({ "CorsConfiguration": { "CorsRules": [{
        "AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"], "MaxAge": 3000,
    }] } });
    let bucket = Bucket { name: "parlance-media".to_owned(), properties, scanned: Vec::new() };
    (s3::start(account, folder.path(), vec![bucket]).await.unwrap(), folder)
}

#[tokio::test]
async fn objects_are_kept_with_their_type_and_every_use_is_recorded() {
    let account = account();
    let (endpoint, _folder) = start(&account).await;
    let client = Client::new(&config(&account, "uploader", &endpoint.url()));
    let put = client.put_object().bucket("parlance-media").key("profiles/u/1.jpg").content_type("image/jpeg");
    put.body(ByteStream::from_static(b"picture")).send().await.unwrap();

    let got = client.get_object().bucket("parlance-media").key("profiles/u/1.jpg").send().await.unwrap();
    assert_eq!(got.content_type(), Some("image/jpeg"));
    assert_eq!(got.body.collect().await.unwrap().into_bytes().as_ref(), b"picture");
    let missing = client.get_object().bucket("parlance-media").key("nothing").send().await.unwrap_err();
    assert!(missing.into_service_error().is_no_such_key());
    assert_eq!(
        told(&account.take_usage()),
        [
            "uploader: s3:PutObject (s3:PutObject arn:aws:s3:::parlance-media/profiles/u/1.jpg)",
            "uploader: s3:GetObject (s3:GetObject arn:aws:s3:::parlance-media/profiles/u/1.jpg)",
            "uploader: s3:GetObject (s3:GetObject arn:aws:s3:::parlance-media/nothing)",
        ]
    );
}

#[tokio::test]
async fn a_signed_url_works_from_another_origin_and_a_changed_one_does_not() {
    let account = account();
    let (endpoint, _folder) = start(&account).await;
    let client = Client::new(&config(&account, "uploader", &endpoint.url()));
    let signing = PresigningConfig::expires_in(Duration::from_mins(5)).unwrap();
    let put = client.put_object().bucket("parlance-media").key("a.png").content_type("image/png");
    let url = put.presigned(signing).await.unwrap().uri().to_owned();
    let browser = reqwest::Client::new();

    let preflight = browser
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 200);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    assert_eq!(preflight.headers()["access-control-allow-headers"], "content-type");

    let upload = |url: String, kind: &'static str| {
        let request = browser.put(url).header("origin", "https://app.example.com").header("content-type", kind);
        request.body("picture").send()
    };
    let done = upload(url.clone(), "image/png").await.unwrap();
    assert_eq!(done.status(), 200);
    assert_eq!(done.headers()["access-control-allow-origin"], "*");
    assert_eq!(upload(url.clone(), "text/html").await.unwrap().status(), 403, "the type is signed");
    assert_eq!(upload(url.replace("a.png", "b.png"), "image/png").await.unwrap().status(), 403, "the key is signed");
}

#[tokio::test]
async fn strangers_read_nothing() {
    let account = account();
    let (endpoint, _folder) = start(&account).await;
    let url = format!("{}/parlance-media/a.png", endpoint.url());
    assert_eq!(reqwest::get(url).await.unwrap().status(), 403);

    let mut wrong = config(&account, "uploader", &endpoint.url()).to_builder();
    let credentials = aws_credential_types::Credentials::new(account.issue("uploader").id, "wrong", None, None, "test");
    wrong.set_credentials_provider(Some(aws_credential_types::provider::SharedCredentialsProvider::new(credentials)));
    let refused = Client::new(&wrong.build()).get_object().bucket("parlance-media").key("a.png").send().await;
    assert_eq!(refused.unwrap_err().raw_response().unwrap().status().as_u16(), 403);
}

#[tokio::test]
async fn objects_survive_a_restart_and_no_key_leaves_the_folder() {
    let account = account();
    let folder = tempfile::tempdir().unwrap();
    let bucket = || vec![Bucket { name: "media".to_owned(), properties: json!({}), scanned: Vec::new() }];
    {
        let endpoint = s3::start(&account, &folder.path().join("s3"), bucket()).await.unwrap();
        let client = Client::new(&config(&account, "uploader", &endpoint.url()));
        let body = || ByteStream::from_static(b"x");
        client.put_object().bucket("media").key("k").body(body()).send().await.unwrap();
        let _ = client.put_object().bucket("media").key("../../outside").body(body()).send().await;
    }
    assert!(!folder.path().join("outside").exists());
    let endpoint = s3::start(&account, &folder.path().join("s3"), bucket()).await.unwrap();
    let client = Client::new(&config(&account, "uploader", &endpoint.url()));
    client.head_object().bucket("media").key("k").send().await.unwrap();
}

/// Status and code of an answer.
async fn told_by(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    let code = body.split("<Code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    (status, code.to_owned())
}

#[tokio::test]
async fn f3_a_signed_length_and_type_are_kept() {
    let account = account();
    let (endpoint, _folder) = start(&account).await;
    let client = Client::new(&config(&account, "uploader", &endpoint.url()));
    let signing = PresigningConfig::expires_in(Duration::from_mins(5)).unwrap();
    let put = client.put_object().bucket("parlance-media").key("a.png").content_type("image/png").content_length(7);
    let url = put.presigned(signing).await.unwrap().uri().to_owned();
    let upload = async |kind: &'static str, bytes: &'static [u8]| {
        told_by(reqwest::Client::new().put(&url).header("content-type", kind).body(bytes).send().await.unwrap()).await
    };
    let refused = (403, "SignatureDoesNotMatch".to_owned());
    assert_eq!(upload("image/png", b"pictures").await, refused, "longer");
    assert_eq!(upload("image/png", b"pic").await, refused, "shorter");
    assert_eq!(upload("text/html", b"picture").await, refused, "another type");
    // A body that does not know its length goes in chunks.
    let in_pieces = Full::new(Bytes::from_static(b"picture")).map_frame(|frame| frame);
    let chunked = reqwest::Client::new().put(&url).header("content-type", "image/png");
    let chunked = chunked.body(reqwest::Body::wrap(in_pieces)).send().await.unwrap();
    assert_ne!(chunked.status(), 200, "of a length that nobody told");
    assert!(client.head_object().bucket("parlance-media").key("a.png").send().await.is_err(), "nothing is kept");
    assert_eq!(upload("image/png", b"picture").await.0, 200);
}

#[tokio::test]
async fn f4_the_first_write_alone_counts_where_that_is_signed() {
    let account = account();
    let (endpoint, _folder) = start(&account).await;
    let client = Client::new(&config(&account, "uploader", &endpoint.url()));
    let signing = PresigningConfig::expires_in(Duration::from_mins(5)).unwrap();
    let put = client.put_object().bucket("parlance-media").key("a.png").if_none_match("*");
    let url = put.presigned(signing).await.unwrap().uri().to_owned();
    let upload = |bytes: String| {
        let put = reqwest::Client::new().put(&url).header("if-none-match", "*").body(bytes);
        async { told_by(put.send().await.unwrap()).await }
    };
    let without = reqwest::Client::new().put(&url).body("x").send().await.unwrap();
    assert_eq!(told_by(without).await, (403, "SignatureDoesNotMatch".to_owned()));
    // Many at once: as on AWS, one of them writes.
    let all = (0..16).map(|turn| upload(turn.to_string().repeat(100_000)));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.0 == 200).count(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(|answer| answer.0 != 200) {
        assert_eq!(answer, (412, "PreconditionFailed".to_owned()));
    }
}

#[tokio::test]
async fn a_copy_is_made_only_of_what_was_looked_at() {
    let account = account();
    let (endpoint, _folder) = start(&account).await;
    let client = Client::new(&config(&account, "uploader", &endpoint.url()));
    let put = |bytes: &'static [u8]| {
        let put = client.put_object().bucket("parlance-media").key("uploads/a").content_type("text/html");
        put.body(ByteStream::from_static(bytes)).send()
    };
    let copy = |tag: String| {
        let copy = client.copy_object().copy_source("parlance-media/uploads/a").copy_source_if_match(tag);
        let copy = copy.metadata_directive(aws_sdk_s3::types::MetadataDirective::Replace).content_type("image/png");
        copy.bucket("parlance-media").key("kept/a").send()
    };
    let tag = put(b"first").await.unwrap().e_tag().unwrap().to_owned();
    copy(tag.clone()).await.unwrap();
    let kept = client.get_object().bucket("parlance-media").key("kept/a").send().await.unwrap();
    assert_eq!(kept.content_type(), Some("image/png"), "under the type that is given");
    put(b"other").await.unwrap();
    let refused = copy(tag).await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 412);
    let kept = client.get_object().bucket("parlance-media").key("kept/a").send().await.unwrap();
    assert_eq!(kept.body.collect().await.unwrap().into_bytes().as_ref(), b"first");
}
