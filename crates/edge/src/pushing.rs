//! What is pushed to browsers, as the settings describe it.

use app::pushing::{Applications, Browsers, Phones, PublicAddresses, Pusher, VapidKey};
use app::translation::Translator;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use domain::web_push::PushHosts;
use store::Table;

use crate::Error;
use crate::config::Environment;
use crate::services::{FromEnvironment, bad, secret};

const NOT_SET_UP: app::Error = app::Error::Conflict("pushing to browsers is not set up here");

/// The key that browsers subscribe with; nothing where none is pushed to.
#[derive(Debug, Clone)]
pub struct WebPushPublicKey(Option<String>);

impl WebPushPublicKey {
    /// The key, or that there is none.
    pub fn text(&self) -> app::Result<&str> {
        self.0.as_deref().ok_or(NOT_SET_UP)
    }
}

impl FromEnvironment for WebPushPublicKey {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        // A variable that is empty is taken for none.
        Ok(Self(environment.text("WEB_PUSH_PUBLIC_KEY").ok().map(str::to_owned)))
    }
}

/// The push services that browsers may subscribe at; nothing where none is pushed to.
#[derive(Debug, Clone)]
pub struct WebPushHosts(Option<PushHosts>);

impl WebPushHosts {
    /// The push services, or that there are none.
    pub fn known(&self) -> app::Result<&PushHosts> {
        self.0.as_ref().ok_or(NOT_SET_UP)
    }
}

impl FromEnvironment for WebPushHosts {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let is_set_up = WebPushPublicKey::build(environment).await?.0.is_some();
        let hosts = hosts(environment)?;
        Ok(Self(is_set_up.then_some(hosts)))
    }
}

fn hosts(environment: &Environment) -> Result<PushHosts, Error> {
    let name = "WEB_PUSH_HOSTS";
    Ok(PushHosts::parse(environment.text(name)?).map_err(|problem| bad(name, &problem.0))?)
}

impl FromEnvironment for Pusher {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let application = |name: &str| environment.text(name).ok().map(str::to_owned);
        let applications =
            Applications { apns: application("APNS_APPLICATION_ARN"), fcm: application("FCM_APPLICATION_ARN") };
        Ok(Self {
            table: Table::build(environment).await?,
            translator: Translator::build(environment).await?,
            browsers: browsers(environment).await?,
            phones: Phones::new(&aws_sdk_sns::Config::new(environment.sdk().await), applications),
            per_hour: environment.number("PUSHES_PER_HOUR")?,
        })
    }
}

/// The way to browsers; nothing where none is pushed to.
async fn browsers(environment: &Environment) -> Result<Option<Browsers>, Error> {
    let name = "WEB_PUSH_KEY_SECRET_ARN";
    let (Some(public), Ok(_)) = (WebPushPublicKey::build(environment).await?.0, environment.text(name)) else {
        return Ok(None);
    };
    let key = VapidKey::parse(&secret(environment, name).await?).map_err(|problem| bad(name, &problem.to_string()))?;
    if key.public() != public {
        return Err(bad("WEB_PUSH_PUBLIC_KEY", "does not belong to the private key").into());
    }
    // Names lead to addresses that anybody could reach, or nowhere (security H2).
    let connector = Connector::builder().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
    let connector = SharedHttpConnector::new(connector.build_with_resolver(PublicAddresses));
    let contact = environment.text("WEB_PUSH_CONTACT").ok().map(str::to_owned);
    Ok(Some(Browsers::new(connector, hosts(environment)?, key, contact)))
}
