//! Realistic templates, one in each style.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway::model::{Application, Cors, HttpRoute, Statement};
use gateway::template::{Settings, read};
use serde_json::json;

fn fixture(name: &str, parameters: &[(&str, &str)]) -> Application {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let settings = Settings { parameters, ..Settings::default() };
    read(&folder(name).join("template.yaml"), &settings).unwrap_or_else(|errors| panic!("{errors}"))
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates").join(name)
}

const GIVEN: &[(&str, &str)] = &[("PublicKeys", "a=b"), ("SigningKey", "long enough")];

#[test]
fn sam_functions() {
    let application = fixture("sam", GIVEN);
    let names: Vec<&str> = application.functions.keys().map(String::as_str).collect();
    assert_eq!(names, ["AuthorizerFunction", "ListFunction", "SocketFunction", "UploadFunction"]);

    let upload = &application.functions["UploadFunction"];
    assert_eq!(upload.name, "parlance-upload-dev");
    assert_eq!(upload.code, folder("sam").join("target/lambda/upload"));
    assert_eq!((upload.handler.as_str(), upload.runtime.as_str()), ("bootstrap", "provided.al2023"));
    assert_eq!((upload.architecture.as_str(), upload.memory_mb), ("arm64", 256));
    assert_eq!((upload.timeout, upload.reserved_concurrency), (Duration::from_secs(29), Some(5)));
    let environment = [
        ("BUCKET_NAME", "parlance-bucket"),
        ("LOG_LEVEL", "debug"),
        ("RETENTION", "30"),
        ("TABLE_NAME", "parlance-Table"),
    ];
    assert_eq!(upload.environment, strings(&environment));
    assert_eq!((upload.location.line, upload.location.column), (54, 3));

    let list = &application.functions["ListFunction"];
    assert_eq!((list.name.as_str(), list.timeout), ("parlance-ListFunction", Duration::from_secs(10)));
    let statement = Statement {
        sid: Some("ReadItems".into()),
        allow: true,
        actions: vec!["dynamodb:Query".into(), "dynamodb:GetItem".into()],
        resources: vec![
            "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-Table".into(),
            "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-Table/index/*".into(),
        ],
        ..Statement::default()
    };
    assert_eq!(list.policies, [statement]);

    let socket = &application.functions["SocketFunction"];
    let api = &application.websocket_apis["SocketApi"].api_id;
    assert_eq!(
        socket.environment["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"],
        format!("https://{api}.execute-api.us-east-1.amazonaws.com/dev")
    );
    let resources: Vec<&str> =
        socket.policies.iter().flat_map(|statement| &statement.resources).map(String::as_str).collect();
    assert!(resources[0].ends_with(&format!("{api}/dev/POST/@connections/*")), "{resources:?}");
    assert!(resources[1].starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:parlance/signing-key-"));
}

#[test]
fn sam_apis() {
    let application = fixture("sam", GIVEN);
    let http = &application.http_apis["HttpApi"];
    let routes: Vec<(String, &str, u128)> =
        http.routes.iter().map(|route| (route.key(), route.function.as_str(), route.timeout.as_millis())).collect();
    let expected = [
        ("GET /items".to_owned(), "ListFunction", 5_000),
        ("GET /items/{itemId}".to_owned(), "ListFunction", 30_000),
        ("ANY /files/{path+}".to_owned(), "UploadFunction", 30_000),
    ];
    assert_eq!(routes, expected);
    assert_eq!(
        (http.stages[0].name.as_str(), &http.stages[0].variables),
        ("$default", &strings(&[("colour", "blue")]))
    );
    let cors = Cors {
        allow_origins: vec!["*".into()],
        allow_methods: vec!["GET".into(), "POST".into()],
        allow_headers: vec!["authorization".into(), "content-type".into()],
        max_age: Some(600),
        ..Cors::default()
    };
    assert_eq!(http.cors, Some(cors));
    assert!(http.api_id.len() == 10 && http.api_id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));

    let socket = &application.websocket_apis["SocketApi"];
    assert_eq!((socket.stage.as_str(), socket.route_selection_expression.as_str()), ("dev", "$request.body.action"));
    let routes: Vec<(&str, bool, u128)> =
        socket.routes.iter().map(|(key, route)| (key.as_str(), route.two_way, route.timeout.as_millis())).collect();
    let expected = [
        ("$connect", false, 29_000),
        ("$default", false, 29_000),
        ("$disconnect", false, 3_000),
        ("send", true, 29_000),
    ];
    assert_eq!(routes, expected);
    let authorizer = socket.authorizer.as_ref().unwrap();
    assert_eq!(authorizer.function, "AuthorizerFunction");
    assert_eq!(authorizer.identity_sources, ["route.request.querystring.token"]);
    assert_ne!(socket.api_id, http.api_id);
}

#[test]
fn sam_rest() {
    let application = fixture("sam", GIVEN);
    let resources: Vec<&str> = application.resources.keys().map(String::as_str).collect();
    assert_eq!(resources, ["Bucket", "Logs", "Secret", "Table"]);
    assert_eq!(application.resources["Logs"].properties["LogGroupName"], "/aws/lambda/parlance-upload-dev");
    assert_eq!(application.resources["Logs"].properties["RetentionInDays"], 30);
    assert_eq!(application.resources["Secret"].properties["SecretString"], "long enough");
    assert_eq!(
        application.resources["Table"].properties["PointInTimeRecoverySpecification"],
        json!({"PointInTimeRecoveryEnabled": true})
    );
    let http = &application.http_apis["HttpApi"].api_id;
    let socket = &application.websocket_apis["SocketApi"].api_id;
    let outputs = BTreeMap::from([
        ("HttpUrl".to_owned(), json!(format!("https://{http}.execute-api.us-east-1.amazonaws.com"))),
        ("SocketUrl".to_owned(), json!(format!("wss://{socket}.execute-api.us-east-1.amazonaws.com/dev"))),
    ]);
    assert_eq!(application.outputs, outputs);
    let parameters = [
        ("LogRetentionDays", "30"),
        ("Origins", "*"),
        ("PublicKeys", "a=b"),
        ("SigningKey", "long enough"),
        ("Stage", "dev"),
    ];
    assert_eq!(application.parameters, strings(&parameters));
}

#[test]
fn parameters_change_what_they_reach() {
    let given = [GIVEN, &[("Stage", "production"), ("Origins", "https://a.example, https://b.example")]].concat();
    let application = fixture("sam", &given);
    let upload = &application.functions["UploadFunction"];
    assert_eq!((upload.name.as_str(), upload.memory_mb), ("parlance-upload-production", 1024));
    assert_eq!(upload.environment["ALARM"], "errors");
    assert_eq!(application.websocket_apis["SocketApi"].stage, "production");
    let cors = application.http_apis["HttpApi"].cors.as_ref().unwrap();
    assert_eq!(cors.allow_origins, ["https://a.example", "https://b.example"]);
    assert!(application.resources.contains_key("Alarm"));
    assert_eq!(application.outputs["AlarmName"], "errors");
}

#[test]
fn raw_apis() {
    let application = fixture("raw", &[]);
    let socket = &application.websocket_apis["SocketApi"];
    assert_eq!((socket.stage.as_str(), &socket.stage_variables), ("live", &strings(&[("colour", "red")])));
    assert_eq!(socket.route_selection_expression, "${request.body.kind}");
    let connect = &socket.routes["$connect"];
    assert_eq!((connect.function.as_str(), connect.two_way), ("Connect", false));
    let say = &socket.routes["message:say"];
    assert_eq!((say.function.as_str(), say.two_way, say.timeout), ("Chat", true, Duration::from_secs(1)));
    let authorizer = socket.authorizer.as_ref().unwrap();
    assert_eq!(authorizer.function, "Connect");
    assert_eq!(authorizer.identity_sources, ["route.request.header.Authorization"]);

    let http = &application.http_apis["HttpApi"];
    assert_eq!(http.routes.len(), 1);
    assert_eq!((http.routes[0].key().as_str(), http.routes[0].function.as_str()), ("GET /rooms/{room}", "Chat"));
    assert!(http.cors.as_ref().unwrap().allow_credentials);
    assert_eq!(application.outputs["Endpoint"], format!("wss://{}.execute-api.us-east-1.amazonaws.com", socket.api_id));
}

#[test]
fn raw_functions_have_the_statements_of_their_role() {
    let application = fixture("raw", &[]);
    let connect = &application.functions["Connect"];
    assert_eq!((connect.name.as_str(), &connect.code), ("parlance-Connect", &folder("raw").join("connect")));
    assert_eq!(application.functions["Chat"].code, PathBuf::new());
    for function in application.functions.values() {
        let statements: Vec<(bool, &str)> =
            function.policies.iter().map(|s| (s.allow, s.actions[0].as_str())).collect();
        assert_eq!(statements, [(true, "dynamodb:GetItem"), (false, "dynamodb:PutItem")]);
    }
    let rest: Vec<&str> = application.resources.keys().map(String::as_str).collect();
    assert_eq!(rest, ["Deployment", "Extra", "Role"]);
}

#[test]
fn nested_applications() {
    let application = fixture("nested", &[("Stage", "test")]);
    let names: Vec<&str> = application.functions.keys().map(String::as_str).collect();
    assert_eq!(names, ["ReadFunction", "Storage.Sweep"]);
    let table = "parlance-Storage-test-a,b";
    let environment = [
        ("DEEP", "parlance-storage-files-bucket"),
        ("TABLE_ARN", "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-Storage-test-a,b"),
        ("TABLE_NAME", table),
    ];
    assert_eq!(application.functions["ReadFunction"].environment, strings(&environment));
    assert_eq!(application.functions["Storage.Sweep"].name, "parlance-Storage-Sweep");
    let resources: Vec<&str> = application.resources.keys().map(String::as_str).collect();
    assert_eq!(resources, ["Storage", "Storage.Files", "Storage.Files.Bucket", "Storage.Table"]);
    assert_eq!(application.resources["Storage.Table"].properties["TableName"], table);
    assert_eq!(application.resources["Storage.Table"].location.file, folder("nested").join("infra/storage.yaml"));
    assert_eq!(application.outputs["Table"], table);
    // The implicit API, and a route of the root path.
    let routes: Vec<String> = application.http_apis["ServerlessHttpApi"].routes.iter().map(HttpRoute::key).collect();
    assert_eq!(routes, ["GET /"]);
}

fn strings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
