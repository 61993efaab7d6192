//! What does not run here is told with its place and left out, everything else runs, and nothing becomes less secure.

use gateway::model::{Authorization, HttpAuthorizer};
use gateway::template::Settings;

use crate::support::{FUNCTION, application, each, each_left_out, function, left_out, mistakes, read_files};

/// The function and an API whose definition has one operation; what is given stands in line 13.
fn operation(text: &str) -> String {
    format!(
        "{FUNCTION}  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      DefinitionBody:\n        paths:\n          \
         /x:\n            get:\n              x-amazon-apigateway-integration: {text}\n"
    )
}

/// The function and a raw API of this protocol with a stage.
fn raw(protocol: &str, rest: &str) -> String {
    format!(
        "{FUNCTION}  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: {{ ProtocolType: {protocol}, RouteSelectionExpression: x }}\n  \
         S:\n    Type: AWS::ApiGatewayV2::Stage\n    Properties: {{ ApiId: !Ref A, StageName: s }}\n{rest}"
    )
}

const ROUTE: &str = "  R:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: { ApiId: !Ref A, RouteKey: KEY, Target: !Sub 'integrations/${I}' }\n  \
                     I:\n    Type: AWS::ApiGatewayV2::Integration\n    Properties: { ApiId: !Ref A, PROPERTIES }\n";

#[test]
fn rest_apis_beside_an_http_api() {
    let text = function(
        "      Events:\n        Rest: { Type: Api, Properties: { Path: /old, Method: get } }\n        \
         Http: { Type: HttpApi, Properties: { Path: /new, Method: get } }\n",
    ) + "Outputs:\n  Url: { Value: !Sub 'https://${ServerlessRestApi}.execute-api/${ServerlessRestApi.Stage}/' }\n  \
         Stage: { Value: !Ref ServerlessRestApiProdStage }\n";
    let application = application(&text);
    let [api] = application.http_apis.values().collect::<Vec<_>>()[..] else { panic!("{application:?}") };
    assert_eq!(api.routes.iter().map(gateway::model::HttpRoute::key).collect::<Vec<_>>(), ["GET /new"]);
    assert!(
        application.outputs["Url"].as_str().unwrap().ends_with(".execute-api/Prod/"),
        "{:?}",
        application.outputs["Url"]
    );
    assert_eq!(application.outputs["Stage"], "Prod");
    assert_eq!(left_out(&text), ["7:9: F, event Rest: `GET /old` is of a REST API, and these do not run here"]);
}

#[test]
fn what_else_answers_or_runs_on_aws_alone() {
    let with = |rest: &str| format!("{FUNCTION}{rest}");
    each_left_out([
        (
            with(
                "  A: { Type: AWS::Serverless::Api, Properties: { StageName: v1 } }\nOutputs: { S: { Value: !Ref Av1Stage } }\n",
            ),
            vec!["6:3: A: REST APIs do not run here"],
        ),
        (with("  A: { Type: AWS::ApiGateway::RestApi }\n"), vec!["6:3: A: REST APIs do not run here"]),
        (with("  M: { Type: AWS::Serverless::StateMachine }\n"), vec!["6:3: M: state machines do not run here"]),
        (with("  G: { Type: AWS::AppSync::GraphQLApi }\n"), vec!["6:3: G: GraphQL APIs do not run here"]),
        (function("      FunctionUrlConfig: { AuthType: NONE }\n"), vec!["6:26: F: function URLs do not run here"]),
        (
            function("      Events: { E: { Type: SNS, Properties: { Topic: t } } }\n"),
            vec!["6:17: F, event E: nothing sends events of type SNS here"],
        ),
    ]);
}

#[test]
fn routes_to_what_does_not_run_stay_and_lead_nowhere() {
    let cases = [
        (
            operation("{ type: aws_proxy, integrationSubtype: SQS-SendMessage }"),
            "13:56: A, GET /x: only aws_proxy integrations with a function and http_proxy ones run here, not SQS-SendMessage: its routes answer 500",
        ),
        (
            operation("{ type: aws_proxy, uri: 'arn:none', payloadFormatVersion: '2.0' }"),
            "13:72: A, GET /x: no function of this application is `arn:none`: its routes answer 500",
        ),
        (
            raw(
                "HTTP",
                &ROUTE.replace("KEY", "GET /x").replace(
                    "PROPERTIES",
                    "IntegrationType: AWS_PROXY, IntegrationSubtype: StepFunctions-StartExecution",
                ),
            ),
            "17:82: I: only integrations with a function run here, not StepFunctions-StartExecution: its routes answer 500",
        ),
    ];
    for (text, expected) in cases {
        let application = application(&text);
        assert_eq!(left_out(&text), [expected]);
        let [route] = &application.http_apis["A"].routes[..] else { panic!("{application:?}") };
        assert_eq!((route.key().as_str(), route.function.as_str()), ("GET /x", ""));
    }
    let text = raw(
        "WEBSOCKET",
        &ROUTE.replace("KEY", "x").replace("PROPERTIES", "IntegrationType: AWS_PROXY, IntegrationUri: u"),
    );
    let application = application(&text);
    let route = &application.websocket_apis["A"].routes["x"];
    assert!(route.target().is_empty(), "{route:?}");
    let mock = raw(
        "WEBSOCKET",
        &ROUTE
            .replace("KEY", "x")
            .replace("PROPERTIES", "IntegrationType: MOCK, RequestTemplates: { $default: '#macro(a)' }"),
    );
    assert_eq!(
        left_out(&mock),
        ["17:75: I: `#macro(a)` of this template is not supported here: its routes answer 500"]
    );
    let link = raw(
        "HTTP",
        &ROUTE
            .replace("KEY", "GET /x")
            .replace("PROPERTIES", "IntegrationType: HTTP_PROXY, ConnectionType: VPC_LINK, IntegrationUri: u"),
    );
    assert_eq!(left_out(&link), ["17:79: I: there is no VPC to link to here: its routes answer 500"]);
    let service = "IntegrationType: AWS, IntegrationUri: 'arn:aws:apigateway:us-east-1:sns:action/Publish'";
    let publish = raw("WEBSOCKET", &ROUTE.replace("KEY", "x").replace("PROPERTIES", service));
    let expected = "17:72: I: only functions and HTTP servers run here, not the service `sns`: its routes answer 500";
    assert_eq!(left_out(&publish), [expected]);
    let sam = "  A:\n    Type: AWS::Serverless::WebSocketApi\n    Properties:\n      RouteSelectionExpression: $request.body.action\n";
    let send = format!("{FUNCTION}{sam}      Routes:\n        send: {{ FunctionArn: 'arn:x' }}\n");
    assert_eq!(
        left_out(&send),
        ["11:30: A, route send: no function of this application is `arn:x`: its routes answer 500"]
    );
}

#[test]
fn definitions_that_cannot_be_read() {
    let api = |properties: &str| {
        function("      Events: { E: { Type: HttpApi, Properties: { Path: /x, Method: get, ApiId: !Ref A } } }\n")
            + &format!("  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      {properties}\n")
    };
    let uri = api("DefinitionUri: api.yaml");
    assert_eq!(
        left_out(&uri),
        ["10:22: A: the API is left out: `DefinitionUri` is not read here, `DefinitionBody` with AWS::Include is"]
    );
    assert!(application(&uri).http_apis.is_empty());
    let remote =
        api("DefinitionBody: { 'Fn::Transform': { Name: AWS::Include, Parameters: { Location: 's3://b/k' } } }");
    assert_eq!(left_out(&remote), ["10:23: AWS::Include: s3://b/k is left out (only local files are read here)"]);
    assert!(application(&remote).http_apis.is_empty());
    let body = raw("HTTP", "")
        .replace("ProtocolType: HTTP, RouteSelectionExpression: x", "BodyS3Location: { Bucket: b, Key: k }");
    assert_eq!(left_out(&body), ["8:35: A: the routes of `BodyS3Location` are left out: only a `Body` is read here"]);
    assert!(application(&body).http_apis["A"].routes.is_empty());
}

#[test]
fn apis_and_stages_that_nobody_reaches() {
    let stage = "  T:\n    Type: AWS::ApiGatewayV2::Stage\n    Properties: { ApiId: !Ref A, StageName: t }\n";
    let both = raw("WEBSOCKET", stage);
    assert_eq!(left_out(&both), ["12:3: A: the stage `t` is left out: only one runs here, `s`"]);
    let none = format!("{FUNCTION}  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: {{ ProtocolType: HTTP }}\n");
    assert_eq!(left_out(&none), ["6:3: A: the API has no stage, so nobody can reach it"]);
    assert!(application(&none).http_apis.is_empty());
    let other = "  R:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: { ApiId: elsewhere, RouteKey: GET /x, Target: integrations/i }\n";
    assert_eq!(left_out(&format!("{FUNCTION}{other}")), ["6:3: R: `elsewhere` is no API of this application"]);
}

#[test]
fn values_that_only_aws_knows() {
    let value = |value: &str| function(&format!("      Environment: {{ Variables: {{ VV: {value}, WW: w }} }}\n"));
    let mine = value("{ 'Fn::Transform': { Name: Mine } }");
    assert_eq!(left_out(&mine), ["6:39: the transform `Mine` does not run here: the value is left out"]);
    let variables = &application(&mine).functions["F"].environment;
    assert_eq!(variables.keys().collect::<Vec<_>>(), ["WW"]);
    let nested = |location: &str| {
        let rest =
            format!("  N:\n    Type: AWS::Serverless::Application\n    Properties: {{ Location: {location} }}\n");
        value("!GetAtt N.Outputs.Name") + &rest
    };
    let https = "9:29: N: https://example.org/x.yaml is left out: only local templates are read here";
    assert_eq!(left_out(&nested("'https://example.org/x.yaml'")), [https]);
    let repository =
        nested("{ ApplicationId: 'arn:aws:serverlessrepo:us-east-1:1:applications/x', SemanticVersion: 1.0.0 }");
    assert_eq!(left_out(&repository), ["9:29: N: only local templates are read here"]);
    // A condition decides what there is at all.
    let condition = format!("Conditions:\n  C: !Equals [a, {{ 'Fn::Transform': {{ Name: Mine }} }}]\n{FUNCTION}");
    assert_eq!(mistakes(&condition), ["2:18: the transform `Mine` does not run here: the value is left out"]);
}

#[test]
fn nothing_becomes_less_secure() {
    let unknown = "{ 'Fn::Transform': { Name: Mine } }";
    let route = "      Events: { E: { Type: HttpApi, Properties: { Path: /x, Method: get, ApiId: !Ref A } } }\n";
    let http = |auth: &str| {
        function(route) + &format!("  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      Auth: {auth}\n")
    };
    let event = function(&format!(
        "      Events: {{ E: {{ Type: HttpApi, Properties: {{ Path: /x, Method: get, Auth: {unknown} }} }} }}\n"
    ));
    let socket = format!(
        "{FUNCTION}  A:\n    Type: AWS::Serverless::WebSocketApi\n    Properties:\n      RouteSelectionExpression: $request.body.action\n      \
         Auth: {unknown}\n      Routes: {{ $connect: {{ FunctionArn: !GetAtt F.Arn }} }}\n"
    );
    let authorized = raw(
        "HTTP",
        &ROUTE
            .replace("KEY", "GET /x")
            .replace("PROPERTIES", "IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn"),
    )
    .replace("RouteKey", &format!("AuthorizationType: {unknown}, RouteKey"));
    each([
        (http(unknown), vec!["10:7: A: `Auth` cannot be known here, and routes may rest on it"]),
        (
            http(&format!("{{ DefaultAuthorizer: {unknown} }}")),
            vec!["10:7: A: `Auth` cannot be known here, and routes may rest on it"],
        ),
        (event, vec!["6:7: F: `Events` cannot be known here, and routes may rest on it"]),
        (socket, vec!["10:7: A: `Auth` cannot be known here, and routes may rest on it"]),
        (authorized, vec!["14:34: R: `AuthorizationType` cannot be known here, and routes may rest on it"]),
    ]);
}

#[test]
fn an_authorizer_elsewhere_lets_nobody_in() {
    let text = function(
        "      Events: { E: { Type: HttpApi, Properties: { Path: /x, Method: get, ApiId: !Ref A } } }\n",
    ) + "  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      Auth:\n        DefaultAuthorizer: X\n        Authorizers:\n          \
           X: { FunctionArn: 'arn:aws:lambda:r:a:function:none', AuthorizerPayloadFormatVersion: '2.0' }\n";
    let expected = "13:11: A, authorizer X: no function of this application is `arn:aws:lambda:r:a:function:none`: whoever asks it is answered 500";
    assert_eq!(left_out(&text), [expected]);
    let application = application(&text);
    let api = &application.http_apis["A"];
    let Authorization::Lambda(id) = &api.routes[0].authorization else { panic!("{api:?}") };
    let HttpAuthorizer::Lambda(authorizer) = &api.authorizers[id] else { panic!("{api:?}") };
    assert!(authorizer.function.is_empty());
}

#[test]
fn an_application_that_must_be_complete_is_refused() {
    let text = function("      FunctionUrlConfig: { AuthType: NONE }\n");
    let read = read_files(&[("template.yaml", &text)], &Settings::default()).unwrap();
    let refused = read.complete().unwrap_err();
    assert!(refused.to_string().ends_with("template.yaml:6:26: F: function URLs do not run here"), "{refused}");
    assert!(application(FUNCTION).complete().is_ok());
}

#[test]
fn the_first_of_two_keys_is_left_out() {
    let text = function("      Timeout: 5\n      Timeout: 7\n");
    assert_eq!(left_out(&text), ["6:7: `Timeout` stands again in line 7, and the last one counts"]);
    assert_eq!(application(&text).functions["F"].timeout.as_secs(), 7);
}
