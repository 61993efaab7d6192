//! What templates come to when they have no mistakes: functions of CloudFormation, names, globals, forms of properties.

use std::collections::BTreeMap;

use gateway::template::Settings;
use serde_json::{Value, json};

use crate::support::{application, read_files, try_read};

/// The value of an expression, as an output of a template with some parameters, mappings and resources.
fn value(expression: &str) -> Value {
    let text = format!(
        "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n\
         Parameters:\n  Name: {{ Type: String, Default: ann }}\n  Count: {{ Type: Number, Default: 3 }}\n  \
         List: {{ Type: CommaDelimitedList, Default: 'a, b,c' }}\n  Empty: {{ Type: CommaDelimitedList, Default: '' }}\n\
         Mappings:\n  Sizes:\n    small: {{ Memory: 128, Zones: [x, y] }}\n    ann: {{ Memory: 256 }}\n\
         Conditions:\n  Yes: !Equals [!Ref Name, ann]\n  No: !Not [!Condition Yes]\n  \
         Both: !And [!Condition Yes, !Condition No]\n  Either: !Or [!Condition No, {{ Condition: Yes }}]\n\
         Resources:\n  Before: {{ Type: AWS::DynamoDB::Table, Properties: {{ TableName: !Sub '${{Later}}-x' }} }}\n  \
         Later: {{ Type: AWS::S3::Bucket }}\n  Queue: {{ Type: AWS::SQS::Queue }}\n  Topic: {{ Type: AWS::SNS::Topic }}\n  \
         Key: {{ Type: AWS::KMS::Key }}\n  Role: {{ Type: AWS::IAM::Role }}\n  Logs: {{ Type: AWS::Logs::LogGroup }}\n  \
         Thing: {{ Type: Custom::Thing }}\n  Machine: {{ Type: AWS::StepFunctions::StateMachine }}\n  \
         Secret: {{ Type: AWS::SecretsManager::Secret, Properties: {{ Name: s }} }}\n  \
         Function: {{ Type: AWS::Serverless::Function, Properties: {{ CodeUri: . }} }}\n  \
         Api: {{ Type: AWS::Serverless::HttpApi }}\n\
         Outputs:\n  Out:\n    Value: {expression}\n"
    );
    application(&text).outputs["Out"].clone()
}

#[test]
fn t_04_functions() {
    let cases = [
        ("plain", json!("plain")),
        ("!Ref Name", json!("ann")),
        ("{ Ref: Name }", json!("ann")),
        ("!Ref Count", json!(3)),
        ("!Ref List", json!(["a", "b", "c"])),
        ("!Ref Empty", json!([])),
        ("!Sub '${Name}-${Count}-${List}'", json!("ann-3-a,b,c")),
        ("!Sub ['${Name}/${Other}/${!Name}', { Other: !Ref Count, Name: local }]", json!("local/3/${Name}")),
        ("{ 'Fn::Sub': '${AWS::StackName}' }", json!("parlance")),
        ("!Join ['-', [a, !Ref Name, !Ref Count]]", json!("a-ann-3")),
        ("!Join ['', !Ref List]", json!("abc")),
        ("!Join [',', [a, !If [No, b, !Ref 'AWS::NoValue'], c]]", json!("a,c")),
        ("!Select [1, !Ref List]", json!("b")),
        ("!Select ['0', !Split ['|', 'x|y']]", json!("x")),
        ("!Split ['/', 'a/b']", json!(["a", "b"])),
        ("!If [Yes, 1, 2]", json!(1)),
        ("!If [No, 1, 2]", json!(2)),
        ("!If [Both, 1, 2]", json!(2)),
        ("!If [Either, { a: !Ref Name }, 2]", json!({"a": "ann"})),
        ("{ a: 1, b: !Ref 'AWS::NoValue' }", json!({"a": 1})),
        ("!FindInMap [Sizes, small, Memory]", json!(128)),
        ("!FindInMap [Sizes, !Ref Name, Memory]", json!(256)),
        ("!FindInMap [Sizes, small, Zones]", json!(["x", "y"])),
        ("!FindInMap [Sizes, large, Memory, { DefaultValue: 512 }]", json!(512)),
        ("!Base64 hello", json!("aGVsbG8=")),
        ("!GetAZs ''", json!(["us-east-1a", "us-east-1b", "us-east-1c"])),
        ("!ImportValue shared-name", json!("shared-name")),
        ("{ 'Fn::ToJsonString': { a: !Ref Count } }", json!("{\"a\":3}")),
        ("{ 'Fn::Length': !Ref List }", json!(3)),
        ("!Ref AWS::Region", json!("us-east-1")),
        ("!Ref AWS::AccountId", json!("000000000000")),
        ("!Sub '${AWS::Partition}.${AWS::URLSuffix}'", json!("aws.amazonaws.com")),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn names_and_arns() {
    let cases = [
        ("!Ref Before", "parlance-later-x"),
        ("!GetAtt Before.Arn", "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-later-x"),
        (
            "!GetAtt Before.StreamArn",
            "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-later-x/stream/2026-01-01T00:00:00.000",
        ),
        ("!GetAtt Later.Arn", "arn:aws:s3:::parlance-later"),
        ("!GetAtt [Later, DomainName]", "parlance-later.s3.amazonaws.com"),
        ("!Ref Queue", "https://sqs.us-east-1.amazonaws.com/000000000000/parlance-Queue"),
        ("!GetAtt Queue.Arn", "arn:aws:sqs:us-east-1:000000000000:parlance-Queue"),
        ("!Ref Topic", "arn:aws:sns:us-east-1:000000000000:parlance-Topic"),
        ("!GetAtt Role.Arn", "arn:aws:iam::000000000000:role/parlance-Role"),
        ("!Ref ApiApiGatewayDefaultStage", "$default"),
        ("!GetAtt FunctionRole.Arn", "arn:aws:iam::000000000000:role/parlance-FunctionRole"),
        ("!GetAtt Logs.Arn", "arn:aws:logs:us-east-1:000000000000:log-group:parlance-Logs:*"),
        ("!Ref Function", "parlance-Function"),
        ("!GetAtt Function.Arn", "arn:aws:lambda:us-east-1:000000000000:function:parlance-Function"),
        ("!Ref Thing", "parlance-Thing"),
        ("!GetAtt Thing.Colour", "parlance-Thing.Colour"),
        ("!GetAtt Machine.Arn", "arn:aws:stepfunctions:us-east-1:000000000000:parlance-Machine"),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(expression), json!(expected), "{expression}");
    }
    let secret = value("!Ref Secret");
    let secret =
        secret.as_str().unwrap().strip_prefix("arn:aws:secretsmanager:us-east-1:000000000000:secret:s-").unwrap();
    assert_eq!(secret.len(), 6);
    let api = value("!Ref Api").as_str().unwrap().to_owned();
    assert_eq!(value("!GetAtt Api.ApiEndpoint"), json!(format!("https://{api}.execute-api.us-east-1.amazonaws.com")));
    assert_eq!(
        value("!GetAtt Key.Arn"),
        json!(format!("arn:aws:kms:us-east-1:000000000000:key/{}", value("!Ref Key").as_str().unwrap()))
    );
}

#[test]
fn names_depend_on_the_settings_and_on_nothing_else() {
    let text =
        "Resources:\n  Api: { Type: AWS::Serverless::HttpApi }\nOutputs:\n  Out: { Value: !GetAtt Api.ApiEndpoint }\n";
    let read = |stack: &str, region: &str| {
        let settings = Settings { stack_name: stack.into(), region: region.into(), ..Settings::default() };
        try_read(text, &settings).unwrap().outputs["Out"].as_str().unwrap().to_owned()
    };
    let first = read("one", "eu-west-1");
    assert_eq!(first, read("one", "eu-west-1"));
    assert_ne!(first, read("two", "eu-west-1"));
    assert!(first.ends_with(".execute-api.eu-west-1.amazonaws.com"), "{first}");
}

#[test]
fn long_names_are_cut_to_what_aws_takes() {
    let id = "A".repeat(100);
    let text = format!(
        "Resources:\n  {id}: {{ Type: AWS::Serverless::Function, Properties: {{ CodeUri: . }} }}\n  B{id}: {{ Type: AWS::S3::Bucket }}\nOutputs:\n  Out: {{ Value: !Ref B{id} }}\n"
    );
    let application = application(&text);
    assert_eq!(application.functions[&id].name.len(), 64);
    let bucket = application.outputs["Out"].as_str().unwrap();
    assert!(bucket.len() == 63 && bucket.starts_with("parlance-baaa"), "{bucket}");
}

#[test]
fn t_04_globals_merge_as_sam_does() {
    let text = "Globals:\n  Function:\n    Timeout: 7\n    Runtime: provided.al2023\n    Layers: [one]\n    Environment:\n      Variables: { AA: global, BB: global, CC: { Ref: Table } }\n  \
        HttpApi:\n    CorsConfiguration: { AllowOrigins: ['https://a.example'] }\nResources:\n  Table: { Type: AWS::DynamoDB::Table }\n  \
        F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n      Environment: { Variables: { BB: local } }\n      \
        Events:\n        E: { Type: HttpApi }\n  \
        G:\n    Type: AWS::Serverless::Function\n    IgnoreGlobals: [Environment]\n    Properties: { CodeUri: g/, Timeout: 9 }\n  \
        H:\n    Type: AWS::Serverless::Function\n    IgnoreGlobals: '*'\n    Properties: { CodeUri: h/ }\n";
    let application = application(text);
    let environment = |id: &str| application.functions[id].environment.clone();
    let expected = [("AA", "global"), ("BB", "local"), ("CC", "parlance-Table")];
    assert_eq!(environment("F"), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!((environment("G"), environment("H")), (BTreeMap::new(), BTreeMap::new()));
    let timeouts: Vec<u64> = application.functions.values().map(|function| function.timeout.as_secs()).collect();
    assert_eq!(timeouts, [7, 9, 3]);
    let api = &application.http_apis["ServerlessHttpApi"];
    assert_eq!(api.cors.as_ref().unwrap().allow_origins, ["https://a.example"]);
    assert_eq!(api.routes[0].key(), "$default");
}

#[test]
fn t_04_conditions_take_resources_away() {
    let text = "Parameters:\n  Full: { Type: String, Default: 'false' }\nConditions:\n  IsFull: !Equals [!Ref Full, 'true']\nResources:\n  \
        F:\n    Type: AWS::Serverless::Function\n    Condition: IsFull\n    Properties: { CodeUri: f/, Events: { E: { Type: HttpApi, Properties: { Path: /, Method: get } } } }\n  \
        T: { Type: AWS::DynamoDB::Table }\nOutputs:\n  Out: { Condition: IsFull, Value: !GetAtt F.Arn }\n";
    let without = application(text);
    assert!(without.functions.is_empty() && without.http_apis.is_empty() && without.outputs.is_empty());
    let parameters = BTreeMap::from([("Full".to_owned(), "true".to_owned())]);
    let with = try_read(text, &Settings { parameters, ..Settings::default() }).unwrap();
    assert!(with.functions.contains_key("F") && with.outputs.contains_key("Out"));
    assert_eq!(with.http_apis["ServerlessHttpApi"].routes.len(), 1);
}

#[test]
fn policy_templates_and_statements() {
    let text = "Resources:\n  T: { Type: AWS::DynamoDB::Table }\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n      Policies:\n        \
        - AWSLambdaBasicExecutionRole\n        - DynamoDBReadPolicy: { TableName: !Ref T }\n        - CloudWatchPutMetricPolicy: {}\n        \
        - Version: '2012-10-17'\n          Statement:\n            - { Effect: Deny, NotAction: 's3:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': false } } }\n";
    let policies = &application(text).functions["F"].policies;
    let table = "arn:aws:dynamodb:us-east-1:000000000000:table/parlance-T";
    assert_eq!(policies[0].resources, [table.to_owned(), format!("{table}/index/*")]);
    assert!(policies[0].actions.contains(&"dynamodb:Query".to_owned()));
    assert_eq!(policies[1].actions, ["cloudwatch:PutMetricData"]);
    assert_eq!((policies[2].allow, policies[2].not_actions.as_slice()), (false, &["s3:*".to_owned()][..]));
    assert_eq!(policies[2].condition, json!({"Bool": {"aws:SecureTransport": false}}));
    assert!(gateway::policy::allows(&policies[..2], "dynamodb:GetItem", table));
    assert!(!gateway::policy::allows(policies, "dynamodb:GetItem", table));
}

#[test]
fn c_07_cors_forms() {
    let cors = |form: &str| {
        let text = format!("Resources:\n  A: {{ Type: AWS::Serverless::HttpApi, Properties: {{ {form} }} }}\n");
        application(&text).http_apis["A"].cors.clone()
    };
    assert_eq!(cors("CorsConfiguration: true").unwrap().allow_origins, ["*"]);
    assert_eq!(cors("CorsConfiguration: false"), None);
    assert_eq!(cors("StageName: dev"), None);
    let full = cors(
        "CorsConfiguration: { AllowOrigins: ['https://a'], AllowCredentials: true, ExposeHeaders: [x], MaxAge: 5 }",
    )
    .unwrap();
    assert_eq!((full.allow_credentials, full.max_age, full.expose_headers), (true, Some(5), vec!["x".to_owned()]));
}

#[test]
fn quick_create() {
    let text = "Resources:\n  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }\n  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: { ProtocolType: HTTP, Target: !GetAtt F.Arn }\n";
    let api = &application(text).http_apis["A"];
    assert_eq!(
        (api.stages[0].name.as_str(), api.routes[0].key().as_str(), api.routes[0].function.as_str()),
        ("$default", "$default", "F")
    );
}

#[test]
fn t_03_a_websocket_api_alone_is_one_way_and_open() {
    let text = "Resources:\n  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }\n  A:\n    Type: AWS::Serverless::WebSocketApi\n    \
        Properties:\n      RouteSelectionExpression: $request.body.action\n      Routes:\n        \
        $default: { FunctionArn: !Sub '${F.Arn}:live', RouteResponseSelectionExpression: $default }\n\
        Outputs:\n  Stage: { Value: !Ref ADefaultStage }\n  End: { Value: !GetAtt A.ApiEndpoint }\n";
    let application = application(text);
    let api = &application.websocket_apis["A"];
    assert_eq!((api.stage.as_str(), api.authorizer.is_none()), ("default", true));
    assert_eq!((api.routes["$default"].function.as_str(), api.routes["$default"].two_way), ("F", false));
    assert_eq!(application.outputs["Stage"], "default");
    assert!(application.outputs["End"].as_str().unwrap().starts_with("wss://"));
}

#[test]
fn a_json_template() {
    let text = r#"{"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "f", "Timeout": 5,
        "Environment": {"Variables": {"WHO": {"Fn::Sub": "${AWS::StackName}"}}}}}}}"#;
    let function = &application(text).functions["F"];
    assert_eq!((function.timeout.as_secs(), function.environment["WHO"].as_str()), (5, "parlance"));
}

#[test]
fn a_parent_passes_functions_to_a_nested_api() {
    let parent = "Resources:\n  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }\n  \
        N: { Type: AWS::Serverless::Application, Properties: { Location: child.yaml, Parameters: { Target: !GetAtt F.Arn } } }\n";
    let child = "Parameters:\n  Target: { Type: String }\nResources:\n  A:\n    Type: AWS::Serverless::WebSocketApi\n    Properties:\n      \
        RouteSelectionExpression: $request.body.action\n      Routes: { $connect: { FunctionArn: !Ref Target } }\n";
    let application = read_files(&[("template.yaml", parent), ("child.yaml", child)], &Settings::default()).unwrap();
    let api = &application.websocket_apis["N.A"];
    assert_eq!((api.logical_id.as_str(), api.routes["$connect"].function.as_str()), ("N.A", "F"));
}
