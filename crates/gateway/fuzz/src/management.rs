//! `@connections`, the Invoke API and `SigV4`: paths, queries and headers of the requests that functions make.
//!
//! Input: a request.

use gateway::lambda::invoke_api;
use gateway::management::{self, Signature, signature};
use gateway::model::Statement;
use gateway::{ids, policy};
use http::Response;
use http_body_util::Full;

use super::message;

/// Reads where a request goes and who signed it.
pub fn run(data: &[u8]) {
    let Some((head, body)) = message::read(data) else { return };
    let query = head.uri.query().unwrap_or_default();
    let read = Signature::read(&head.headers, query);
    assert!(read != Signature::Missing || !head.headers.contains_key("authorization"));
    let _ = read.refusal().map(Response::<Full<bytes::Bytes>>::from);
    assert!(!signature::is_right(&head, body, "secret"), "nobody guesses a signature");
    if let Some(target) = management::target(head.uri.path()) {
        let _ = ids::is_connection_id(&target.connection_id);
        let arn = management::arn("us-east-1", "000000000000", "s", head.method.as_str(), &target);
        let statement = Statement {
            allow: true,
            actions: vec!["execute-api:Manage*".to_owned()],
            resources: vec!["arn:aws:execute-api:*:*:s/*/POST/@connections/*".to_owned(), target.connection_id.clone()],
            ..Statement::default()
        };
        let _ = policy::allows(&[statement], "execute-api:ManageConnections", &arn);
        for answer in [
            management::invalid_id(&target.connection_id),
            management::access_denied("arn:x", "execute-api:ManageConnections", &arn, true),
        ] {
            let _ = Response::<Full<bytes::Bytes>>::from(answer);
        }
    }
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let _ = invoke_api::InvocationType::parse(text("x-amz-invocation-type"));
    if let Ok(Some(context)) = invoke_api::client_context(text("x-amz-client-context")) {
        assert!(http::HeaderValue::from_str(&context).is_ok(), "{context}");
    }
    if let Some(name) = invoke_api::function_of(head.uri.path()) {
        let _ = invoke_api::Name::parse(name).map(|name| invoke_api::qualifier(name.qualifier, head.uri.query()));
    }
}
