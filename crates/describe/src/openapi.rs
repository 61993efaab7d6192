//! OpenAPI 3.1: the HTTP API.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use wire::{Code, ErrorBody};

use crate::limits::Limits;
use crate::operation::id;
use crate::row::{Answer, Example, Other, PathParameter, Request, Route, SchemaOf};
use crate::schemas::Schemas;
use crate::{Error, Kind, groups};

const DESCRIPTION: &str = "\
Multilingual chat: everybody writes in their language and reads in their own. What happens live goes over the socket, \
which asyncapi.json describes.

**Tokens.** Signing in gives an access token for `Authorization: Bearer …`, good for {AccessTokenSeconds} seconds.

**Bodies** are JSON, in both directions. In a request `null` counts as absent and unknown fields are ignored. Answers may \
gain fields: ignore what you do not know. Times are ISO 8601 in UTC with milliseconds.

**Errors** have one shape, `ErrorBody`, with a `code` to decide by. Before any function runs, API Gateway itself refuses \
bodies of several megabytes (413) and more than {ThrottlingRate} requests a second over all clients (429), with \
`{ \"message\": … }` alone.

**Limits** are those of the template's defaults; a deployment may set others. A signed-in person has {HttpPerMinute} \
requests a minute. There are {SignInPerMinute} tries a minute to sign in or register, for each network address and for \
each account. Answers to counted requests tell in `X-RateLimit-*` how the scarcest limit stands.";

/// The whole document.
pub(crate) fn document(limits: &Limits) -> Result<Value, Error> {
    let mut schemas = Schemas::draft2020_12();
    let mut paths = Map::new();
    for route in groups::routes() {
        let operation = operation(&mut schemas, limits, &route)?;
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.to_ascii_lowercase()] = operation;
    }
    let default = groups::others().into_iter().find(|row| row.kind == Kind::HttpDefault);
    let default = default.map(|row| default_route(&mut schemas, limits, &row));
    Ok(json!({
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Parlance HTTP API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": limits.fill(DESCRIPTION),
            "license": { "name": "Apache License 2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": servers(),
        "tags": [
            { "name": "Accounts", "description": "Making an account, signing in to it, looking at it." },
            { "name": "People", "description": "The own profile, finding others, looking at them." },
            { "name": "Devices", "description": "Where notifications go." },
            { "name": "Conversations", "description": "Starting conversations and finding them again." },
            { "name": "Messages", "description": "Reading what was said." },
            { "name": "Attachments", "description": "Files of conversations." },
            { "name": "Languages", "description": "What can be read here." },
        ],
        "paths": paths,
        "x-default-route": default,
        "components": {
            "securitySchemes": {
                "accessToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `accessToken` that signing in gave.",
                },
            },
            "headers": headers(),
            "schemas": schemas.into_components(limits)?,
        },
    }))
}

fn servers() -> Value {
    json!([
        { "url": "http://localhost:3001", "description": "On a laptop: `cargo run`." },
        {
            "url": "https://{apiId}.execute-api.{region}.amazonaws.com",
            "description": "Deployed: `HttpUrl` among the stack's outputs.",
            "variables": {
                "apiId": { "default": "api-id", "description": "Identifier that API Gateway gave the HTTP API." },
                "region": { "default": "us-east-1", "description": "AWS region of the deployment." },
            },
        },
    ])
}

fn operation(schemas: &mut Schemas, limits: &Limits, route: &Route) -> Result<Value, Error> {
    let limit = if route.limit.is_empty() { None } else { Some(limits.get(route.limit)?) };
    let mut responses = BTreeMap::new();
    for answer in &route.answers {
        responses.insert(answer.status.to_string(), success(schemas, answer, limit.is_some()));
    }
    responses.extend(failures(schemas, &route.errors, limit));
    let mut parameters = Vec::new();
    parameters.extend(route.path_parameters.iter().map(|parameter| path_parameter(schemas, parameter)));
    if let Some(query) = route.query {
        parameters.extend(query_parameters(schemas, query, route.function)?);
    }
    let mut operation = json!({
        "operationId": id(route.function),
        "tags": [route.tag],
        "summary": route.summary,
        "description": limits.fill(route.description),
        "security": if route.signed_in { json!([{ "accessToken": [] }]) } else { json!([]) },
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(request) = &route.request {
        operation["requestBody"] = request_body(schemas, request);
    }
    operation["responses"] = json!(responses);
    Ok(operation)
}

fn path_parameter(schemas: &mut Schemas, parameter: &PathParameter) -> Value {
    let PathParameter { name, description, schema, example } = parameter;
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": description,
        "schema": schemas.read(*schema),
        "example": example,
    })
}

/// A parameter for each field of the query's type, which says itself what it has: a reference to it is an error.
fn query_parameters(schemas: &mut Schemas, query: SchemaOf, function: &str) -> Result<Vec<Value>, Error> {
    let schema = schemas.read(query);
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = schema["properties"].as_object().ok_or_else(|| Error::Query(function.to_owned()))?;
    let parameter = |(name, field): (&String, &Value)| {
        let mut field = field.clone();
        let description = field.as_object_mut().and_then(|field| field.shift_remove("description"));
        json!({
            "name": name,
            "in": "query",
            "required": required.contains(&name.as_str()),
            "description": description,
            "schema": field,
        })
    };
    Ok(fields.iter().map(parameter).collect())
}

fn request_body(schemas: &mut Schemas, request: &Request) -> Value {
    let example = |Example { name, summary, value }: &Example| {
        ((*name).to_owned(), json!({ "summary": summary, "value": value }))
    };
    let examples: Map<_, _> = request.examples.iter().map(example).collect();
    let schema = schemas.read(request.schema);
    json!({ "required": true, "content": { "application/json": { "schema": schema, "examples": examples } } })
}

fn success(schemas: &mut Schemas, answer: &Answer, is_counted: bool) -> Value {
    let mut response = json!({
        "description": answer.description,
        "headers": counted(false),
        "content": {
            "application/json": { "schema": schemas.written(answer.schema), "example": answer.example },
        },
    });
    if let (false, Some(response)) = (is_counted, response.as_object_mut()) {
        response.shift_remove("headers");
    }
    response
}

/// One response for each status, with the codes it can carry. `limit` is absent where nothing is counted.
fn failures(schemas: &mut Schemas, errors: &[ErrorBody], limit: Option<&str>) -> BTreeMap<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<&ErrorBody>> = BTreeMap::new();
    for error in errors {
        by_status.entry(status(error.code)).or_default().push(error);
    }
    let response = |(status, errors): (u16, Vec<&ErrorBody>)| (status.to_string(), failure(schemas, &errors, limit));
    by_status.into_iter().map(response).collect()
}

fn failure(schemas: &mut Schemas, errors: &[&ErrorBody], limit: Option<&str>) -> Value {
    let names: Vec<_> = errors.iter().map(|error| word(error.code)).collect();
    let mut schema = schemas.written(SchemaGenerator::subschema_for::<ErrorBody>);
    schema["properties"] = json!({ "code": { "enum": names } });
    let example = |error: &&ErrorBody| (word(error.code), json!({ "value": error }));
    let examples: Map<_, _> = errors.iter().map(example).collect();
    let meaning = |error: &&ErrorBody| format!("`{}`: {}", word(error.code), meaning(error.code));
    let limited = errors.iter().any(|error| error.code == Code::RateLimited);
    let allowance = limit.filter(|_| limited).map(|limit| format!("The limit is {limit}."));
    let description = errors.iter().map(meaning).chain(allowance).collect::<Vec<_>>().join(" ");
    let mut response = json!({ "description": description });
    // Whoever gets these was refused before anything was counted.
    let is_counted = |error: &&ErrorBody| !matches!(error.code, Code::Unauthorized | Code::PayloadTooLarge);
    if limit.is_some() && errors.iter().any(is_counted) {
        response["headers"] = counted(limited);
    }
    response["content"] = json!({ "application/json": { "schema": schema, "examples": examples } });
    response
}

fn default_route(schemas: &mut Schemas, limits: &Limits, row: &Other) -> Value {
    json!({
        "operationId": id(row.function),
        "summary": row.summary,
        "description": limits.fill(row.description),
        "responses": failures(schemas, &row.errors, None),
    })
}

/// The headers of an answer to a counted request.
fn counted(full: bool) -> Value {
    let names = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];
    let names = names.into_iter().chain(full.then_some("Retry-After"));
    let header = |name: &str| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    names.map(header).collect::<Map<_, _>>().into()
}

fn headers() -> Value {
    let header = |description: &str, example: u64| {
        let schema = json!({ "type": "integer", "minimum": 0 });
        json!({ "description": description, "schema": schema, "example": example })
    };
    json!({
        "X-RateLimit-Limit": header("Requests a minute of the scarcest limit. Absent where nothing was counted yet.", 100),
        "X-RateLimit-Remaining": header("Requests left of it in this minute.", 99),
        "X-RateLimit-Reset": header("When the next minute begins, in seconds since 1970-01-01T00:00:00Z.", 1_773_480_420),
        "Retry-After": header("Seconds to wait before the next try.", 42),
    })
}

/// The code as the API spells it.
pub(crate) fn word(code: Code) -> String {
    json!(code).as_str().unwrap_or_default().to_owned()
}

/// Contract, Errors.
fn status(code: Code) -> u16 {
    match code {
        Code::ValidationError | Code::EmailExists | Code::UsernameExists => 400,
        Code::InvalidCredentials | Code::Unauthorized => 401,
        Code::InsufficientTokens => 402,
        Code::Forbidden => 403,
        Code::NotFound => 404,
        Code::Conflict => 409,
        Code::PayloadTooLarge => 413,
        Code::RateLimited => 429,
        Code::TranslationError => 502,
        Code::InternalError => 500,
    }
}

fn meaning(code: Code) -> &'static str {
    match code {
        Code::ValidationError => "`details` names every bad field.",
        Code::EmailExists => "The address has an account.",
        Code::UsernameExists => "The username is taken.",
        Code::InvalidCredentials => "Unknown account or wrong password.",
        Code::Unauthorized => "No access token, or none that holds.",
        Code::InsufficientTokens => "No balance for a call that only translates.",
        Code::Forbidden => "Known to the caller, but not allowed.",
        Code::NotFound => "Unknown, or not visible to the caller.",
        Code::Conflict => "The state does not allow it.",
        Code::PayloadTooLarge => "The body is larger than any request of this API.",
        Code::RateLimited => "Too many in this minute.",
        Code::TranslationError => "A translation that was the whole purpose failed.",
        Code::InternalError => "A defect; the message tells the request id.",
    }
}
