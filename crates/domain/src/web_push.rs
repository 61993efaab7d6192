//! Browsers that notifications can be pushed to (RFC 8030, RFC 8291), and where a push service may be.
//!
//! An endpoint is an address that a client chose and this backend calls: it is taken only of push services that are
//! known by their names, and only addresses that anybody could reach are connected to (security H2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

use crate::problem::Problem;

/// Most characters of an endpoint: those of browsers have up to about 800.
const ENDPOINT: usize = 2048;
/// Receivers on this machine, where they are allowed: this address and no name, which could lead elsewhere.
const LOOPBACK: &str = "127.0.0.1";

/// The push services that are called, as the setting `WEB_PUSH_HOSTS` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushHosts {
    hosts: Vec<String>,
    loopback: bool,
}

impl PushHosts {
    /// From a list separated by commas: hosts, which stand for everything below them too. `127.0.0.1` among them lets
    /// receivers on this machine be called, over HTTP.
    pub fn parse(list: &str) -> Result<Self, Problem> {
        let hosts = list.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty());
        let (here, hosts): (Vec<_>, Vec<_>) = hosts.partition(|host| host == LOOPBACK);
        if let Some(bad) = hosts.iter().find(|host| !is_host(host)) {
            return Err(Problem::new(format!("{bad} is not the name of a host")));
        }
        Ok(Self { hosts, loopback: !here.is_empty() })
    }

    fn have(&self, host: &str) -> bool {
        let below = |known: &String| host.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.'));
        self.hosts.iter().any(|known| host == known || below(known))
    }
}

/// Where a browser's push service takes messages for it. Whoever knows it can have something sent there: it is in no
/// log.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    text: String,
    origin: usize,
}

impl Endpoint {
    /// Reads the endpoint of a subscription. The rules are narrower than those of a URL, so that nobody reads it as
    /// another one: `https`, a name in lower case without user, port or number, then a path.
    pub fn parse(text: &str, hosts: &PushHosts) -> Result<Self, Problem> {
        let endpoint = Self::known(text)?;
        let Some(host) = endpoint.text[..endpoint.origin].strip_prefix("https://") else {
            // `known` has let in nothing else than this machine.
            return if hosts.loopback { Ok(endpoint) } else { Err(Problem::new("must be an https:// address")) };
        };
        if hosts.have(host) { Ok(endpoint) } else { Err(Problem::new("must be of a known push service")) }
    }

    /// Reads an endpoint that may be of a push service that is not called (any more): to end it.
    pub fn known(text: &str) -> Result<Self, Problem> {
        if text.len() > ENDPOINT {
            return Err(Problem::new("must be at most 2048 characters"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['\\', '#']) {
            return Err(Problem::new("must be an address"));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(|| Problem::new("must be an https:// address"))?;
        let authority = rest.find('/').map(|end| &rest[..end]).ok_or_else(|| Problem::new("must have a path"))?;
        let allowed = match scheme {
            "https" => is_host(authority),
            "http" => authority
                .strip_prefix(LOOPBACK)
                .and_then(|port| port.strip_prefix(':'))
                .is_some_and(|port| port.parse::<u16>().is_ok_and(|number| number.to_string() == port)),
            _ => false,
        };
        if !allowed {
            return Err(Problem::new("must be an https:// address of a named host without a port"));
        }
        Ok(Self { origin: scheme.len() + 3 + authority.len(), text: text.to_owned() })
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme and host: what a push service is proven to that a message is meant for it (RFC 8292 `aud`).
    pub fn origin(&self) -> &str {
        &self.text[..self.origin]
    }

    /// The host, without a port.
    pub fn host(&self) -> &str {
        let authority = self.origin().split("://").nth(1).unwrap_or_default();
        authority.split(':').next().unwrap_or_default()
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Endpoint({}/…)", self.origin())
    }
}

/// A DNS name of at least two labels, whose last one is no number: no address in figures, however it is written.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && text.split('.').next_back().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()))
}

/// Whether an address is one that anybody could reach: none of this machine, of a network of its own, or of a cloud's
/// metadata. What is not known to be public is not.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// What the special-purpose registry of IANA does not name (RFC 6890), and is no multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [one, two, three, _] = address.octets();
    let reserved = matches!(
        (one, two, three),
        (0 | 10 | 127 | 224.., _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !reserved
}

/// Global unicast without what holds an IPv4 address (Teredo, 6to4) or is for documentation. Mapped addresses and NAT64
/// are outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [one, two, ..] = address.segments();
    let global = one & 0xe000 == 0x2000;
    let reserved = matches!((one, two), (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff));
    global && !reserved
}

/// A browser's public key and secret, with which what is pushed is encrypted for it (RFC 8291).
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserKeys {
    p256dh: Vec<u8>,
    auth: [u8; 16],
}

impl BrowserKeys {
    /// From both as they were stored or sent.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, Problem> {
        Ok(Self { p256dh: Self::parse_p256dh(p256dh)?, auth: Self::parse_auth(auth)? })
    }

    /// Reads a public key: a point of P-256, uncompressed, in base64url. Whether it lies on the curve is seen when it is
    /// used.
    pub fn parse_p256dh(text: &str) -> Result<Vec<u8>, Problem> {
        let point = decoded(text).filter(|point| point.len() == 65 && point[0] == 4);
        point.ok_or_else(|| Problem::new("must be an uncompressed P-256 point in base64url"))
    }

    /// Reads a secret: 16 bytes in base64url.
    pub fn parse_auth(text: &str) -> Result<[u8; 16], Problem> {
        let bytes = decoded(text).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| Problem::new("must be 16 bytes in base64url"))
    }

    /// From both as they were read.
    pub fn new(p256dh: Vec<u8>, auth: [u8; 16]) -> Self {
        Self { p256dh, auth }
    }

    /// The public key: 65 bytes.
    pub fn p256dh(&self) -> &[u8] {
        &self.p256dh
    }

    /// The secret.
    pub fn auth(&self) -> &[u8; 16] {
        &self.auth
    }

    /// The public key as it is stored.
    pub fn p256dh_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.p256dh)
    }

    /// The secret as it is stored.
    pub fn auth_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.auth)
    }
}

impl std::fmt::Debug for BrowserKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BrowserKeys(…)")
    }
}

/// Browsers leave the padding out; some libraries write it.
fn decoded(text: &str) -> Option<Vec<u8>> {
    if text.len() > 128 {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests;
