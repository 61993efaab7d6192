//! Providers that vouch for people, as the settings describe them.

use app::google::{ClientSettings, Exchange};
use app::identity::{Kind, Provider, ProviderSettings};
use app::web::Web;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use crate::Error;
use crate::config::Environment;
use crate::services::{FromEnvironment, bad, secret};

const NOT_SET_UP: app::Error = app::Error::Conflict("signing in with Google in a browser is not set up here");

/// Verifies who signs in with Google or Apple. A provider without a client id refuses everybody and says so.
#[derive(Clone)]
pub struct Providers {
    /// Google.
    pub google: Provider,
    /// Apple.
    pub apple: Provider,
}

impl FromEnvironment for Providers {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let web = web();
        Ok(Self {
            google: google(environment, &web, list(environment, "GOOGLE_CLIENT_IDS"))?,
            apple: Provider::new(
                ProviderSettings {
                    kind: Kind::Apple,
                    issuer: environment.text("APPLE_ISSUER")?.to_owned(),
                    jwks_uri: address(environment, "APPLE_JWKS_URI")?,
                    audiences: list(environment, "APPLE_CLIENT_IDS"),
                },
                web,
            ),
        })
    }
}

/// Verifies who signs in with Google, for the route that knows no other provider.
#[derive(Clone)]
pub struct GoogleProvider(pub Provider);

impl FromEnvironment for GoogleProvider {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self(google(environment, &web(), list(environment, "GOOGLE_CLIENT_IDS"))?))
    }
}

/// This backend as a client of Google's; nothing where it is not set up as one.
#[derive(Debug, Clone)]
pub struct GoogleClient(Option<ClientSettings>);

impl GoogleClient {
    /// The settings, or that there are none.
    pub fn settings(&self) -> app::Result<&ClientSettings> {
        self.0.as_ref().ok_or(NOT_SET_UP)
    }
}

impl FromEnvironment for GoogleClient {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let (Ok(client_id), Ok(redirect_uri)) =
            (environment.text("GOOGLE_WEB_CLIENT_ID"), environment.text("GOOGLE_REDIRECT_URI"))
        else {
            return Ok(Self(None));
        };
        Ok(Self(Some(ClientSettings {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            authorization_endpoint: address(environment, "GOOGLE_AUTHORIZATION_ENDPOINT")?,
            token_endpoint: address(environment, "GOOGLE_TOKEN_ENDPOINT")?,
        })))
    }
}

/// What finishes a sign-in with Google in a browser; nothing where it is not set up.
#[derive(Clone)]
pub struct GoogleExchange(Option<(Exchange, Provider)>);

impl GoogleExchange {
    /// The exchange and what verifies the tokens it gives, or that there is none.
    pub fn parts(&self) -> app::Result<&(Exchange, Provider)> {
        self.0.as_ref().ok_or(NOT_SET_UP)
    }
}

impl FromEnvironment for GoogleExchange {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let name = "GOOGLE_WEB_CLIENT_SECRET_ARN";
        let (Some(client), Ok(_)) = (GoogleClient::build(environment).await?.0, environment.text(name)) else {
            return Ok(Self(None));
        };
        let web = web();
        let provider = google(environment, &web, vec![client.client_id.clone()])?;
        let secret = secret(environment, name).await?;
        Ok(Self(Some((Exchange { client, secret, web }, provider))))
    }
}

fn google(environment: &Environment, web: &Web, audiences: Vec<String>) -> Result<Provider, Error> {
    let settings = ProviderSettings {
        kind: Kind::Google,
        issuer: environment.text("GOOGLE_ISSUER")?.to_owned(),
        jwks_uri: address(environment, "GOOGLE_JWKS_URI")?,
        audiences,
    };
    Ok(Provider::new(settings, web.clone()))
}

/// The way out: TLS by ring, as to AWS (docs/adr/0002).
fn web() -> Web {
    let connector = Connector::builder().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build();
    Web::new(SharedHttpConnector::new(connector))
}

/// An address to ask: `https`, or this machine.
fn address(environment: &Environment, name: &str) -> Result<String, Error> {
    let address = environment.text(name)?;
    let here = ["http://127.0.0.1:", "http://localhost:"];
    if address.starts_with("https://") || here.iter().any(|start| address.starts_with(start)) {
        Ok(address.to_owned())
    } else {
        Err(bad(name, "is no https:// address").into())
    }
}

/// A list that may be empty.
fn list(environment: &Environment, name: &str) -> Vec<String> {
    let list = environment.text(name).unwrap_or_default().split(',').map(str::trim);
    list.filter(|item| !item.is_empty()).map(str::to_owned).collect()
}
