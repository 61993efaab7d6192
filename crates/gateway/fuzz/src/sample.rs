//! APIs, stages and connections that inputs are read against.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use gateway::Domain;
use gateway::model::{
    Authorization, Cors, HttpApi, HttpRoute, Location, Mapping, PayloadFormat, Stage, Throttling, WebSocketApi,
    WebSocketRoute,
};
use gateway::origin::Origin;
use gateway::socket::event::Session;
use jiff::Timestamp;

/// Where everything is.
pub fn location() -> Location {
    Location { file: PathBuf::from("t"), line: 1, column: 1 }
}

/// An HTTP API of one route, with a default and a named stage.
pub fn http_api(method: &str, path: &str, payload_format: PayloadFormat) -> HttpApi {
    let variables = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
    let stage = |name: &str| Stage {
        name: name.to_owned(),
        variables: variables.clone(),
        throttling: Throttling::default(),
        location: location(),
    };
    let route = HttpRoute {
        method: method.to_owned(),
        path: path.to_owned(),
        function: "F".to_owned(),
        backend: None,
        mapping: Mapping::default(),
        payload_format,
        authorization: Authorization::Open,
        timeout: Duration::from_secs(30),
        location: location(),
    };
    HttpApi {
        logical_id: "A".to_owned(),
        api_id: "a".to_owned(),
        stages: vec![stage("$default"), stage("dev")],
        routes: vec![route],
        cors: Some(cors()),
        authorizers: BTreeMap::new(),
        location: location(),
    }
}

/// Exact and open origins.
pub fn cors() -> Cors {
    Cors {
        allow_origins: vec!["https://a.example".to_owned(), "http://*".to_owned()],
        allow_methods: vec!["GET".to_owned()],
        allow_headers: vec!["authorization".to_owned()],
        expose_headers: vec!["x-a".to_owned()],
        max_age: Some(1),
        allow_credentials: true,
    }
}

/// A WebSocket API at stage `dev` with a few routes.
pub fn websocket_api(expression: &str) -> WebSocketApi {
    let route = WebSocketRoute {
        function: "F".to_owned(),
        custom: None,
        two_way: true,
        timeout: Duration::from_secs(29),
        location: location(),
    };
    let keys = ["$connect", "$disconnect", "$default", "named", "7", "true", "a-b"];
    WebSocketApi {
        logical_id: "S".to_owned(),
        api_id: "s".to_owned(),
        stage: "dev".to_owned(),
        stage_variables: BTreeMap::from([("v".to_owned(), "1".to_owned())]),
        throttling: Throttling::default(),
        route_selection_expression: expression.to_owned(),
        routes: keys.iter().map(|key| ((*key).to_owned(), route.clone())).collect(),
        authorizer: None,
        signed: false,
        location: location(),
    }
}

/// From a client of this machine.
pub fn origin(domain: Domain, authority: &str) -> Origin {
    Origin::new(domain, authority, 1, std::net::Ipv4Addr::LOCALHOST.into(), "a", "us-east-1")
}

/// An open connection.
pub fn session(user_agent: Option<&str>) -> Session {
    Session {
        api_id: "s".to_owned(),
        stage: "dev".to_owned(),
        stage_variables: BTreeMap::from([("v".to_owned(), "1".to_owned())]),
        connection_id: "gbgBJy8a2QAYKEjfZA==".to_owned(),
        connected_at: Timestamp::UNIX_EPOCH,
        domain: "localhost:1".to_owned(),
        source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
        user_agent: user_agent.map(str::to_owned),
        authorizer: serde_json::Map::new(),
        iam: None,
    }
}
