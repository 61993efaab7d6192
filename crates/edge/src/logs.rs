//! Logs: one JSON object a line, as CloudWatch reads it. No token, address, password or text of a message is logged.

use tracing_subscriber::EnvFilter;

/// Starts logging at the level of the setting `LOG_LEVEL`.
pub(crate) fn start(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call within one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        // CloudWatch stamps every line itself.
        .without_time()
        .with_env_filter(filter)
        .try_init();
}

/// Says why the process ends.
pub(crate) fn fatal(error: &crate::Error) {
    start("error");
    tracing::error!(error = error.to_string(), "the function cannot run");
}
