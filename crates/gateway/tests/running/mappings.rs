//! Parameter mapping of HTTP APIs, before backends and functions: H-60 to H-64.

use gateway::Behaviour;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::support::{Plan, Stack, read_text};

const KEY: &str = "ANY /pets/{petId}";

/// One route, to a backend or to a function, with these properties of the integration.
fn template(target: &str, parameters: &str) -> String {
    format!(
        "
Resources:
  F: {{ Type: AWS::Serverless::Function, Properties: {{ CodeUri: f/ }} }}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {{ Name: a, ProtocolType: HTTP }}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {{ ApiId: !Ref Api, StageName: v1, StageVariables: {{ place: here }} }}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      {target}
{parameters}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{ ApiId: !Ref Api, RouteKey: '{KEY}', Target: !Sub 'integrations/${{Integration}}' }}
"
    )
}

const FUNCTION: &str =
    "IntegrationType: AWS_PROXY\n      IntegrationUri: !GetAtt F.Arn\n      PayloadFormatVersion: '2.0'";

fn server(backend: &Backend) -> String {
    format!("IntegrationType: HTTP_PROXY\n      IntegrationUri: 'http://{}/pets'", backend.address)
}

async fn started(text: &str, behaviour: Behaviour) -> Stack {
    Plan::of(read_text(text).unwrap()).behaviour(|own| *own = behaviour).start().await
}

/// `GET /v1/pets/a%20b?q=1&q=2&drop=3` with a body and two headers.
async fn ask(stack: &Stack) -> reqwest::Response {
    let request = reqwest::Client::new()
        .post(stack.url("/v1/pets/a%20b?q=1&q=2&drop=3"))
        .header("x-one", "1")
        .header("x-gone", "2")
        .header("content-type", "application/json")
        .body(r#"{"owner":{"names":["Ada","Bo"]}}"#);
    request.send().await.unwrap()
}

const REQUESTS: &str = "      RequestParameters:
        append:header.x-one: $request.querystring.q
        overwrite:header.x-owner: ${request.body.owner.names[1]} of ${stageVariables.place}
        remove:header.x-gone: ''
        overwrite:header.x-gone-too: ''
        append:querystring.pet: $request.path.petId
        remove:querystring.drop: ''
        overwrite:querystring.by: ${context.routeKey}@${context.stage}
        overwrite:path: /other${request.path}
";

#[tokio::test]
async fn h_60_h_61_a_backend_gets_what_was_mapped() {
    let backend = Backend::start().await;
    let parameters = format!("{REQUESTS}        overwrite:header.Host: elsewhere.example\n");
    let stack = started(&template(&server(&backend), &parameters), Behaviour::default()).await;
    let seen: Value = ask(&stack).await.json().await.unwrap();
    assert_eq!(seen["target"], "/other/pets/a%20b?q=1&q=2&pet=a+b&by=ANY+%2Fpets%2F%7BpetId%7D%40v1");
    let headers = &seen["headers"];
    assert_eq!(headers["x-one"], json!(["1", "1,2"]));
    assert_eq!(headers["x-owner"], json!(["Bo of here"]));
    assert_eq!((&headers["x-gone"], &headers["x-gone-too"]), (&Value::Null, &Value::Null));
    assert_eq!(headers["host"], json!(["elsewhere.example"]));
    assert_eq!(seen["body"], r#"{"owner":{"names":["Ada","Bo"]}}"#);
}

#[tokio::test]
async fn h_60_h_61_a_function_sees_what_was_mapped() {
    let stack = started(&template(FUNCTION, REQUESTS), Behaviour::default()).await;
    let event: Value = ask(&stack).await.json().await.unwrap();
    assert_eq!(event["rawPath"], "/other/pets/a b");
    assert_eq!(event["queryStringParameters"], json!({"q": "1,2", "pet": "a b", "by": format!("{KEY}@v1")}));
    assert_eq!(event["headers"]["x-one"], "1,1,2");
    assert_eq!((&event["headers"]["x-owner"], &event["headers"]["x-gone"]), (&json!("Bo of here"), &Value::Null));
    assert_eq!(event["pathParameters"], json!({"petId": "a b"}));
}

#[tokio::test]
async fn h_60_responses_are_mapped_by_their_status() {
    let backend = Backend::start().await;
    let parameters = "      RequestParameters: { overwrite:path: $request.querystring.to }
      ResponseParameters:
        '404':
          ResponseParameters:
            - { Destination: overwrite:statuscode, Source: '403' }
            - { Destination: append:header.x-was, Source: $response.body.status }
            - { Destination: append:header.x-backend, Source: '${response.header.x-backend} and ${context.stage}' }
        '201': { 'remove:header.x-backend': '', 'overwrite:header.set-cookie': c=3 }
";
    let stack = started(&template(&server(&backend), parameters), Behaviour::default()).await;
    let of = async |status: u16| reqwest::get(stack.url(&format!("/v1/pets/1?to=/status/{status}"))).await.unwrap();
    let changed = of(404).await;
    assert_eq!((changed.status().as_u16(), &changed.headers()["x-was"]), (403, &"404".parse().unwrap()));
    let all: Vec<_> = changed.headers().get_all("x-backend").iter().collect();
    assert_eq!(all, ["here", "here and v1"]);
    assert_eq!(changed.text().await.unwrap(), r#"{"status":404}"#);
    let changed = of(201).await;
    assert!(!changed.headers().contains_key("x-backend"));
    assert_eq!(changed.headers().get_all("set-cookie").iter().collect::<Vec<_>>(), ["c=3"]);
    assert_eq!(of(202).await.headers()["x-backend"], "here");
}

#[tokio::test]
async fn h_62_paths_look_at_the_first_hundred_kilobytes() {
    let backend = Backend::start().await;
    let parameters = "      RequestParameters: { overwrite:header.x-a: 'a=${request.body.a}' }\n";
    let stack = started(&template(&server(&backend), parameters), Behaviour::default()).await;
    for (padding, expected) in [(10, "a=1"), (100 * 1024, "a=")] {
        let body = json!({ "a": 1, "padding": "x".repeat(padding) }).to_string();
        let answer = reqwest::Client::new().post(stack.url("/v1/pets/1")).body(body).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap()["headers"]["x-a"], json!([expected]));
    }
}

#[test]
fn h_63_reserved_headers_are_refused_where_they_stand() {
    let told = |parameters: &str| read_text(&template(FUNCTION, parameters)).unwrap_err();
    let error = told("      RequestParameters: { 'append:header.Authorization': a }\n");
    assert!(error.contains(":17:28: Integration: the header `Authorization` is reserved"), "{error}");
    let error = told("      ResponseParameters: { '200': { 'remove:header.via': '' } }\n");
    assert!(error.contains(":17:38: Integration: the header `via` is reserved"), "{error}");
    let error = told("      ResponseParameters: { all: { 'remove:header.x': '' } }\n");
    assert!(error.contains("`all` of `ResponseParameters` is no status"), "{error}");
    let error = told("      RequestParameters: { 'overwrite:header.x': $request.cookie.a }\n");
    assert!(error.contains("`$request.cookie.a` is no value"), "{error}");
}

#[tokio::test]
async fn h_64_an_empty_value_changes_nothing_unless_the_switch_says_so() {
    let backend = Backend::start().await;
    let parameters = "      RequestParameters: { overwrite:header.x-one: $request.header.x-none }\n";
    for (set, expected) in [(false, "1"), (true, "")] {
        let behaviour = Behaviour { empty_mapped_values_are_set: set, ..Behaviour::default() };
        let stack = started(&template(&server(&backend), parameters), behaviour).await;
        let seen: Value = ask(&stack).await.json().await.unwrap();
        assert_eq!(seen["headers"]["x-one"], json!([expected]));
    }
}
