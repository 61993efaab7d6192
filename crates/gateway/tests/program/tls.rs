//! TLS on the same port, and functions that trust it.

use std::path::Path;
use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::support::{Run, folder, place, soon, template};

async fn echo() -> (Run, tempfile::TempDir) {
    let folder = folder(&template("target/lambda/echo/", "bootstrap", "provided.al2023"));
    place(&folder.path().join("target/lambda/echo/bootstrap"));
    (Run::start(folder.path(), &[]).await, folder)
}

fn address(run: &Run) -> String {
    run.url.replace("http://localhost", "127.0.0.1")
}

/// A connection that trusts this authority alone.
async fn connect(run: &Run, authority: &Path, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address(run)).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn t_05_the_same_port_speaks_tls_and_functions_trust_it() {
    let (run, _folder) = echo().await;
    let (_, variables) = run.get("/echo?do=environment").await;
    let variables: Value = serde_json::from_str(&variables).unwrap();
    let authority = Path::new(variables["NODE_EXTRA_CA_CERTS"].as_str().unwrap());
    let own = std::fs::read_to_string(authority).unwrap();
    for name in ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let trusted = std::fs::read_to_string(variables[name].as_str().unwrap()).unwrap();
        assert!(trusted.ends_with(&own), "{name}");
    }

    let api = format!("{}.localhost", run.apis[0]["apiId"].as_str().unwrap());
    for name in ["localhost", &api, "127.0.0.1"] {
        let mut stream = connect(&run, authority, name).await.unwrap();
        let request = format!("GET /echo HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // It may end without TLS's own goodbye.
        let _ = soon(stream.read_to_string(&mut answer)).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains(r#""x-forwarded-proto":"https""#), "{answer}");
    }
    assert!(connect(&run, authority, "example.com").await.is_err());

    let stream = connect(&run, authority, "localhost").await.unwrap();
    let request = "wss://localhost/default".into_client_request().unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    let answer = soon(socket.next()).await.unwrap().unwrap();
    assert!(answer.into_text().unwrap().contains(r#""body":"hello""#));
    assert!(run.stop().await);
}

#[tokio::test]
async fn a_client_that_says_nothing_or_breaks_off_disturbs_nobody() {
    let (run, _folder) = echo().await;
    let _silent = TcpStream::connect(address(&run)).await.unwrap();
    let mut broken = TcpStream::connect(address(&run)).await.unwrap();
    broken.write_all(&[0x16, 3, 1, 0xff]).await.unwrap();
    drop(broken);
    assert_eq!(run.get("/echo").await.0, 200);
    // Nor does the silent one keep it from stopping.
    assert!(run.stop().await);
}
