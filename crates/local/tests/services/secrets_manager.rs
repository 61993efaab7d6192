use aws_sdk_secretsmanager::Client;
use local::aws::secrets_manager::{self, Secret};

use super::{account, config, told};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:parlance/token-signing-key-AbCdEf";

fn secrets() -> Vec<Secret> {
    let value = r#"{"kid":"k1","seed":"c2VlZA"}"#.to_owned();
    vec![Secret { name: "parlance/token-signing-key".to_owned(), value }]
}

#[tokio::test]
async fn a_secret_is_found_by_name_and_by_arn() {
    let account = account();
    let endpoint = secrets_manager::start(&account, secrets()).await.unwrap();
    let client = Client::new(&config(&account, "auth-login", &endpoint.url()));
    let without = ARN.strip_suffix("-AbCdEf").unwrap();
    for id in ["parlance/token-signing-key", ARN, without] {
        let found = client.get_secret_value().secret_id(id).send().await.unwrap();
        assert_eq!(found.secret_string(), Some(r#"{"kid":"k1","seed":"c2VlZA"}"#), "{id}");
        assert_eq!(found.name(), Some("parlance/token-signing-key"));
        assert!(found.arn().unwrap().starts_with(without) && found.arn().unwrap().len() == ARN.len());
    }
    let used = &told(&account.take_usage())[1];
    assert_eq!(used, &format!("auth-login: secretsmanager:GetSecretValue (secretsmanager:GetSecretValue {ARN})"));
}

#[tokio::test]
async fn what_is_not_there_is_said_as_aws_says_it() {
    let account = account();
    let endpoint = secrets_manager::start(&account, secrets()).await.unwrap();
    let client = Client::new(&config(&account, "auth-login", &endpoint.url()));
    let error = client.get_secret_value().secret_id("other").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    let error = client.get_secret_value().secret_id(ARN).version_stage("AWSPENDING").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let error = client.get_secret_value().secret_id("").send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_parameter_exception(), "{error:?}");
    let error = client.list_secrets().send().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn an_unsigned_request_is_403() {
    let account = account();
    let endpoint = secrets_manager::start(&account, secrets()).await.unwrap();
    let request = reqwest::Client::new().post(endpoint.url()).header("x-amz-target", "secretsmanager.GetSecretValue");
    let response = request.body(r#"{"SecretId":"parlance/token-signing-key"}"#).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(response.text().await.unwrap().contains("MissingAuthenticationTokenException"));
    assert_eq!(account.usage(), []);
}
