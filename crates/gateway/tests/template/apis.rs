//! Mistakes in routes and APIs.

use std::fmt::Write;

use gateway::model::HttpRoute;

use crate::support::{FUNCTION, application, each, function, mistakes};

/// A function with one `HttpApi` event per line of properties; the first stands in line 7.
fn routes(events: &[&str]) -> String {
    let mut text = function("      Events:\n");
    for (number, properties) in events.iter().enumerate() {
        writeln!(text, "        E{number}: {{ Type: HttpApi, Properties: {{ {properties} }} }}").unwrap();
    }
    text
}

#[test]
fn routes_alike() {
    let found = mistakes(&routes(&[
        "Path: '/x/{a}', Method: get",
        "Path: '/x/{b}', Method: GET",
        "Path: '/x/{b}', Method: put",
    ]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("8:9: F, event E1: route `GET /x/{b}` is the same as `GET /x/{a}` at "), "{found:?}");
    assert!(found[0].ends_with("template.yaml:7:9"), "{found:?}");

    let greedy = mistakes(&routes(&["Path: '/{a+}', Method: any", "Path: '/{b+}', Method: ANY"]));
    assert!(greedy[0].contains("route `ANY /{b+}` is the same as `ANY /{a+}`"), "{greedy:?}");
    let default = mistakes(&routes(&["TimeoutInMillis: 500", "Path: $default"]));
    assert!(default[0].contains("route `$default` is the same as `$default`"), "{default:?}");
    // A variable, a literal and a greedy variable are three routes.
    application(&routes(&["Path: '/x/{a}', Method: get", "Path: /x/a, Method: get", "Path: '/x/{a+}', Method: get"]));
}

#[test]
fn malformed_routes() {
    let cases = [
        ("Path: items, Method: get", "7:50: F, event E0: the path `items` must begin with `/`"),
        ("Path: /a//b, Method: get", "7:50: F, event E0: the path `/a//b` has an empty segment or a space"),
        (
            "Path: '/{a+}/b', Method: get",
            "7:50: F, event E0: the greedy variable `{a+}` of `/{a+}/b` must be the last segment",
        ),
        (
            "Path: '/{a', Method: get",
            "7:50: F, event E0: malformed braces in `/{a`: a variable is a whole segment, `{name}`",
        ),
        (
            "Path: '/x{a}', Method: get",
            "7:50: F, event E0: malformed braces in `/x{a}`: a variable is a whole segment, `{name}`",
        ),
        ("Path: '/{}', Method: get", "7:50: F, event E0: malformed braces in `/{}`: `{}` is no variable"),
        ("Path: '/{a}/{a}', Method: get", "7:50: F, event E0: the variable `a` stands twice in `/{a}/{a}`"),
        (
            "Path: /a, Method: fetch",
            "7:62: F, event E0: unknown method `FETCH`; it must be one of ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
        ),
        ("Method: get", "7:9: F, event E0: `Path` is missing"),
        (
            "Path: /a, Method: get, TimeoutInMillis: 31000",
            "7:84: F, event E0: the timeout must be from 50 to 30000 (milliseconds), not `31000`",
        ),
        (
            "Path: /a, Method: get, PayloadFormatVersion: '3.0'",
            "7:89: F, event E0: the payload format must be 1.0 or 2.0, not `3.0`",
        ),
        (
            "Path: /a, Method: get, Auth: { Authorizer: Mine }",
            "7:87: F, event E0: ServerlessHttpApi has no authorizer `Mine` (there are none)",
        ),
        ("Path: /a, Method: get, ApiId: unknown", "7:9: F, event E0: `unknown` is no API of this application"),
    ];
    each(cases.map(|(event, expected)| (routes(&[event]), vec![expected])));
}

#[test]
fn http_apis() {
    let with = |properties: &str| {
        format!("Resources:\n  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      {properties}\n")
    };
    let cases = [
        ("CorsConfiguration: maybe", "5:26: A: `CorsConfiguration` must be true or false"),
        (
            "CorsConfiguration: { AllowOrigin: ['*'] }",
            "5:28: A: unknown property `AllowOrigin` of CorsConfiguration (did you mean `AllowOrigins`?)",
        ),
        (
            "CorsConfiguration: { AllowOrigins: ['*'], AllowCredentials: true }",
            "5:26: A: AllowCredentials cannot go with the origin `*`",
        ),
        ("StageName: a/b", "5:18: A: `a/b` is no stage name (`$default`, or letters, digits, `_` and `-`)"),
        (
            "Auth: { DefaultAuthorizer: X }",
            "5:34: A: `DefaultAuthorizer` names an unknown authorizer `X` (there are none)",
        ),
    ];
    each(cases.map(|(properties, expected)| (with(properties), vec![expected])));
}

#[test]
fn websocket_apis() {
    let with = |properties: &str| {
        format!("{FUNCTION}  A:\n    Type: AWS::Serverless::WebSocketApi\n    Properties:\n{properties}")
    };
    let expression = "      RouteSelectionExpression: $request.body.action\n";
    let connect = "      Routes:\n        $connect: { FunctionArn: !GetAtt F.Arn }\n";
    let cases = [
        (connect.to_owned(), "6:3: A: `RouteSelectionExpression` is missing"),
        (expression.to_owned(), "6:3: A: a WebSocket API needs at least one route"),
        (format!("{expression}      Routes:\n        send: {{}}\n"), "11:9: A, route send: `FunctionArn` is missing"),
        (
            format!("{expression}      Routes:\n        message:send: {{ FunctionArn: !GetAtt F.Arn }}\n"),
            "11:9: A: route key `message:send` is refused by AWS::Serverless::WebSocketApi (SAM takes letters and digits only; use AWS::ApiGatewayV2::Route for others)",
        ),
        (
            format!(
                "{expression}      Routes:\n        send: {{ FunctionArn: !GetAtt F.Arn, IntegrationTimeout: 30000 }}\n"
            ),
            "11:65: A, route send: the timeout must be from 50 to 29000 (milliseconds), not `30000`",
        ),
        (
            format!("{expression}      StageName: $default\n{connect}"),
            "10:18: A: `$default` is no stage name (letters, digits, `_` and `-`; `$default` is for HTTP APIs)",
        ),
        (
            format!("{expression}      Auth: {{ AuthType: TOKEN }}\n{connect}"),
            "10:25: A, Auth: `AuthType` must be NONE, AWS_IAM or CUSTOM, not `TOKEN`",
        ),
        (format!("{expression}      Auth: {{ AuthType: CUSTOM }}\n{connect}"), "10:13: A, Auth: `AuthArn` is missing"),
        (
            format!(
                "{expression}      Auth: {{ AuthType: CUSTOM, AuthArn: !GetAtt F.Arn, IdentitySource: [token] }}\n{connect}"
            ),
            "10:42: A, Auth: `token` is no identity source (known: route.request.header.X, route.request.querystring.X, stageVariables.X, context.X)",
        ),
        (
            format!(
                "{expression}      Auth: {{ AuthType: NONE }}\n      Routes:\n        send: {{ FunctionArn: !GetAtt F.Arn }}\n"
            ),
            "10:13: A: `Auth` needs a `$connect` route",
        ),
    ];
    each(cases.map(|(properties, expected)| (with(&properties), vec![expected])));
}

#[test]
fn raw_apis() {
    let base = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: { CodeUri: f/ }\n  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: { ProtocolType: WEBSOCKET, RouteSelectionExpression: x }\n";
    let stage = "  S:\n    Type: AWS::ApiGatewayV2::Stage\n    Properties: { ApiId: !Ref A, StageName: s }\n";
    let with = |rest: &str| format!("{base}{stage}{rest}");
    let route = |id: &str, properties: &str| {
        format!("  {id}:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: {{ ApiId: !Ref A, {properties} }}\n")
    };
    let integration = |properties: &str| {
        format!("  I:\n    Type: AWS::ApiGatewayV2::Integration\n    Properties: {{ ApiId: !Ref A, {properties} }}\n")
    };
    let proxy = integration("IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn");
    let target = "Target: !Sub 'integrations/${I}'";
    let cases = [
        (with(&route("R", "RouteKey: x, Target: integrations/none")), "11:3: R: the route has no integration"),
        (
            with(&route("R", "RouteKey: x, Target: none")),
            "13:55: R: `Target` must be `integrations/` and an integration's id, not `none`",
        ),
        (with(&route("R", "RouteKey: x")), "11:3: R: `Target` is missing"),
        (
            with(&integration("IntegrationType: LAMBDA")),
            "13:51: I: `IntegrationType` must be AWS_PROXY, AWS, HTTP_PROXY, HTTP or MOCK, not `LAMBDA`",
        ),
        (
            with(
                &(route("R", &format!("RouteKey: x, {target}"))
                    + &integration("IntegrationType: MOCK")
                    + "  Z:\n    Type: AWS::ApiGatewayV2::IntegrationResponse\n    Properties: { ApiId: !Ref A, IntegrationId: !Ref I, IntegrationResponseKey: '200', ResponseTemplates: { a: b } }\n"),
            ),
            "19:107: Z: `200` is neither `$default` nor `/expression/`",
        ),
        (
            with(
                &(route("R", &format!("RouteKey: x, AuthorizationType: CUSTOM, AuthorizerId: none, {target}"))
                    + &proxy),
            ),
            "11:3: R: only `$connect` can have an authorizer",
        ),
        (
            with(
                &(route("R", &format!("RouteKey: $connect, AuthorizationType: CUSTOM, AuthorizerId: none, {target}"))
                    + &proxy),
            ),
            "11:3: R: `none` is no authorizer of this application",
        ),
        (
            with(&(route("R", &format!("RouteKey: x, AuthorizationType: AWS_IAM, {target}")) + &proxy)),
            "11:3: R: only `$connect` can have an authorizer",
        ),
        (
            format!("{base}{stage}").replace("WEBSOCKET, RouteSelectionExpression: x", "WEBSOCKET"),
            "5:3: A: `RouteSelectionExpression` is missing",
        ),
        (
            format!("{base}{stage}").replace("WEBSOCKET", "SOAP"),
            "7:33: A: `ProtocolType` must be HTTP or WEBSOCKET, not `SOAP`",
        ),
    ];
    each(cases.map(|(text, expected)| (text, vec![expected])));
    let twice = with(
        &(route("R", &format!("RouteKey: x, {target}")) + &route("Q", &format!("RouteKey: x, {target}")) + &proxy),
    );
    let found = mistakes(&twice);
    assert!(found.len() == 1 && found[0].starts_with("14:3: Q: route `x` is the same as `x` at "), "{found:?}");
    assert!(found[0].ends_with("template.yaml:11:3"), "{found:?}");
}

/// SAM takes it away from the path of an event; a raw route that has it is refused.
#[test]
fn h_08_a_closing_slash() {
    let application = application(&routes(&["Path: /x/, Method: get", "Path: /, Method: get"]));
    let keys: Vec<String> = application.http_apis["ServerlessHttpApi"].routes.iter().map(HttpRoute::key).collect();
    assert_eq!(keys, ["GET /x", "GET /"]);
    let raw = format!(
        "{FUNCTION}  A: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ Name: a, ProtocolType: HTTP, RouteKey: GET /x/, Target: !GetAtt F.Arn }} }}\n"
    );
    assert_eq!(mistakes(&raw), ["6:108: A: the path `/x/` must not end with `/`"]);
}
