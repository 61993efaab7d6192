//! The embedded services without processes, for tests of one function in this process.

use std::collections::{BTreeMap, HashMap};

use aws_config::SdkConfig;
use gateway::model::Application;
use local::aws::dynamodb::DynamoDb;
use local::aws::stand_in_sns::{self, Published};
use local::aws::{Account, Endpoint, Usage, s3, sdk, secrets_manager, translate};
use local::resources;
use local::signing::TokenKey;
use local::web_push::WebPushKey;
use tempfile::TempDir;

use crate::connections::Connections;
use crate::stack::{application, template};
use crate::translator::ScriptedTranslate;

/// DynamoDB with the template's table, S3 with its bucket, Secrets Manager with its secret, a scripted Translate, and
/// `@connections`: all that a function calls.
pub struct Services {
    /// The template as it was read.
    pub application: Application,
    /// The translator.
    pub translator: ScriptedTranslate,
    /// `@connections`.
    pub connections: Connections,
    /// What would have been pushed to phones.
    pub phones: tokio::sync::watch::Receiver<Vec<Published>>,
    account: Account,
    endpoints: BTreeMap<String, String>,
    table: String,
    _dynamodb: DynamoDb,
    _others: [Endpoint; 4],
    _folder: TempDir,
}

impl Services {
    /// Starts them with the defaults of the template.
    pub async fn start() -> Self {
        Self::with_parameters(BTreeMap::new()).await
    }

    /// Starts them with values for parameters of the template.
    pub async fn with_parameters(parameters: BTreeMap<String, String>) -> Self {
        let key = TokenKey::generate().expect("random bytes");
        let own = [("TokenSigningKey", key.signing_parameter()), ("TokenPublicKeys", key.public_parameter())];
        let pushing = WebPushKey::generate().expect("random bytes");
        let pushing = [("WebPushKey", pushing.private_parameter()), ("WebPushPublicKey", pushing.public_parameter())];
        let own = own.into_iter().chain(pushing).map(|(name, value)| (name.to_owned(), value));
        let settings = application_settings(own.chain(parameters).collect());
        let application = application(&template(), &settings);
        let account = Account::recording(&application.region, &application.account_id);
        let folder = tempfile::tempdir().expect("a folder");
        let dynamodb = DynamoDb::start(&account, None).await.expect("DynamoDB");
        let tables = resources::tables(&application, &settings.stack_name);
        for table in &tables {
            dynamodb.create_table(&table.name, &table.properties).expect("a table");
        }
        let buckets = resources::buckets(&application, &settings.stack_name);
        let secrets = resources::secrets(&application, &settings.stack_name);
        let translator = ScriptedTranslate::default();
        let connections = Connections::start().await;
        let s3 = s3::start(&account, folder.path(), buckets).await.expect("S3");
        let engine = std::sync::Arc::new(translator.clone());
        let translate = translate::start(&account, engine).await.expect("Translate");
        let secrets_manager = secrets_manager::start(&account, secrets).await.expect("Secrets Manager");
        let (shown, phones) = tokio::sync::watch::channel(Vec::new());
        let show = std::sync::Arc::new(move |push: &Published| shown.send_modify(|all| all.push(push.clone())));
        let sns = stand_in_sns::start(&account, None, show).await.expect("the stand-in for SNS");
        let endpoints = BTreeMap::from([
            ("AWS_ENDPOINT_URL_SNS".to_owned(), sns.url()),
            ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), dynamodb.url()),
            ("AWS_ENDPOINT_URL_S3".to_owned(), s3.url()),
            ("AWS_ENDPOINT_URL_TRANSLATE".to_owned(), translate.url()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned(), secrets_manager.url()),
            ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI".to_owned(), connections.url()),
            // A gateway without functions: whoever invokes one is told that there is none.
            ("AWS_ENDPOINT_URL_LAMBDA".to_owned(), connections.gateway_url()),
        ]);
        Self {
            table: tables.first().expect("a table in the template").name.clone(),
            application,
            translator,
            connections,
            phones,
            account,
            endpoints,
            _dynamodb: dynamodb,
            _others: [s3, translate, secrets_manager, sns],
            _folder: folder,
        }
    }

    /// Name of the table.
    pub fn table_name(&self) -> &str {
        &self.table
    }

    /// From now on, functions invoke others at this address.
    pub fn invoke_at(&mut self, url: &str) {
        self.endpoints.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), url.to_owned());
    }

    /// A DynamoDB client of the test's own, for looking and for preparing.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk("test"))
    }

    /// What the SDK needs to call these services in the name of `caller`.
    pub fn sdk(&self, caller: &str) -> SdkConfig {
        sdk::config(&self.account, caller, self.endpoints.clone())
    }

    /// The environment variables that the template gives a function, by its name (`auth-register`).
    pub fn variables(&self, function: &str) -> HashMap<String, String> {
        let named = |declared: &&gateway::model::Function| local::processes::name(declared) == Some(function);
        let declared = self.application.functions.values().find(named);
        let declared = declared.unwrap_or_else(|| panic!("no function {function} in the template"));
        declared.environment.clone().into_iter().chain(self.endpoints.clone()).collect()
    }

    /// What was used since the last call, in whoever's name, but for the test's own.
    pub fn take_usage(&self) -> Vec<Usage> {
        self.account.take_usage().into_iter().filter(|usage| usage.caller != "test").collect()
    }
}

fn application_settings(parameters: BTreeMap<String, String>) -> gateway::template::Settings {
    gateway::template::Settings { parameters, ..gateway::template::Settings::default() }
}
