//! A fresh stack for one test.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use gateway::model::Application;
use gateway::report::{Console, Event, Report};
use gateway::template::Settings;
use local::aws::stand_in_sns::Published;
use local::aws::{Elsewhere, Usage};
use local::{Data, Functions, Stack, StackError, StackOptions, Translator};

use crate::person::{Client, Person};
use crate::translator::ScriptedTranslate;

/// The project's template.
pub fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace").join("template.yaml")
}

pub(crate) fn application(template: &Path, settings: &Settings) -> Application {
    gateway::template::read(template, settings)
        .and_then(Application::complete)
        .unwrap_or_else(|errors| panic!("{errors}"))
}

/// A running stack: all of it, in memory, on a free port, with real processes.
pub struct TestStack {
    stack: Option<Stack>,
    told: Arc<Told>,
    /// The translator, unless the test brought another.
    pub translator: ScriptedTranslate,
    phones: tokio::sync::watch::Receiver<Vec<Published>>,
    name: String,
}

/// What a stack is to be like.
pub struct Builder {
    options: StackOptions,
    told: Arc<Told>,
    translator: ScriptedTranslate,
    phones: tokio::sync::watch::Receiver<Vec<Published>>,
}

/// A connection id in API Gateway's form that no gateway gave out.
const LOST: &str = "bG9zdCBmb3JldmVyIQ==";
/// Another one.
const OUTLIVED: &str = "dG9vIGxvbmcgb3BlbiE=";

fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    i64::try_from(since.as_millis()).expect("a time before the year 292278994")
}

fn presence(person: &Person) -> HashMap<String, AttributeValue> {
    let key = [("PK", format!("USER#{}", person.id)), ("SK", "PRESENCE".to_owned())];
    key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).into()
}

/// Limits that the actors of one test, all at one address, would run into.
const GENEROUS: [(&str, &str); 9] = [
    ("CheckEmailPerMinute", "10000"),
    ("SignInPerMinute", "10000"),
    ("HttpPerMinute", "10000"),
    ("SocketEventsPerMinute", "10000"),
    ("MessagesPerMinute", "10000"),
    ("ThrottlingRate", "100000"),
    ("ThrottlingBurst", "100000"),
    // And longer than anybody would wait for a translation: the machine may be busy with other tests.
    ("TranslationDeadlineMs", "5000"),
    // Somebody who has gone is told of soon.
    ("DepartureDelaySeconds", "1"),
];

impl TestStack {
    /// A stack whose functions are run by `program`, `env!("CARGO_BIN_EXE_parlance")`; the variable `PARLANCE_BINARIES`
    /// names a folder of the functions' own binaries instead; `PARLANCE_ENDPOINT`, an address of DynamoDB and S3 to be
    /// used instead of embedded ones. Limits are generous, and the translator is scripted.
    pub async fn start(program: &str) -> Self {
        Self::builder(program).start().await
    }

    /// The same, to be changed before it starts.
    pub fn builder(program: &str) -> Builder {
        let functions = match std::env::var_os("PARLANCE_BINARIES") {
            Some(directory) => Functions::Binaries { directory: directory.into() },
            None => Functions::MultiCall { program: program.into(), next: None },
        };
        let told = Arc::<Told>::default();
        let translator = ScriptedTranslate::default();
        let (shown, phones) = tokio::sync::watch::channel(Vec::new());
        let options = StackOptions {
            template: template(),
            data: Data::Memory,
            fresh: false,
            endpoint: std::env::var("PARLANCE_ENDPOINT").ok().map(|url| Elsewhere::parse(&url).expect("an address")),
            name: Settings::default().stack_name,
            port: 0,
            parameters: GENEROUS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            functions,
            translator: Translator::Engine(Arc::new(translator.clone())),
            record: true,
            show_push: Arc::new(move |push| shown.send_modify(|all| all.push(push.clone()))),
            report: Arc::clone(&told) as Arc<dyn Report>,
            behaviour: gateway::Behaviour::default(),
        };
        Builder { options, told, translator, phones }
    }

    fn stack(&self) -> &Stack {
        self.stack.as_ref().expect("a stack until it is stopped")
    }

    /// `http://localhost:<port>`.
    pub fn http_url(&self) -> String {
        self.stack().http_url()
    }

    /// Port of everything.
    pub fn port(&self) -> u16 {
        self.stack().address().port()
    }

    /// Waits until something is pushed to the phone with this token; what the platform would get.
    pub async fn push_to(&self, token: &str) -> serde_json::Value {
        let mut phones = self.phones.clone();
        let came = phones.wait_for(|all| all.iter().any(|push| push.token == token));
        let came = tokio::time::timeout(crate::PATIENCE, came).await;
        let all = came.unwrap_or_else(|_| panic!("nothing was pushed to {token}")).expect("a stack");
        let push = all.iter().rev().find(|push| push.token == token).expect("a push");
        push.payload.clone()
    }

    /// The template as it was read.
    pub fn application(&self) -> &Application {
        self.stack().application()
    }

    /// Somebody without an account.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.http_url())
    }

    /// Somebody new whose username begins with `name` and who reads `language`.
    pub async fn register(&self, name: &str, language: &str) -> Person {
        Person::register(&self.anonymous(), name, language).await
    }

    /// A DynamoDB client of the test's own, for looking and for preparing.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let endpoints = self.stack().services().environment();
        aws_sdk_dynamodb::Client::new(&local::aws::sdk::config(self.stack().account(), "test", endpoints))
    }

    /// Name of the table.
    pub fn table_name(&self) -> String {
        let tables = local::resources::tables(self.application(), &self.name);
        tables.first().expect("a table in the template").name.clone()
    }

    /// Notes a connection of somebody in the table, as one whose `$disconnect` was lost: it is gone, and only a push to
    /// it finds that out.
    pub async fn lose_connection(&self, person: &Person) {
        // As it was noted before the end of its token was.
        self.note_connection(person, LOST, None).await;
    }

    /// Notes another one whose token ended a while ago: nothing may be told over it any more.
    pub async fn outlive_connection(&self, person: &Person) {
        self.note_connection(person, OUTLIVED, Some(millis() - 1_000)).await;
    }

    async fn note_connection(&self, person: &Person, id: &str, until: Option<i64>) {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let mut connection = HashMap::from([
            ("since".to_owned(), number(millis() - 60_000)),
            ("session".to_owned(), AttributeValue::S("sess_00000000-0000-4000-8000-000000000000".to_owned())),
        ]);
        connection.extend(until.map(|until| ("until".to_owned(), number(until))));
        let update = self.dynamodb().update_item().table_name(self.table_name()).set_key(Some(presence(person)));
        let update = update.update_expression("SET #connections.#id = :connection");
        let update = update.expression_attribute_names("#connections", "connections");
        let update = update.expression_attribute_names("#id", id);
        let update = update.expression_attribute_values(":connection", AttributeValue::M(connection));
        update.send().await.expect("a connection that is noted");
    }

    /// How many connections of somebody are noted.
    pub async fn connections(&self, person: &Person) -> usize {
        self.noted_connections(person).await.len()
    }

    /// Lets the time of somebody's connections be over, a minute ago, and takes away what said whose they were, as DynamoDB
    /// does then.
    pub async fn end_connections(&self, person: &Person) {
        for id in self.noted_connections(person).await.into_keys() {
            let update = self.dynamodb().update_item().table_name(self.table_name()).set_key(Some(presence(person)));
            let update = update.update_expression("SET #connections.#id.#until = :until");
            let update = update.expression_attribute_names("#connections", "connections");
            let update = update.expression_attribute_names("#id", &id).expression_attribute_names("#until", "until");
            let until = AttributeValue::N((millis() - 60_000).to_string());
            update.expression_attribute_values(":until", until).send().await.expect("an end");
            let claim = self.dynamodb().delete_item().table_name(self.table_name());
            let claim = claim.key("PK", AttributeValue::S(format!("CONNECTION#{id}")));
            claim.key("SK", AttributeValue::S("CLAIM".to_owned())).send().await.expect("the end of a claim");
        }
    }

    /// Whether either of them is still taken for one.
    pub async fn has_lost_connection(&self, person: &Person) -> bool {
        let connections = self.noted_connections(person).await;
        connections.contains_key(LOST) || connections.contains_key(OUTLIVED)
    }

    async fn noted_connections(&self, person: &Person) -> HashMap<String, AttributeValue> {
        let get = self.dynamodb().get_item().table_name(self.table_name()).set_key(Some(presence(person)));
        let item = get.consistent_read(true).send().await.expect("an answer").item.expect("somebody's presence");
        item["connections"].as_m().expect("connections").clone()
    }

    /// Leaves a file that was sent as one whose inspection was interrupted: it says so of itself and in its message.
    pub async fn interrupt_inspection(&self, conversation: &str, message: &str, attachment: &str) {
        let room = format!("CONV#{conversation}");
        for (key, change) in [
            (format!("ATT#{attachment}"), "SET #state = :pending"),
            (format!("MSG#{message}"), "SET attachment.#state = :pending"),
        ] {
            let update = self.dynamodb().update_item().table_name(self.table_name()).update_expression(change);
            let update = update.key("PK", AttributeValue::S(room.clone())).key("SK", AttributeValue::S(key));
            let update = update.expression_attribute_names("#state", "state");
            let update = update.expression_attribute_values(":pending", AttributeValue::S("pending".to_owned()));
            update.send().await.expect("an interrupted inspection");
        }
    }

    /// What each function used so far, by logical id.
    pub fn usage(&self) -> Vec<Usage> {
        self.stack().usage()
    }

    /// What each function used since the last call.
    pub fn take_usage(&self) -> Vec<Usage> {
        self.stack().account().take_usage()
    }

    /// Everything that happened, as events.
    pub fn events(&self) -> Vec<Event> {
        self.told.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops everything, and waits until it has stopped.
    pub async fn stop(mut self) {
        if let Some(stack) = self.stack.take() {
            stack.shutdown().await;
        }
    }
}

impl Drop for TestStack {
    /// A failing test tells what the stack saw.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let console = Console::new(true);
            for line in self.events().iter().filter_map(|event| console.line(event)) {
                eprintln!("{line}");
            }
        }
    }
}

impl Builder {
    /// Sets a parameter of the template.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.options.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Keeps data in a folder.
    #[must_use]
    pub fn data(mut self, folder: &Path) -> Self {
        self.options.data = Data::Directory(folder.to_owned());
        self
    }

    /// Translates with what is installed on this machine.
    #[must_use]
    pub fn installed_translator(mut self) -> Self {
        self.options.translator = Translator::Installed;
        self
    }

    /// Changes anything else.
    #[must_use]
    pub fn options(mut self, change: impl FnOnce(&mut StackOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// Starts it.
    pub async fn start(self) -> TestStack {
        self.try_start().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts it, or says why not.
    pub async fn try_start(mut self) -> Result<TestStack, StackError> {
        if self.options.endpoint.is_some() {
            self.options.name = alone(&self.options.data);
        }
        let name = self.options.name.clone();
        let stack = Stack::start(self.options).await?;
        Ok(TestStack { stack: Some(stack), told: self.told, translator: self.translator, phones: self.phones, name })
    }
}

/// A name that no other stack at the same endpoint has; with the same folder, the same. No longer than the template
/// allows.
fn alone(data: &Data) -> String {
    use sha2::{Digest as _, Sha256};

    let digest = match data {
        Data::Memory => Sha256::digest(uuid::Uuid::new_v4()),
        Data::Directory(folder) => Sha256::digest(folder.as_os_str().as_encoded_bytes()),
    };
    let letters = digest[..10].iter().map(|byte| format!("{byte:02x}"));
    format!("test-{}", letters.collect::<String>())
}

/// Keeps every event.
#[derive(Default)]
struct Told(Mutex<Vec<Event>>);

impl Report for Told {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}
