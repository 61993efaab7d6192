//! TLS on the gateway's own port: what is published posts to `https://{domainName}/{stage}/@connections/…` (T-05).
//!
//! A certificate authority of its own for each run, for `localhost` and the APIs' names below it. Its key never leaves the process;
//! functions are told to trust it by the variables that SDKs and interpreters read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::model::Application;
use crate::origin;

/// Where systems keep the authorities that they trust: Debian, Fedora, Alpine and macOS.
const SYSTEM: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
/// First byte of every TLS connection; no HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;

/// What a gateway needs to speak TLS.
pub struct Tls {
    acceptor: TlsAcceptor,
    /// Goes with the gateway.
    folder: TempDir,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// It cannot be used.
    #[error("cannot use the certificate: {0}")]
    Unusable(#[from] rustls::Error),
    /// It cannot be written for functions to read.
    #[error("cannot write the certificate: {0}")]
    Write(#[from] std::io::Error),
}

impl Tls {
    /// A new authority, and a certificate of it for `localhost`, the loopback addresses, and each API's `{apiId}.localhost`
    /// and name on AWS.
    pub fn new(application: &Application) -> Result<Self, TlsError> {
        let authority = authority()?;
        let key = KeyPair::generate()?;
        let certificate = of_this_machine(application)?.signed_by(&key, &authority)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let folder = tempfile::Builder::new().prefix("gateway-tls-").tempdir()?;
        let own = authority.pem();
        let trusted = SYSTEM.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        std::fs::write(folder.path().join("authority.pem"), &own)?;
        std::fs::write(folder.path().join("trusted.pem"), trusted + "\n" + &own)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), folder })
    }

    /// File of the authority's certificate, for clients of this machine: `curl --cacert`.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Variables by which functions trust it, beside whom the system trusts.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let file = |path: &Path| path.display().to_string();
        let trusted = file(&self.folder.path().join("trusted.pem"));
        let all = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"];
        let mut variables: BTreeMap<_, _> = all.map(|name| (name.to_owned(), trusted.clone())).into();
        variables.insert("NODE_EXTRA_CA_CERTS".to_owned(), file(&self.authority()));
        variables
    }

    /// Whether a client that has connected speaks TLS; waits for its first byte.
    pub(crate) async fn is_wanted(stream: &TcpStream) -> std::io::Result<bool> {
        let mut first = [0];
        Ok(stream.peek(&mut first).await? > 0 && first == [HANDSHAKE])
    }

    /// Ends the handshake with such a client.
    pub(crate) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "Local API gateway");
    CertifiedIssuer::self_signed(authority, KeyPair::generate()?)
}

/// Each API by its name: clients take no wildcard below `localhost`.
fn of_this_machine(application: &Application) -> Result<CertificateParams, rcgen::Error> {
    let apis = application.api_ids();
    let apis = apis.flat_map(|id| [format!("{id}.localhost"), origin::on_aws(id, &application.region)]);
    let names: Vec<_> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into_iter().chain(apis).collect();
    let mut certificate = CertificateParams::new(names)?;
    certificate.distinguished_name.push(DnType::CommonName, "localhost");
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.use_authority_key_identifier_extension = true;
    Ok(certificate)
}
