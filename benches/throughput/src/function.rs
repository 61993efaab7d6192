//! The function behind everything that is measured: it answers the same to all.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

/// Name under which this program is the function.
pub(crate) const NAME: &str = "trivial";

/// Whether this program was started as the function.
pub(crate) fn is_asked_for() -> bool {
    let program = std::env::args_os().next().unwrap_or_default();
    std::path::Path::new(&program).file_name().is_some_and(|name| name == NAME || name == "bootstrap")
}

/// Serves the Runtime API until it is killed; on one thread, as functions have it on AWS.
pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answer = service_fn(|_: LambdaEvent<Value>| async {
        // All that `lambda_http` sends: some tools take nothing less.
        Ok::<_, Error>(json!({
            "statusCode": 200, "headers": { "content-type": "text/plain" }, "multiValueHeaders": {}, "body": "ok",
            "isBase64Encoded": false, "cookies": [],
        }))
    });
    if let Err(error) = runtime.block_on(lambda_runtime::run(answer)) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
