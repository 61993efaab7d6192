use std::sync::{Arc, Mutex};

use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata;
use local::aws::Account;
use local::aws::stand_in_sns::{self, Published};
use serde_json::json;

use super::{account, config, told};

const APPLICATION: &str = "arn:aws:sns:us-east-1:000000000000:app/GCM/chat";

/// The stand-in, its client, and what it has shown.
async fn started(
    account: &Account,
    file: Option<std::path::PathBuf>,
) -> (local::aws::Endpoint, Client, Arc<Mutex<Vec<Published>>>) {
    let shown = Arc::<Mutex<Vec<Published>>>::default();
    let show = Arc::clone(&shown);
    let show = Arc::new(move |push: &Published| show.lock().unwrap().push(push.clone()));
    let endpoint = stand_in_sns::start(account, file, show).await.unwrap();
    let client = Client::new(&config(account, "push-send", &endpoint.url()));
    (endpoint, client, shown)
}

async fn made(client: &Client, token: &str) -> String {
    let made = client.create_platform_endpoint().platform_application_arn(APPLICATION).token(token).send().await;
    made.unwrap().endpoint_arn.unwrap()
}

#[tokio::test]
async fn a_message_is_shown_as_the_platform_would_get_it() {
    let account = account();
    let (_endpoint, client, shown) = started(&account, None).await;
    let arn = made(&client, "a&b<c>=d").await;
    assert!(arn.starts_with("arn:aws:sns:us-east-1:000000000000:endpoint/GCM/chat/"), "{arn}");
    assert_eq!(made(&client, "a&b<c>=d").await, arn, "the same token is the same endpoint");
    let message = json!({ "default": "plain", "GCM": json!({ "text": "1 + 1 = 2 & so on" }).to_string() }).to_string();
    let publish = || client.publish().target_arn(&arn).message_structure("json");
    let id = publish().message(&message).send().await.unwrap().message_id;
    assert!(id.is_some());
    publish().message(json!({ "default": "plain" }).to_string()).send().await.unwrap();
    let payloads: Vec<_> = shown.lock().unwrap().iter().map(|push| push.payload.clone()).collect();
    assert_eq!(payloads, [json!({ "text": "1 + 1 = 2 & so on" }), json!("plain")]);
    let used = told(&account.take_usage());
    assert!(used.contains(&format!("push-send: sns:Publish (sns:Publish {arn})")), "{used:?}");
    let wrong = publish().message("{}").send().await.unwrap_err().into_service_error();
    assert!(wrong.is_invalid_parameter_exception(), "{wrong:?}");
}

#[tokio::test]
async fn what_cannot_be_pushed_is_said_as_sns_says_it() {
    let account = account();
    let (_endpoint, client, shown) = started(&account, None).await;
    let arn = made(&client, "phone").await;
    let publish = || client.publish().target_arn(&arn).message("hello").send();
    let enable = |enabled| client.set_endpoint_attributes().endpoint_arn(&arn).attributes("Enabled", enabled).send();
    enable("false").await.unwrap();
    let error = publish().await.unwrap_err().into_service_error();
    assert!(error.is_endpoint_disabled_exception(), "{error:?}");
    enable("true").await.unwrap();
    publish().await.unwrap();
    for _ in 0..2 {
        client.delete_endpoint().endpoint_arn(&arn).send().await.unwrap();
    }
    let error = publish().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_parameter_exception() && error.message().unwrap().contains("TargetArn"), "{error:?}");
    assert!(enable("true").await.unwrap_err().into_service_error().is_not_found_exception());
    for (application, token) in [(APPLICATION, ""), ("arn:aws:sns:us-east-1:000000000000:app/SMS/chat", "x")] {
        let create = client.create_platform_endpoint().platform_application_arn(application).token(token);
        assert!(create.send().await.unwrap_err().into_service_error().is_invalid_parameter_exception());
    }
    let error = client.list_topics().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidAction"));
    assert_eq!(shown.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn phones_are_known_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = Some(folder.path().join("phones.json"));
    let account = account();
    let (endpoint, client, _) = started(&account, file.clone()).await;
    let arn = made(&client, "phone").await;
    drop(endpoint);
    let (_endpoint, client, shown) = started(&account, file).await;
    client.publish().target_arn(&arn).message("hello").send().await.unwrap();
    assert_eq!(shown.lock().unwrap()[0].token, "phone");
}

#[tokio::test]
async fn an_unsigned_request_is_403() {
    let account = account();
    let (endpoint, _, _) = started(&account, None).await;
    let response = reqwest::Client::new().post(endpoint.url()).body("Action=Publish").send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(response.text().await.unwrap().contains("<Code>MissingAuthenticationToken</Code>"));
}
