//! The environment of a function's process: cleared, then Lambda's variables, the template's, the launcher's.

use std::collections::BTreeMap;

use crate::launch::Launch;
use crate::model::Function;

/// What differs between two execution environments of one function.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Region.
    pub region: &'a str,
    /// `host:port` of the Runtime API of this environment.
    pub runtime_api: &'a str,
    /// Name of its log stream.
    pub log_stream: &'a str,
}

/// Variables that Lambda sets itself and a template may not (L-05).
const RESERVED: [&str; 16] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
];

/// Largest total of a template's variables, names and values, in bytes (L-05).
const LARGEST: usize = 4096;

/// Why Lambda would refuse a function's variables (L-05), in a sentence; `None` when it would not.
pub fn refused(function: &Function) -> Option<String> {
    let reserved = function.environment.keys().find(|name| RESERVED.contains(&name.as_str()));
    if let Some(name) = reserved {
        return Some(format!("the environment variable {name} is reserved by Lambda"));
    }
    let total: usize = function.environment.iter().map(|(name, value)| name.len() + value.len()).sum();
    (total > LARGEST).then(|| format!("its environment variables have {total} bytes, Lambda allows {LARGEST}"))
}

/// Every variable of a new process (L-04), which must start from an empty environment (L-05).
///
/// Two values differ from AWS: the credentials are placeholders unless the launcher brings others, and
/// `LAMBDA_TASK_ROOT` is the folder of the code where there is one. There is no `AWS_EXECUTION_ENV`.
pub fn of(function: &Function, launch: &Launch, place: Place<'_>) -> BTreeMap<String, String> {
    let code = if function.code.is_dir() { function.code.display().to_string() } else { "/var/task".to_owned() };
    let fixed = [
        ("AWS_ACCESS_KEY_ID", "AKIALOCALGATEWAY0000"),
        ("AWS_SECRET_ACCESS_KEY", "local-gateway-secret"),
        ("AWS_SESSION_TOKEN", "local-gateway-session"),
        ("AWS_DEFAULT_REGION", place.region),
        ("AWS_REGION", place.region),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", place.log_stream),
        ("AWS_LAMBDA_RUNTIME_API", place.runtime_api),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000"),
        ("_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1"),
        ("_AWS_XRAY_DAEMON_PORT", "2000"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("LAMBDA_TASK_ROOT", &code),
        ("LANG", "en_US.UTF-8"),
        (
            "LD_LIBRARY_PATH",
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
        ),
        ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
        ("TZ", ":UTC"),
        ("_HANDLER", &function.handler),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut variables = BTreeMap::from(fixed);
    variables.extend(function.environment.clone());
    // Credentials come as a whole: a launcher's key does not go with our session.
    if launch.environment.contains_key("AWS_ACCESS_KEY_ID") {
        variables.remove("AWS_SESSION_TOKEN");
    }
    variables.extend(launch.environment.clone());
    variables
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::model::{EventInvoke, Location};

    fn function() -> Function {
        Function {
            logical_id: "PetsFunction".to_owned(),
            name: "parlance-pets".to_owned(),
            code: PathBuf::from("/nowhere"),
            inline: None,
            handler: "bootstrap".to_owned(),
            runtime: "provided.al2023".to_owned(),
            architecture: "arm64".to_owned(),
            memory_mb: 256,
            timeout: Duration::from_secs(3),
            environment: BTreeMap::from([("TABLE_NAME".to_owned(), "t".to_owned())]),
            reserved_concurrency: None,
            alias: None,
            event_invoke: EventInvoke::default(),
            policies: Vec::new(),
            events: Vec::new(),
            policies_elsewhere: false,
            location: Location { file: PathBuf::from("template.yaml"), line: 1, column: 1 },
        }
    }

    const PLACE: Place<'_> =
        Place { region: "us-east-1", runtime_api: "127.0.0.1:9001", log_stream: "2026/11/20/[$LATEST]0" };

    #[test]
    fn l_04_variables_of_provided_al2023() {
        let variables = of(&function(), &Launch::default(), PLACE);
        let names: Vec<_> = variables.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "AWS_ACCESS_KEY_ID",
                "AWS_DEFAULT_REGION",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                "AWS_LAMBDA_FUNCTION_NAME",
                "AWS_LAMBDA_FUNCTION_VERSION",
                "AWS_LAMBDA_INITIALIZATION_TYPE",
                "AWS_LAMBDA_LOG_GROUP_NAME",
                "AWS_LAMBDA_LOG_STREAM_NAME",
                "AWS_LAMBDA_RUNTIME_API",
                "AWS_REGION",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_XRAY_CONTEXT_MISSING",
                "AWS_XRAY_DAEMON_ADDRESS",
                "LAMBDA_RUNTIME_DIR",
                "LAMBDA_TASK_ROOT",
                "LANG",
                "LD_LIBRARY_PATH",
                "PATH",
                "TABLE_NAME",
                "TZ",
                "_AWS_XRAY_DAEMON_ADDRESS",
                "_AWS_XRAY_DAEMON_PORT",
                "_HANDLER",
            ]
        );
        assert_eq!(variables["AWS_LAMBDA_LOG_GROUP_NAME"], "/aws/lambda/parlance-pets");
        assert_eq!(variables["LAMBDA_TASK_ROOT"], "/var/task");
    }

    #[test]
    fn the_launcher_wins_over_the_template_and_the_template_over_lambda() {
        let mut function = function();
        function.environment.insert("LANG".to_owned(), "C".to_owned());
        let environment = BTreeMap::from([("TABLE_NAME".to_owned(), "local".to_owned())]);
        let variables = of(&function, &Launch { environment, ..Launch::default() }, PLACE);
        assert_eq!((variables["TABLE_NAME"].as_str(), variables["LANG"].as_str()), ("local", "C"));
    }

    #[test]
    fn a_launchers_key_does_not_go_with_our_session() {
        let environment = BTreeMap::from([("AWS_ACCESS_KEY_ID".to_owned(), "AKIAOWN".to_owned())]);
        let variables = of(&function(), &Launch { environment, ..Launch::default() }, PLACE);
        assert_eq!(variables["AWS_ACCESS_KEY_ID"], "AKIAOWN");
        assert_eq!(variables.get("AWS_SESSION_TOKEN"), None);
    }

    #[test]
    fn l_05_reserved_and_oversized_variables_are_refused() {
        let mut reserved = function();
        reserved.environment.insert("AWS_REGION".to_owned(), "eu-west-1".to_owned());
        assert!(refused(&reserved).is_some_and(|reason| reason.contains("AWS_REGION")));
        let mut large = function();
        large.environment.insert("BIG".to_owned(), "x".repeat(4096));
        assert!(refused(&large).is_some_and(|reason| reason.contains("4096")));
        assert_eq!(refused(&function()), None);
    }
}
