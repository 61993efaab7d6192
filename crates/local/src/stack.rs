//! The whole backend in this process: embedded services, and the gateway with the functions' processes.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use gateway::model::{Application, TemplateErrors};
use gateway::report::{Event, Report};
use gateway::template;
use tokio::net::TcpListener;

use crate::aws::dynamodb::{DynamoDb, TableError};
use crate::aws::elsewhere::{self, Elsewhere, ElsewhereError};
use crate::aws::s3::Bucket;
use crate::aws::secrets_manager::Secret;
use crate::aws::translate::engine::LibreTranslateError;
use crate::aws::{Account, Endpoint, Permission, Usage, dynamodb, s3, secrets_manager, stand_in_sns, translate};
use crate::data::{Data, DataError, Folder};
use crate::descriptors;
use crate::parameters::{self, KeyParameters};
use crate::processes::{self, Functions, Processes};
use crate::resources;
use crate::signing::{KeyError, TokenKey};
use crate::translator::Translator;
use crate::web_push::WebPushKey;

/// What a stack is made of.
#[derive(Clone)]
pub struct StackOptions {
    /// The `template.yaml`.
    pub template: PathBuf,
    /// Where data is kept.
    pub data: Data,
    /// Whether to begin with an empty data folder, and with empty tables and buckets elsewhere.
    pub fresh: bool,
    /// DynamoDB and S3 that run elsewhere; embedded ones if there is no address.
    pub endpoint: Option<Elsewhere>,
    /// Name of the stack, with which the names of its resources begin.
    pub name: String,
    /// Port on the loopback address; 0 for any.
    pub port: u16,
    /// Values for parameters of the template.
    pub parameters: BTreeMap<String, String>,
    /// Programs of the functions.
    pub functions: Functions,
    /// What translates.
    pub translator: Translator,
    /// Whether to keep a ledger of what each function used ([`Stack::usage`]).
    pub record: bool,
    /// Is shown what would be pushed to phones.
    pub show_push: stand_in_sns::Show,
    /// Is told of every request.
    pub report: Arc<dyn Report>,
    /// Switches of the gateway.
    pub behaviour: gateway::Behaviour,
}

/// Why a stack did not start. Each is a sentence for the person at the terminal; nothing is left running.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The key in the data folder cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The keys among the parameters cannot be used.
    #[error(transparent)]
    KeyParameters(#[from] KeyParameters),
    /// The template has mistakes; a line for each.
    #[error("{0}")]
    Template(#[from] TemplateErrors),
    /// The port is taken or not ours to take.
    #[error("cannot listen on port {port}: {source}; choose another with --port")]
    Port {
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// LibreTranslate does not answer.
    #[error(transparent)]
    Translator(#[from] LibreTranslateError),
    /// The database cannot be opened.
    #[error("the data in {} is damaged or cannot be read ({source}); start with --fresh to begin anew", path.display())]
    Database {
        /// The data folder.
        path: PathBuf,
        /// Why.
        source: dynamodb::StartError,
    },
    /// A table cannot be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// DynamoDB or S3 elsewhere cannot be used.
    #[error(transparent)]
    Elsewhere(#[from] ElsewhereError),
    /// There is no room for the data.
    #[error("there is no room left on the disk for {}; make some and start again: nothing there is lost", path.display())]
    DiskFull {
        /// The data folder.
        path: PathBuf,
    },
    /// S3 cannot use its folder.
    #[error("S3: {0}")]
    S3(#[from] s3::StartError),
    /// A service has no port.
    #[error("cannot start an embedded service: {0}")]
    Service(#[from] io::Error),
    /// The gateway did not start.
    #[error("{0}")]
    Gateway(#[from] gateway::StartError),
}

/// A running stack.
pub struct Stack {
    gateway: gateway::Running,
    application: Arc<Application>,
    account: Account,
    services: Services,
    endpoints: BTreeMap<String, String>,
    engine: String,
    stage: String,
    // Last, so that nothing writes to it any more when another stack may take it.
    template: PathBuf,
    settings: template::Settings,
    _folder: Folder,
}

/// The services of a stack.
#[derive(Debug)]
pub struct Services {
    dynamodb: Database,
    s3: Endpoint,
    translate: Endpoint,
    secrets_manager: Endpoint,
    sns: Endpoint,
}

#[derive(Debug)]
enum Database {
    Embedded(DynamoDb),
    Elsewhere(Endpoint),
}

impl Database {
    fn url(&self) -> String {
        match self {
            Self::Embedded(database) => database.url(),
            Self::Elsewhere(front) => front.url(),
        }
    }
}

impl Services {
    /// The variables that send an AWS SDK to these services.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let urls = [
            ("DYNAMODB", self.dynamodb.url()),
            ("S3", self.s3.url()),
            ("TRANSLATE", self.translate.url()),
            ("SECRETS_MANAGER", self.secrets_manager.url()),
            ("SNS", self.sns.url()),
        ];
        urls.into_iter().map(|(service, url)| (format!("AWS_ENDPOINT_URL_{service}"), url)).collect()
    }

    /// Address of DynamoDB.
    pub fn dynamodb_url(&self) -> String {
        self.dynamodb.url()
    }

    /// Address of S3.
    pub fn s3_url(&self) -> String {
        self.s3.url()
    }
}

impl Stack {
    /// Starts everything; when this returns, requests are answered. Processes of functions start with the first
    /// request for them.
    pub async fn start(options: StackOptions) -> Result<Self, StackError> {
        descriptors::take_all();
        let folder = Folder::open(&options.data, options.fresh)?;
        let mut parameters = options.parameters;
        if parameters::wants_keys(&options.template) {
            let own = if parameters::bring_keys(&parameters) {
                None
            } else if folder.is_kept() {
                Some(TokenKey::kept_in(&folder.join("signing-key.json"))?)
            } else {
                Some(TokenKey::generate()?)
            };
            parameters = parameters::with_keys(parameters, own.as_ref())?;
        }
        let pushing = match parameters::wants_web_push_key(&options.template, &parameters) {
            false => None,
            true if folder.is_kept() => Some(WebPushKey::kept_in(&folder.join("web-push-key"))?),
            true => Some(WebPushKey::generate()?),
        };
        parameters = parameters::with_web_push_key(parameters, pushing.as_ref())?;
        parameters = parameters::with_phones(&options.template, parameters);
        let settings = template::Settings { parameters, stack_name: options.name, ..template::Settings::default() };
        let application = template::read(&options.template, &settings)?;

        let port = options.port;
        let listening = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listening.map_err(|source| StackError::Port { port, source })?;
        let address = listener.local_addr().map_err(|source| StackError::Port { port, source })?;

        let (region, id) = (&application.region, &application.account_id);
        let mut account = if options.record { Account::recording(region, id) } else { Account::new(region, id) };
        if options.endpoint.is_some() {
            account = account.with_secret(elsewhere::SECRET);
        }
        let engine = options.translator.engine().await?;
        let description = engine.describe();
        let (dynamodb, s3) = match &options.endpoint {
            None => embedded(&application, &settings.stack_name, &account, &folder).await?,
            Some(elsewhere) => at(elsewhere, &application, &settings.stack_name, &account, options.fresh).await?,
        };
        let secrets = resources::secrets(&application, &settings.stack_name);
        let phones = folder.is_kept().then(|| folder.join("phones.json"));
        let services = Services {
            dynamodb,
            s3,
            translate: translate::start(&account, engine).await?,
            secrets_manager: secrets_manager::start(&account, secrets).await?,
            sns: stand_in_sns::start(&account, phones, options.show_push).await?,
        };

        let stage = application.websocket_apis.values().next().map(|api| api.stage.clone()).unwrap_or_default();
        let mut endpoints = services.environment();
        let management = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI".to_owned();
        endpoints.insert(management, format!("http://{address}/{stage}"));
        for served in ["LAMBDA", "SQS"] {
            endpoints.insert(format!("AWS_ENDPOINT_URL_{served}"), format!("http://{address}"));
        }
        let launcher = Processes {
            functions: options.functions,
            account: account.clone(),
            endpoints: endpoints.clone(),
            built: std::sync::RwLock::default(),
        };
        let mut gateway_options = gateway::Options::new(listener, Arc::new(launcher));
        gateway_options.report = Arc::new(Recorder { account: account.clone(), next: options.report });
        gateway_options.behaviour = options.behaviour;
        let poller = account.issue("event-source-mapping");
        gateway_options.sources.dynamodb = Some(gateway::event_source::Endpoint {
            url: services.dynamodb_url(),
            region: region.clone(),
            access_key_id: poller.id,
            secret_access_key: poller.secret,
        });
        gateway_options.sources.progress = folder.is_kept().then(|| folder.join("stream-progress.json"));
        let kept = Arc::new(application.clone());
        let gateway = gateway::start(application, gateway_options)?;
        Ok(Self {
            gateway,
            application: kept,
            account,
            services,
            endpoints,
            engine: description,
            stage,
            template: options.template,
            settings,
            _folder: folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.gateway.address()
    }

    /// `http://localhost:<port>`.
    pub fn http_url(&self) -> String {
        format!("http://localhost:{}", self.address().port())
    }

    /// `ws://localhost:<port>`, to which `/?token=…` is added.
    pub fn socket_url(&self) -> String {
        format!("ws://localhost:{}", self.address().port())
    }

    /// Name of the WebSocket stage, under which the socket is reached too, as on AWS.
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// What translates, in a line.
    pub fn translator(&self) -> &str {
        &self.engine
    }

    /// The template as it was read.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// The template as it is followed while somebody edits it: functions, routes, mappings and schedules. Tables,
    /// buckets and secrets are made at the start only, and an edit of theirs is refused.
    pub fn template(&self) -> io::Result<gateway::watch::Template> {
        let (name, before) = (self.settings.stack_name.clone(), made_of(&self.application, &self.settings.stack_name));
        let followed = gateway::watch::Template::new(&self.template, self.settings.clone())?;
        Ok(followed.checked(move |application| {
            if made_of(application, &name) == before {
                return Ok(());
            }
            Err("tables, buckets and secrets are made at the start: stop the backend and start it again".to_owned())
        }))
    }

    /// The gateway, for who swaps programs in it.
    pub fn gateway(&self) -> &gateway::Running {
        &self.gateway
    }

    /// The embedded services.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The account that functions act in.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The variables of every function, for whatever else starts one (`cargo lambda watch --env-file`): settings of the
    /// template, addresses of this stack's services, an access key.
    pub fn functions_environment(&self) -> BTreeMap<String, String> {
        processes::environment_of_all(&self.application, &self.account, &self.endpoints)
    }

    /// What each function used so far, by its logical id; empty unless [`StackOptions::record`].
    pub fn usage(&self) -> Vec<Usage> {
        self.account.usage()
    }

    /// Stops the functions' processes, then the services.
    pub async fn shutdown(self) {
        self.gateway.shutdown().await;
    }
}

/// What the services hold for an application.
type Made = (Vec<resources::Table>, Vec<Bucket>, Vec<Secret>);

fn made_of(application: &Application, stack_name: &str) -> Made {
    (
        resources::tables(application, stack_name),
        resources::buckets(application, stack_name),
        resources::secrets(application, stack_name),
    )
}

/// Whether SQLite says that there is no room: its only word for it that comes through.
fn is_full(said: &str) -> bool {
    said.contains("disk is full")
}

/// DynamoDB and S3 in this process, with what the template declares.
async fn embedded(
    application: &Application,
    stack_name: &str,
    account: &Account,
    folder: &Folder,
) -> Result<(Database, Endpoint), StackError> {
    let file = folder.is_kept().then(|| folder.join("dynamodb.sqlite"));
    let started = DynamoDb::start(account, file.as_deref()).await;
    let path = || folder.path().to_owned();
    let dynamodb = started.map_err(|source| match source.to_string() {
        said if is_full(&said) => StackError::DiskFull { path: path() },
        _ => StackError::Database { path: path(), source },
    })?;
    for table in resources::tables(application, stack_name) {
        dynamodb.create_table(&table.name, &table.properties).map_err(|source| match source.to_string() {
            said if is_full(&said) => StackError::DiskFull { path: path() },
            _ => source.into(),
        })?;
    }
    let s3 = s3::start(account, &folder.join("s3"), resources::buckets(application, stack_name)).await?;
    Ok((Database::Embedded(dynamodb), s3))
}

/// DynamoDB and S3 elsewhere, with what the template declares.
async fn at(
    elsewhere: &Elsewhere,
    application: &Application,
    stack_name: &str,
    account: &Account,
    fresh: bool,
) -> Result<(Database, Endpoint), StackError> {
    let (tables, buckets) = (resources::tables(application, stack_name), resources::buckets(application, stack_name));
    elsewhere.prepare(account, &tables, &buckets, fresh).await?;
    let dynamodb = dynamodb::in_front_of(account, elsewhere.root()).await?;
    let s3 = s3::in_front_of(account, elsewhere.root(), buckets).await?;
    Ok((Database::Elsewhere(dynamodb), s3))
}

/// Notes the use of APIs that the gateway serves itself, as the embedded services do for theirs.
struct Recorder {
    account: Account,
    next: Arc<dyn Report>,
}

impl Report for Recorder {
    fn event(&self, event: &Event) {
        if let Event::Management(call) = event
            && let Some(key) = &call.access_key
        {
            self.account.record(Usage {
                caller: self.account.caller_of(key),
                operation: call.action.to_owned(),
                permissions: vec![Permission::new(call.action, call.resource.as_str())],
                capacity: None,
            });
        }
        self.next.event(event);
    }
}
