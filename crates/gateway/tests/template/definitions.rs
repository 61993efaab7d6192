//! `OpenAPI` definitions, included files, what SAM publishes, and values that no message repeats.

use gateway::template::Settings;
use serde_json::json;

use crate::support::{FUNCTION, application, each, function, mistakes_of, read_files};

/// An API whose definition has this operation at `GET /x`; the definition begins in line 8.
fn operation(text: &str) -> String {
    format!(
        "{FUNCTION}  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      DefinitionBody:\n        paths:\n          \
         /x:\n            get:\n              {text}\n"
    )
}

#[test]
fn mistakes_in_definitions() {
    let integration = |text: &str| operation(&format!("x-amazon-apigateway-integration: {text}"));
    let proxy = "{ type: aws_proxy, uri: !GetAtt F.Arn, payloadFormatVersion: '2.0' }";
    let cases = [
        (
            integration("{ type: http_proxy, uri: 'example.com' }"),
            "13:73: A, GET /x: `example.com` is no address of an HTTP server: `http://…` or `https://…` is needed",
        ),
        (integration("{ type: aws_proxy }"), "13:48: A, GET /x: `uri` is missing"),
        (
            integration("{ $ref: '#/components/x-amazon-apigateway-integrations/none' }"),
            "13:48: A: there is no integration `#/components/x-amazon-apigateway-integrations/none`",
        ),
        (
            operation(&format!("{{ security: [{{ none: [] }}], x-amazon-apigateway-integration: {proxy} }}")),
            "12:13: A, GET /x: A has no authorizer `none` (there are none)",
        ),
    ];
    each(cases.map(|(text, expected)| (text, vec![expected])));
    assert!(application(&operation("{ summary: documented }")).http_apis["A"].routes.is_empty());
}

#[test]
fn t_04_included_files() {
    let including = |location: &str| {
        format!(
            "{FUNCTION}Outputs:\n  Out: {{ Value: {{ 'Fn::Transform': {{ Name: AWS::Include, Parameters: {{ Location: {location} }} }} }} }}\n"
        )
    };
    let read = |location: &str, part: &str| {
        let template = including(location);
        read_files(&[("template.yaml", &template), ("part.yaml", part)], &Settings::default())
    };
    let included = read("./part.yaml", "name: !Ref F\nlist: [!Sub '${AWS::Region}']\n").unwrap();
    assert_eq!(included.outputs["Out"], json!({"name": "parlance-F", "list": ["us-east-1"]}));
    let told = |location: &str, part: &str| mistakes_of(read(location, part)).remove(0);
    assert_eq!(told("part.yaml", "name: !Ref G\n"), "template.yaml:7:17: unknown reference `G` (known: F)");
    assert!(told("none.yaml", "").starts_with("template.yaml:7:17: cannot read "));
    // A device, like a named pipe, may be read for ever.
    assert!(told("/dev/zero", "").ends_with("there is no such file"));
    assert!(told("part.yaml", "a: [\n").contains("part.yaml:"));
    let again = "'Fn::Transform': { Name: AWS::Include, Parameters: { Location: part.yaml } }\n";
    assert_eq!(told("part.yaml", again), "template.yaml:7:17: an included file cannot include another");
}

#[test]
fn t_04_other_transforms_are_told() {
    let output = |value: &str| format!("{FUNCTION}Outputs:\n  Out: {{ Value: {value} }}\n");
    each([
        (output("{ 'Fn::Length': [a] }"), vec!["7:17: Fn::Length needs `Transform: AWS::LanguageExtensions`"]),
        (
            format!("Transform: AWS::LanguageExtensions\n{}", output("{ 'Fn::Length': a }")),
            vec!["8:33: Fn::Length needs a list, not a single value"],
        ),
    ]);
}

#[test]
fn t_04_versions_and_aliases_of_a_published_function() {
    let text = function("      AutoPublishAlias: live\n")
        + "Outputs:\n  A: { Value: !Ref F.Alias }\n  V: { Value: !Sub '${F.Arn}' }\n";
    let outputs = application(&text).outputs;
    assert_eq!(outputs["A"], "arn:aws:lambda:us-east-1:000000000000:function:parlance-F:live");
    assert_eq!(outputs["V"], "arn:aws:lambda:us-east-1:000000000000:function:parlance-F");
    each([(
        format!("{FUNCTION}Outputs:\n  A: {{ Value: !Ref F.Alias }}\n"),
        vec!["7:15: unknown reference `F.Alias` (known: F)"],
    )]);
}

#[test]
fn t_04_aliases_and_versions_as_resources_of_their_own() {
    let route = "  I:\n    Type: AWS::ApiGatewayV2::Integration\n    Properties: { ApiId: !Ref A, IntegrationType: AWS_PROXY, PayloadFormatVersion: '2.0', IntegrationUri: !Ref L }\n  \
                 R:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: { ApiId: !Ref A, RouteKey: GET /x, Target: !Sub 'integrations/${I}' }\n";
    let text = format!(
        "{FUNCTION}  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: {{ ProtocolType: HTTP }}\n  \
         S:\n    Type: AWS::ApiGatewayV2::Stage\n    Properties: {{ ApiId: !Ref A, StageName: $default }}\n  \
         V:\n    Type: AWS::Lambda::Version\n    Properties: {{ FunctionName: !Ref F }}\n  \
         L:\n    Type: AWS::Lambda::Alias\n    Properties: {{ FunctionName: !GetAtt F.Arn, FunctionVersion: !GetAtt V.Version, Name: live }}\n{route}\
         Outputs:\n  V: {{ Value: !Ref V }}\n  L: {{ Value: !Ref L }}\n"
    );
    let application = application(&text);
    assert_eq!(application.outputs["L"], "arn:aws:lambda:us-east-1:000000000000:function:parlance-F:live");
    assert_eq!(application.outputs["V"], "arn:aws:lambda:us-east-1:000000000000:function:parlance-F:1");
    assert_eq!(application.http_apis["A"].routes[0].function, "F");
    assert!(application.left_out.is_empty(), "{:?}", application.left_out);
}

#[test]
fn no_message_repeats_a_secret() {
    let text = "Parameters:\n  Secret: { Type: String, NoEcho: true, Default: hunter2 }\nResources:\n  F:\n    \
                Type: AWS::Serverless::Function\n    Properties: { CodeUri: f/, Timeout: !Ref Secret }\n";
    each([(text, vec!["6:41: F: `Timeout` must be a whole number from 1 to 900 (seconds), not `****`"])]);
}
