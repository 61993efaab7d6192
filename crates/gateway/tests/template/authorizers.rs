//! Authorizers of HTTP APIs: SAM's and raw ones, which route has which, and their mistakes.

use std::fmt::Write;
use std::time::Duration;

use gateway::model::{Authorization, HttpAuthorizer, IdentitySource, PayloadFormat};

use crate::support::{application, each};

const F: &str = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n";

/// An API with an `Auth`, and a function with routes; the first of these stands in line 7.
fn sam(auth: &str, events: &[&str]) -> String {
    let mut text = format!("{F}      Events:\n");
    for (number, properties) in events.iter().enumerate() {
        let key = format!("Path: /{number}, Method: get, ApiId: !Ref A");
        writeln!(text, "        E{number}: {{ Type: HttpApi, Properties: {{ {key}, {properties} }} }}").unwrap();
    }
    text + &format!("  A: {{ Type: AWS::Serverless::HttpApi, Properties: {{ Auth: {auth} }} }}\n")
}

const JWT: &str = "Tokens: { IdentitySource: $request.header.Authorization, AuthorizationScopes: [base], \
                   JwtConfiguration: { issuer: 'https://i', audience: [api] } }";
const LAMBDA: &str = "Guard: { FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: '2.0', \
                      EnableSimpleResponses: true, Identity: { Headers: [X-A], QueryStrings: [q], \
                      StageVariables: [s], Context: [routeKey], ReauthorizeEvery: 60 } }";

#[test]
fn t02_default_none_and_scopes() {
    let auth =
        format!("{{ DefaultAuthorizer: Tokens, EnableIamAuthorizer: true, Authorizers: {{ {JWT}, {LAMBDA} }} }}");
    let text = sam(
        &auth,
        &[
            "TimeoutInMillis: 50",
            "Auth: { Authorizer: NONE }",
            "Auth: { AuthorizationScopes: [read, write] }",
            "Auth: { Authorizer: Guard }",
            "Auth: { Authorizer: AWS_IAM }",
        ],
    );
    let application = application(&text);
    let api = &application.http_apis["A"];
    let authorizations: Vec<&Authorization> = api.routes.iter().map(|route| &route.authorization).collect();
    let jwt = |scopes: &[&str]| {
        let Authorization::Jwt { authorizer, .. } = authorizations[0] else { panic!("{authorizations:?}") };
        let scopes = scopes.iter().map(ToString::to_string).collect();
        Authorization::Jwt { authorizer: authorizer.clone(), scopes }
    };
    assert_eq!(authorizations[0], &jwt(&["base"]));
    assert_eq!(authorizations[1], &Authorization::Open);
    assert_eq!(authorizations[2], &jwt(&["read", "write"]));
    assert_eq!(authorizations[4], &Authorization::Iam);
    let Authorization::Lambda(guard) = authorizations[3] else { panic!("{authorizations:?}") };
    let HttpAuthorizer::Lambda(guard) = &api.authorizers[guard] else { panic!("{api:?}") };
    assert_eq!((guard.function.as_str(), guard.payload_format), ("F", PayloadFormat::V2));
    assert_eq!((guard.simple_responses, guard.result_ttl), (true, Some(Duration::from_mins(1))));
    let sources = [
        IdentitySource::Header("X-A".into()),
        IdentitySource::Query("q".into()),
        IdentitySource::StageVariable("s".into()),
        IdentitySource::Context("routeKey".into()),
    ];
    assert_eq!(guard.identity_sources, sources);
    let tokens = api.authorizers.values().find_map(|authorizer| match authorizer {
        HttpAuthorizer::Jwt(tokens) => Some(tokens),
        HttpAuthorizer::Lambda(_) => None,
    });
    let tokens = tokens.unwrap();
    assert_eq!((tokens.issuer.as_str(), tokens.audience.as_slice()), ("https://i", &["api".to_owned()][..]));
    assert_eq!(tokens.identity_source, IdentitySource::Header("Authorization".into()));
}

#[test]
fn t02_globals_reach_the_implicit_api() {
    let text = format!(
        "Globals:\n  HttpApi:\n    Auth: {{ DefaultAuthorizer: Tokens, Authorizers: {{ {JWT} }} }}\n{F}      Events:\n        \
         E: {{ Type: HttpApi, Properties: {{ Path: /, Method: get, PayloadFormatVersion: '1.0' }} }}\n"
    );
    let application = application(&text);
    let route = &application.http_apis["ServerlessHttpApi"].routes[0];
    assert!(matches!(&route.authorization, Authorization::Jwt { scopes, .. } if scopes == &["base"]));
    assert_eq!(route.payload_format, PayloadFormat::V1);
}

#[test]
fn t03_raw_authorizers() {
    let text = format!(
        "{F}  A: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ Name: a, ProtocolType: HTTP }} }}
  Default: {{ Type: AWS::ApiGatewayV2::Stage, Properties: {{ ApiId: !Ref A, StageName: $default }} }}
  Dev: {{ Type: AWS::ApiGatewayV2::Stage, Properties: {{ ApiId: !Ref A, StageName: dev }} }}
  I:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {{ ApiId: !Ref A, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn, PayloadFormatVersion: '2.0' }}
  Tokens:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref A
      Name: tokens
      AuthorizerType: JWT
      IdentitySource: [$request.header.Authorization]
      JwtConfiguration: {{ Issuer: 'https://i', Audience: [api] }}
  Guard:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref A
      Name: guard
      AuthorizerType: REQUEST
      AuthorizerPayloadFormatVersion: '1.0'
      AuthorizerUri: !Sub 'arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{F.Arn}}/invocations'
      IdentitySource: [$request.header.X-A, $context.routeKey]
      AuthorizerResultTtlInSeconds: 300
  R1: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ ApiId: !Ref A, RouteKey: GET /a, Target: !Sub 'integrations/${{I}}', AuthorizationType: JWT, AuthorizerId: !Ref Tokens, AuthorizationScopes: [read] }} }}
  R2: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ ApiId: !Ref A, RouteKey: GET /b, Target: !Sub 'integrations/${{I}}', AuthorizationType: CUSTOM, AuthorizerId: !Ref Guard }} }}
  R3: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ ApiId: !Ref A, RouteKey: GET /c, Target: !Sub 'integrations/${{I}}', AuthorizationType: AWS_IAM }} }}
"
    );
    let application = application(&text);
    let api = &application.http_apis["A"];
    let stages: Vec<&str> = api.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, ["$default", "dev"]);
    assert!(matches!(&api.routes[0].authorization, Authorization::Jwt { scopes, .. } if scopes == &["read"]));
    let Authorization::Lambda(guard) = &api.routes[1].authorization else { panic!("{api:?}") };
    let HttpAuthorizer::Lambda(guard) = &api.authorizers[guard] else { panic!("{api:?}") };
    assert_eq!((guard.payload_format, guard.result_ttl), (PayloadFormat::V1, Some(Duration::from_mins(5))));
    assert_eq!(api.routes[2].authorization, Authorization::Iam);
}

#[test]
fn mistakes_in_sam_authorizers() {
    let auth =
        |authorizer: &str| sam(&format!("{{ Authorizers: {{ X: {authorizer} }} }}"), &["Auth: { Authorizer: X }"]);
    let event = |auth: &str, event: &str| sam(auth, &[event]);
    let cases = [
        (
            event(&format!("{{ Authorizers: {{ {JWT} }} }}"), "Auth: { Authorizer: Token }"),
            "7:102: F, event E0: A has no authorizer `Token` (did you mean `Tokens`?)",
        ),
        (
            event(&format!("{{ Authorizers: {{ {JWT} }} }}"), "Auth: { Authorizer: NONE }"),
            "7:102: F, event E0: `Authorizer: NONE` needs a `DefaultAuthorizer` of the API",
        ),
        (
            event("{}", "Auth: { Authorizer: AWS_IAM }"),
            "7:102: F, event E0: `AWS_IAM` needs `EnableIamAuthorizer: true` in `Auth` of A",
        ),
        (
            event("{}", "Auth: { AuthorizationScopes: [a] }"),
            "7:88: F, event E0: `AuthorizationScopes` needs an `Authorizer`, or a `DefaultAuthorizer` of the API",
        ),
        (
            event("{}", "Auth: { Authoriser: X }"),
            "7:90: F, event E0: unknown property `Authoriser` (did you mean `Authorizer`?)",
        ),
        (
            auth("{ IdentitySource: $request.header.A, JwtConfiguration: { issuer: 'https://i' } }"),
            "8:135: A, authorizer X: `audience` is missing",
        ),
        (
            auth("{ IdentitySource: header.A, JwtConfiguration: { issuer: 'https://i', audience: [a] } }"),
            "8:98: A, authorizer X: `header.A` is no identity source (known: $request.header.X, $request.querystring.X, $stageVariables.X, $context.X)",
        ),
        (auth("{ FunctionArn: !GetAtt F.Arn }"), "8:77: A, authorizer X: `AuthorizerPayloadFormatVersion` is missing"),
        (
            auth("{ FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: '2.0', Identity: { Header: [A] } }"),
            "8:161: A, authorizer X: unknown property `Header` (did you mean `Headers`?)",
        ),
        (
            auth("{ FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: '1.0', EnableSimpleResponses: true }"),
            "8:77: A, authorizer X: `EnableSimpleResponses` needs `AuthorizerPayloadFormatVersion: 2.0`",
        ),
        (
            auth(
                "{ FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: '2.0', Identity: { ReauthorizeEvery: 60 } }",
            ),
            "8:77: A, authorizer X: a result can only be kept with at least one identity source",
        ),
    ];
    each(cases.map(|(text, expected)| (text, vec![expected])));
}
