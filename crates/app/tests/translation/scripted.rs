//! A translator that does as it is told, behind the real protocol.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::translation::{Source, Translator};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use domain::Language;
use domain::translatable::Fingerprint;
use local::aws::dynamodb::DynamoDb;
use local::aws::translate::{self, Engine, Fault, Passage};
use local::aws::{Account, Endpoint};
use serde_json::json;
use store::Table;
use store::translations::{self, Wanted};
use tokio::sync::Semaphore;

use super::now;

/// What to answer.
pub(crate) enum Reply {
    Say(String),
    Fail(Fault),
    /// To wait for [`Stack::release`] and then say this.
    Hold(String),
}

/// A request as the engine saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) text: String,
    pub(crate) source: String,
    pub(crate) target: String,
}

type Script = Box<dyn Fn(&Asked, usize) -> Reply + Send + Sync>;

struct Scripted {
    script: Script,
    asked: Mutex<Vec<Asked>>,
    held: Semaphore,
}

#[async_trait::async_trait]
impl Engine for Scripted {
    fn describe(&self) -> String {
        "scripted".to_owned()
    }

    fn sources(&self, _target: &str) -> Vec<&'static str> {
        vec!["en"]
    }

    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault> {
        let asked = Asked {
            text: passage.text.to_owned(),
            source: passage.source.to_owned(),
            target: passage.target.to_owned(),
        };
        let before = {
            let mut all = self.asked.lock().unwrap();
            all.push(asked.clone());
            all.iter().filter(|other| **other == asked).count() - 1
        };
        match (self.script)(&asked, before) {
            Reply::Say(text) => Ok(text),
            Reply::Fail(fault) => Err(fault),
            Reply::Hold(text) => {
                self.held.acquire().await.unwrap().forget();
                Ok(text)
            }
        }
    }
}

/// A translator, its cache and what they were used for.
pub(crate) struct Stack {
    pub(crate) translator: Translator,
    table: Table,
    account: Account,
    engine: Arc<Scripted>,
    _database: DynamoDb,
    endpoint: Endpoint,
}

impl Stack {
    /// With a deadline, and a script that is given each request and how often the same came before.
    pub(crate) async fn start(
        deadline: Duration,
        script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let account = Account::recording("us-east-1", "000000000000");
        let database = DynamoDb::start(&account, None).await.unwrap();
        let properties = json!({
            "AttributeDefinitions": [
                { "AttributeName": "PK", "AttributeType": "S" },
                { "AttributeName": "SK", "AttributeType": "S" }
            ],
            "KeySchema": [
                { "AttributeName": "PK", "KeyType": "HASH" },
                { "AttributeName": "SK", "KeyType": "RANGE" }
            ],
            "BillingMode": "PAY_PER_REQUEST"
        });
        database.create_table("translations", &properties).unwrap();
        let engine = Arc::new(Scripted { script: Box::new(script), asked: Mutex::default(), held: Semaphore::new(0) });
        let endpoint = translate::start(&account, engine.clone()).await.unwrap();

        let dynamodb = aws_sdk_dynamodb::Client::new(&config(&account, &database.url()));
        let client = aws_sdk_translate::Client::new(&config(&account, &endpoint.url()));
        let table = Table::new(dynamodb, "translations");
        let translator = Translator::new(client, table.clone(), deadline);
        Self { translator, table, account, engine, _database: database, endpoint }
    }

    /// The same translator with a cache that is not there.
    pub(crate) fn without_cache(&self, deadline: Duration) -> Translator {
        let missing = Table::new(self.table.client().clone(), "no-such-table");
        let client = aws_sdk_translate::Client::new(&config(&self.account, &self.endpoint.url()));
        Translator::new(client, missing, deadline)
    }

    /// What the cache has for a reader of `target`, for each text.
    pub(crate) async fn kept(&self, texts: &[Source<'_>], target: Language) -> Vec<Option<String>> {
        let wanted = |source: &Source<'_>| Wanted { source: Fingerprint::of(source.text, source.language), target };
        let found = translations::get_many(&self.table, texts.iter().map(wanted), now()).await.unwrap();
        texts.iter().map(|source| found.get(&wanted(source)).cloned()).collect()
    }

    /// Lets this many held requests go.
    pub(crate) fn release(&self, requests: usize) {
        self.engine.held.add_permits(requests);
    }

    /// What the engine was asked, in no order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.engine.asked.lock().unwrap().clone()
    }

    /// Operations that reached the services since the last call, in order of name.
    pub(crate) fn operations(&self) -> Vec<String> {
        let mut operations: Vec<_> = self.account.take_usage().into_iter().map(|usage| usage.operation).collect();
        operations.sort();
        operations
    }
}

fn config(account: &Account, url: &str) -> aws_config::SdkConfig {
    let key = account.issue("app");
    let credentials = Credentials::new(key.id, key.secret, None, None, "test");
    aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(account.region().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .build()
}

/// Says the text with its target language before it.
pub(crate) fn marked(asked: &Asked, _before: usize) -> Reply {
    Reply::Say(format!("{}: {}", asked.target, asked.text))
}
