//! What events say about the address the client used (T-05, H-29) and about the client itself.

use std::net::IpAddr;

use crate::Domain;

/// Where a request came to and from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `domainName` and the `host` header, e.g. `localhost:3001`.
    pub domain: String,
    /// `x-forwarded-proto`.
    pub protocol: &'static str,
    /// `x-forwarded-port`.
    pub port: u16,
    /// The peer's address (H-30).
    pub source_ip: IpAddr,
}

impl Origin {
    /// `authority` is the request's `Host`; `port` is the listener's.
    pub fn new(form: Domain, authority: &str, port: u16, source_ip: IpAddr, api_id: &str, region: &str) -> Self {
        let source_ip = source_ip.to_canonical();
        match form {
            Domain::Authority => Self { domain: authority.to_owned(), protocol: "http", port, source_ip },
            Domain::Aws => {
                let domain = on_aws(api_id, region);
                Self { domain, protocol: "https", port: 443, source_ip }
            }
        }
    }

    /// First label of the domain.
    pub fn prefix(&self) -> &str {
        let name = self.domain.rsplit_once(':').map_or(self.domain.as_str(), |(name, _)| name);
        name.split('.').next().unwrap_or(name)
    }

    /// `x-forwarded-for`: what the client sent, then the peer's address.
    pub fn forwarded_for(&self, sent: Option<&str>) -> String {
        match sent.filter(|sent| !sent.is_empty()) {
            Some(sent) => format!("{sent}, {}", self.source_ip),
            None => self.source_ip.to_string(),
        }
    }
}

/// The name that an API has on AWS.
pub fn on_aws(api_id: &str, region: &str) -> String {
    format!("{api_id}.execute-api.{region}.amazonaws.com")
}

/// Those of some APIs that a host name can mean: the one that it names; all of them when there is none such, as on a laptop.
pub fn addressed<'a, T: 'a>(
    apis: impl Iterator<Item = &'a T> + Clone,
    id: impl Fn(&T) -> &str,
    host: Option<&str>,
) -> impl Iterator<Item = &'a T> {
    let named = apis.clone().any(|api| names(host, id(api)));
    apis.filter(move |api| !named || names(host, id(api)))
}

/// Whether a host name is that of the API with this id: its first label is, as in `{apiId}.execute-api.{region}.…` or
/// `{apiId}.localhost:3001`.
pub fn names(host: Option<&str>, api_id: &str) -> bool {
    host.and_then(|host| host.split(['.', ':']).next()) == Some(api_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn t_05_events_carry_the_authority_that_was_used_or_the_form_of_aws() {
        let local = Origin::new(Domain::Authority, "localhost:3001", 3001, PEER, "abc", "us-east-1");
        assert_eq!((local.domain.as_str(), local.prefix()), ("localhost:3001", "localhost"));
        assert_eq!((local.protocol, local.port), ("http", 3001));
        let aws = Origin::new(Domain::Aws, "localhost:3001", 3001, PEER, "abc", "us-east-1");
        assert_eq!((aws.domain.as_str(), aws.prefix()), ("abc.execute-api.us-east-1.amazonaws.com", "abc"));
        assert_eq!((aws.protocol, aws.port), ("https", 443));
    }

    #[test]
    fn h_29_forwarded_for_ends_with_the_peer() {
        let mapped = IpAddr::V6(std::net::Ipv4Addr::LOCALHOST.to_ipv6_mapped());
        let origin = Origin::new(Domain::Authority, "localhost", 80, mapped, "abc", "us-east-1");
        assert_eq!(origin.forwarded_for(None), "127.0.0.1");
        assert_eq!(origin.forwarded_for(Some("203.0.113.9")), "203.0.113.9, 127.0.0.1");
    }
}
