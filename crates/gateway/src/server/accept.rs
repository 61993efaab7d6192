//! Connections, and which part of the gateway answers a request.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;

use super::{Gateway, functions, handshake, http_api, management, queues};
use crate::origin::Origin;
use crate::socket;
use crate::tls::Tls;

/// What is read and thrown away of a body that was refused, so that the client gets to read the refusal.
const DRAINED: usize = 64 * 1024 * 1024;
/// How long that may take.
const DRAINING: Duration = Duration::from_secs(5);

/// A request's head, and where it came from.
pub(super) struct Head {
    pub(super) parts: Parts,
    pub(super) peer: IpAddr,
    /// Whether it came by TLS.
    pub(super) secure: bool,
}

impl Head {
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Name and port that the client used.
    pub(super) fn host(&self) -> Option<&str> {
        self.parts.uri.authority().map(http::uri::Authority::as_str).or_else(|| self.header("host"))
    }

    /// The address the client used, as events tell it.
    pub(super) fn origin(&self, gateway: &Gateway, api_id: &str) -> Origin {
        let fallback = format!("localhost:{}", gateway.port);
        let authority = self.host().unwrap_or(&fallback);
        let region = &gateway.application().region;
        let origin = Origin::new(gateway.behaviour.domain, authority, gateway.port, self.peer, api_id, region);
        Origin { protocol: if self.secure { "https" } else { origin.protocol }, ..origin }
    }
}

/// Accepts connections until the gateway stops.
pub(crate) async fn accept(gateway: Arc<Gateway>, listener: TcpListener) {
    loop {
        tokio::select! {
            () = gateway.stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => gateway.spawn(serve(Arc::clone(&gateway), stream, peer)),
                // Out of file descriptors, most likely: some will be free again.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

async fn serve(gateway: Arc<Gateway>, stream: TcpStream, peer: SocketAddr) {
    // Small answers must not wait for acknowledgements of earlier ones.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &gateway.tls else { return speak(&gateway, stream, peer, false).await };
    let greeting = async {
        Ok::<_, std::io::Error>(if Tls::is_wanted(&stream).await? {
            Greeted::Secure(Box::new(tls.accept(stream).await?))
        } else {
            Greeted::Plain(stream)
        })
    };
    let greeted = tokio::select! {
        () = gateway.stop.cancelled() => return,
        greeted = tokio::time::timeout(gateway.limits.http_read, greeting) => greeted,
    };
    // Whoever says nothing, or breaks the handshake off, gets no answer.
    match greeted {
        Ok(Ok(Greeted::Secure(stream))) => speak(&gateway, stream, peer, true).await,
        Ok(Ok(Greeted::Plain(stream))) => speak(&gateway, stream, peer, false).await,
        Ok(Err(_)) | Err(_) => {}
    }
}

/// A connection as its client began it.
enum Greeted {
    Secure(Box<TlsStream<TcpStream>>),
    Plain(TcpStream),
}

async fn speak<S>(gateway: &Arc<Gateway>, stream: S, peer: SocketAddr, secure: bool)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| {
        let gateway = Arc::clone(gateway);
        async move { Ok::<_, Infallible>(answer(gateway, request, peer.ip(), secure).await) }
    });
    let connection = http1::Builder::new()
        .title_case_headers(true)
        .timer(TokioTimer::new())
        .header_read_timeout(gateway.limits.http_read)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    // How a connection ended is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = gateway.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn answer(
    gateway: Arc<Gateway>,
    mut request: Request<Incoming>,
    peer: IpAddr,
    secure: bool,
) -> Response<Full<Bytes>> {
    if socket::handshake::wanted(request.headers()) && !gateway.application().websocket_apis.is_empty() {
        let keep_alive = keeps_alive(&request);
        let upgrade = hyper::upgrade::on(&mut request);
        let head = Head { parts: request.into_parts().0, peer, secure };
        let mut response = handshake::answer(gateway, head, upgrade).await;
        if keep_alive && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        }
        return response;
    }
    let keep_alive = keeps_alive(&request);
    let (parts, body) = request.into_parts();
    let head = Head { parts, peer, secure };
    let answer = if let Some(target) = management::target(&gateway, &head) {
        management::answer(&gateway, &head, target, body).await
    } else if let Some(function) = functions::function(&head) {
        functions::answer(&gateway, &head, &function, body).await
    } else if let Some(operation) = queues::operation(&gateway, &head) {
        queues::answer(&gateway, &head, operation, body).await
    } else {
        http_api::answer(&gateway, &head, body).await
    };
    let mut response = Response::from(answer);
    if keep_alive {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    response
}

fn keeps_alive(request: &Request<Incoming>) -> bool {
    let closes = request.headers().get_all(CONNECTION).iter().any(|value| {
        value.to_str().is_ok_and(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case("close")))
    });
    request.version() == Version::HTTP_11 && !closes
}

/// Why a body could not be read.
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

/// Reads a body of at most `limit` bytes. A larger one is refused as soon as that is known (H-34).
pub(super) async fn read(gateway: &Gateway, head: &Head, mut body: Incoming, limit: usize) -> Result<Bytes, Unread> {
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        discard(gateway, head, body);
        return Err(Unread::TooLarge);
    }
    let mut whole = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    let reading = async {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Unread::Broken)?;
            if let Ok(data) = frame.into_data() {
                if whole.len() + data.len() > limit {
                    return Err(Unread::TooLarge);
                }
                whole.extend_from_slice(&data);
            }
        }
        Ok(())
    };
    let read = tokio::time::timeout(gateway.limits.http_read, reading).await.unwrap_or(Err(Unread::TooSlow));
    match read {
        Ok(()) => Ok(whole.into()),
        Err(unread) => {
            if matches!(unread, Unread::TooLarge) {
                discard(gateway, head, body);
            }
            Err(unread)
        }
    }
}

/// Reads on for a while without keeping anything: a connection closed with unread data is reset, and the client would
/// lose the answer. One that waits for `100 Continue` sends nothing.
pub(super) fn discard(gateway: &Gateway, head: &Head, mut body: Incoming) {
    if body.is_end_stream() || head.parts.headers.contains_key(EXPECT) {
        return;
    }
    gateway.spawn(async move {
        let mut left = DRAINED;
        let draining = async {
            while let Some(Ok(frame)) = body.frame().await {
                left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
                if left == 0 {
                    return;
                }
            }
        };
        // What remains after that is the client's problem.
        let _ = tokio::time::timeout(DRAINING, draining).await;
    });
}
