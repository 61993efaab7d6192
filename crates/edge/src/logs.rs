//! Logs: one JSON object a line, as CloudWatch reads it. No token, address, password or text of a message is logged
//! (security C2).

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Our own crates. What others tell at `debug` and `trace` are whole requests, with tokens and texts in them: of those
/// nothing below `info` is logged, whatever the setting says.
const OWN: [&str; 5] = ["app", "domain", "edge", "functions", "store"];

/// What is logged whatever the setting says (security J3).
const AUDIT: &str = "app::audit=info";

/// Starts logging at the level of the setting `LOG_LEVEL`.
pub(crate) fn start(level: &str) {
    // A second call within one process (tests) keeps the first.
    let _ = subscriber(level, std::io::stdout).try_init();
}

/// What writes the logs of this level, a line each.
pub fn subscriber<W>(level: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        // CloudWatch stamps every line itself.
        .without_time()
        .with_env_filter(filter(level))
        .with_writer(writer)
        .finish()
}

fn filter(level: &str) -> EnvFilter {
    let all = if matches!(level, "debug" | "trace") {
        OWN.iter().fold("info".to_owned(), |all, own| format!("{all},{own}={level}"))
    } else {
        level.to_owned()
    };
    EnvFilter::try_new(format!("{all},{AUDIT}")).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Says why the process ends.
pub(crate) fn fatal(error: &crate::Error) {
    start("error");
    tracing::error!(error = error.to_string(), "the function cannot run");
}
