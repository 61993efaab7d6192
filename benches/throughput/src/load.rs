//! Clients: so many at once, each asking again as soon as it has its answer.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// Far more than an answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long each answer took, and how long all of it.
pub(crate) type Round = (Vec<Duration>, Duration);

/// Sends GET requests over so many connections for a while. Connections are kept open where the server lets them.
pub(crate) async fn requests(url: &str, connections: usize, length: Duration) -> Result<Round, String> {
    let url: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let start = Instant::now();
    let clients = (0..connections).map(|_| tokio::spawn(client(url.clone(), start + length)));
    gathered(start, join_all(clients).await)
}

fn gathered(
    start: Instant,
    clients: Vec<Result<Result<Vec<Duration>, String>, tokio::task::JoinError>>,
) -> Result<Round, String> {
    let took = start.elapsed();
    let mut answers = Vec::new();
    for client in clients {
        answers.extend(client.map_err(|error| error.to_string())??);
    }
    Ok((answers, took))
}

async fn client(url: Uri, end: Instant) -> Result<Vec<Duration>, String> {
    let mut answers = Vec::new();
    let mut connection = connect(&url).await?;
    while Instant::now() < end {
        if connection.is_closed() {
            connection = connect(&url).await?;
        }
        let start = Instant::now();
        ask(&mut connection, &url).await?;
        answers.push(start.elapsed());
    }
    Ok(answers)
}

async fn connect(url: &Uri) -> Result<SendRequest<Empty<Bytes>>, String> {
    let address = (url.host().unwrap_or_default(), url.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(|error| format!("{url}: {error}"))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(connection: &mut SendRequest<Empty<Bytes>>, url: &Uri) -> Result<(), String> {
    let asking = async {
        connection.ready().await?;
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let host = url.authority().map_or("localhost", |authority| authority.as_str());
        let request = Request::get(path).header("host", host).body(Empty::new()).expect("a request");
        let answer = connection.send_request(request).await?;
        let status = answer.status();
        Ok::<_, hyper::Error>((status, answer.into_body().collect().await?.to_bytes()))
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok((status, body))) if status == 200 && body == "ok" => Ok(()),
        Ok(Ok((status, body))) => Err(format!("{url}: {status} {}", String::from_utf8_lossy(&body))),
        Ok(Err(error)) => Err(format!("{url}: {error}")),
        Err(_) => Err(format!("{url}: no answer")),
    }
}

/// Whether it answers now.
pub(crate) async fn answers(url: &str) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    ask(&mut connect(&uri).await?, &uri).await
}

/// Sends a message and waits for what comes back, over so many WebSocket connections for a while. Opening them does not
/// count.
pub(crate) async fn round_trips(url: &str, connections: usize, length: Duration) -> Result<Round, String> {
    let opened = join_all((0..connections).map(|_| connect_async(url))).await;
    let sockets: Vec<_> =
        opened.into_iter().collect::<Result<_, _>>().map_err(|error| format!("{url}: handshake: {error}"))?;
    let start = Instant::now();
    let clients = sockets.into_iter().map(|(mut socket, _)| {
        let url = url.to_owned();
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while start.elapsed() < length {
                let sent = Instant::now();
                socket.send(Message::text(r#"{"action":"ask"}"#)).await.map_err(|error| error.to_string())?;
                let answer = tokio::time::timeout(PATIENCE, socket.next()).await;
                match answer {
                    Ok(Some(Ok(Message::Text(_)))) => answers.push(sent.elapsed()),
                    other => return Err(format!("{url}: instead of an answer: {other:?}")),
                }
            }
            let _ = socket.close(None).await;
            Ok(answers)
        })
    });
    gathered(start, join_all(clients).await)
}
