//! Execution environments: processes, limits, failures, logs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gateway::report::Source;
use gateway::{Event, Launch, LaunchError, Launcher, Options, StartError};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Plan, Stack};

async fn error(stack: &Stack, event: &serde_json::Value) -> (String, String) {
    let (status, failed, payload) = stack.invoke("Echo", event).await;
    assert_eq!((status, failed), (200, true), "{payload}");
    let text = |key: &str| payload[key].as_str().unwrap().to_owned();
    (text("errorType"), text("errorMessage"))
}

fn exists(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

#[tokio::test]
async fn l_01_one_invocation_at_a_time_and_warm_ones_first() {
    let mut stack = Plan::new().start().await;
    let sleep = json!({"do": "sleep", "ms": "300"});
    let (first, second) = tokio::join!(stack.invoke("Echo", &sleep), stack.invoke("Echo", &sleep));
    assert_eq!((first.0, second.0), (200, 200));
    let processes: BTreeSet<_> = stack.cold_starts().into_iter().collect();
    assert_eq!(processes.len(), 2);
    for _ in 0..3 {
        let (_, _, context) = stack.invoke("Echo", &json!({"do": "context"})).await;
        let process = u32::try_from(context["process"].as_u64().unwrap()).unwrap();
        assert!(processes.contains(&process));
    }
    assert_eq!(stack.cold_starts().len(), 2);
}

#[tokio::test]
async fn a_function_has_a_limit_of_environments_and_the_rest_queues() {
    let mut stack = Plan::new().limits(|limits| limits.environments = 1).start().await;
    let sleep = json!({"do": "sleep", "ms": "50"});
    let invocations = (0..4).map(|_| stack.invoke("Echo", &sleep));
    for (status, failed, _) in futures_util::future::join_all(invocations).await {
        assert_eq!((status, failed), (200, false));
    }
    assert_eq!(stack.cold_starts().len(), 1);
}

#[tokio::test]
async fn l_03_deadline_arn_and_trace() {
    let stack = Plan::new().http("GET /x").start().await;
    let now = || u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let before = now();
    let root = "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0";
    let request = reqwest::Client::new().get(stack.url("/x?do=context")).header("x-amzn-trace-id", root);
    let context: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    let deadline = context["deadline"].as_u64().unwrap();
    assert!((before + 10_000..=now() + 10_000).contains(&deadline), "{deadline}");
    assert_eq!(context["arn"], "arn:aws:lambda:us-east-1:000000000000:function:test-echo");
    let trace = context["trace"].as_str().unwrap();
    assert!(trace.starts_with(&format!("{root};Parent=")) && trace.ends_with(";Sampled=0"), "{trace}");
    assert_eq!(uuid::Uuid::parse_str(context["requestId"].as_str().unwrap()).unwrap().get_version_num(), 4);
}

#[tokio::test]
async fn l_04_l_05_l_15_the_environment_is_lambdas_own() {
    let plan = Plan::new().function("Echo", |function| {
        function.environment.insert("TABLE_NAME".to_owned(), "t".to_owned());
    });
    let stack = plan.start().await;
    let (_, _, variables) = stack.invoke("Echo", &json!({"do": "environment"})).await;
    assert_eq!(variables["TABLE_NAME"], "t");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "test-echo");
    assert_eq!(variables["PATH"], "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin");
    // L-15: managed instances are another mode.
    assert_eq!(variables.get("AWS_LAMBDA_MAX_CONCURRENCY"), None);
    // Nothing of this test's own environment leaked in.
    let names: BTreeSet<_> = variables.as_object().unwrap().keys().map(String::as_str).collect();
    let lambdas_own = [
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
        // Set by the runtime itself.
        "_X_AMZN_TRACE_ID",
    ];
    assert_eq!(names, BTreeSet::from(lambdas_own));
}

#[tokio::test]
async fn l_06_a_timeout_kills_and_the_next_invocation_is_cold() {
    let plan = Plan::new().function("Echo", |function| function.timeout = Duration::from_millis(500));
    let mut stack = plan.start().await;
    let (kind, message) = error(&stack, &json!({"do": "sleep", "ms": "60000"})).await;
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(message.ends_with("Error: Task timed out after 0.50 seconds"), "{message}");
    let crash = stack.crash().await;
    assert_eq!(crash.reason, "Task timed out after 0.50 seconds");
    assert!(crash.last_lines[0].starts_with("EVENT "));
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    let processes = stack.cold_starts();
    assert_eq!(processes.len(), 2);
    assert!(!exists(processes[0]));
}

#[tokio::test]
async fn l_07_exits_are_told_by_status_and_by_signal() {
    let mut stack = Plan::new().start().await;
    let table = [
        (json!({"do": "exit", "code": "0"}), "Runtime exited without providing a reason"),
        (json!({"do": "exit", "code": "7"}), "Runtime exited with error: exit status 7"),
        (json!({"do": "abort"}), "Runtime exited with error: signal: aborted"),
    ];
    for (event, reason) in table {
        let (kind, message) = error(&stack, &event).await;
        assert_eq!(kind, "Runtime.ExitError");
        let crash = stack.crash().await;
        assert_eq!(message, format!("RequestId: {} Error: {reason}", crash.request_id.unwrap()));
        assert_eq!(crash.reason, reason);
    }
}

#[tokio::test]
async fn l_08_errors_and_panics_are_passed_on_and_the_environment_lives() {
    let mut stack = Plan::new().start().await;
    assert_eq!(error(&stack, &json!({"do": "error", "message": "no"})).await.1, "no");
    assert!(error(&stack, &json!({"do": "panic", "message": "boom"})).await.1.contains("boom"));
    let panic = stack.until(|event| if let Event::Panic(panic) = event { Some(panic.clone()) } else { None }).await;
    assert!(panic.location.contains("tests/support/echo.rs:"), "{panic:?}");
    assert_eq!((panic.message.as_str(), panic.request_id.is_some()), ("boom", true));
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    assert_eq!(stack.cold_starts().len(), 1);
}

#[tokio::test]
async fn l_09_six_megabytes_either_way() {
    let stack = Plan::new().start().await;
    // The quotes of the JSON string count.
    let (status, failed, payload) = stack.invoke("Echo", &json!({"do": "big", "bytes": "6291554"})).await;
    assert_eq!((status, failed, payload.as_str().unwrap().len()), (200, false, 6_291_554));
    let (kind, message) = error(&stack, &json!({"do": "big", "bytes": "6291555"})).await;
    assert_eq!(kind, "Function.ResponseSizeTooLarge");
    assert_eq!(message, "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    let (status, ..) = stack.invoke("Echo", &json!({"large": "x".repeat(6_291_556)})).await;
    assert_eq!(status, 413);
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
}

#[tokio::test]
async fn l_10_reserved_concurrency_refuses_the_second() {
    let plan = Plan::new().function("Echo", |function| function.reserved_concurrency = Some(1)).http("GET /x");
    let mut stack = plan.start().await;
    let sleep = stack.url("/2015-03-31/functions/Echo/invocations");
    let sleeping = tokio::spawn(async move {
        let sleep = reqwest::Client::new().post(sleep).json(&json!({"do": "sleep", "ms": "1500"}));
        sleep.send().await.unwrap().status().as_u16()
    });
    stack.event().await;
    let (status, _, payload) = stack.invoke("Echo", &json!({})).await;
    assert_eq!((status, &payload["message"]), (429, &json!("Rate Exceeded.")));
    assert_eq!(stack.get("/x", &[]).await.status(), 500);
    assert_eq!(sleeping.await.unwrap(), 200);
}

#[tokio::test]
async fn l_11_a_failing_initialisation_is_repeated_once_and_then_told() {
    let plan = Plan::new().function("Echo", |function| {
        function.environment.insert("START".to_owned(), "exit".to_owned());
    });
    let mut stack = plan.start().await;
    let (kind, message) = error(&stack, &json!({})).await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(message.ends_with("Error: Runtime exited with error: exit status 3"), "{message}");
    let first = stack.line(Source::Platform, "INIT_REPORT").await;
    assert!(first.line.ends_with("Phase: init\tStatus: error\tError Type: Runtime.ExitError"), "{first:?}");
    let second = stack.line(Source::Platform, "INIT_REPORT").await;
    assert!(second.line.ends_with("Phase: invoke\tStatus: error\tError Type: Runtime.ExitError"), "{second:?}");
    let report = stack.line(Source::Platform, "REPORT").await;
    assert!(report.line.ends_with("\tStatus: error\tError Type: Runtime.ExitError"), "{report:?}");
}

#[tokio::test]
async fn l_11_a_suppressed_initialisation_counts_for_the_invocation() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark").display().to_string();
    let plan = Plan::new().function("Echo", |function| {
        function.environment.insert("START".to_owned(), "once".to_owned());
        function.environment.insert("MARK".to_owned(), mark);
    });
    let mut stack = plan.start().await;
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    let first = stack.line(Source::Platform, "INIT_REPORT").await;
    assert!(first.line.contains("Phase: init\tStatus: error"), "{first:?}");
    // Not told as an initialisation of its own: it was part of the invocation.
    let report = stack.line(Source::Platform, "REPORT").await;
    assert!(!report.line.contains("Init Duration"), "{report:?}");
}

#[tokio::test]
async fn l_11_an_endless_initialisation_is_a_timeout() {
    let plan = Plan::new()
        .function("Echo", |function| {
            function.environment.insert("START".to_owned(), "hang".to_owned());
            function.timeout = Duration::from_millis(300);
        })
        .limits(|limits| limits.init = Duration::from_millis(300));
    let mut stack = plan.start().await;
    assert_eq!(error(&stack, &json!({})).await.0, "Sandbox.Timedout");
    for phase in ["init", "invoke"] {
        let line = stack.line(Source::Platform, "INIT_REPORT").await.line;
        assert!(line.ends_with(&format!("Phase: {phase}\tStatus: timeout")), "{line}");
    }
    let report = stack.line(Source::Platform, "REPORT").await;
    assert!(report.line.ends_with("\tStatus: timeout"), "{report:?}");
}

#[tokio::test]
async fn l_13_log_lines_in_order_with_their_request() {
    let mut stack = Plan::new().start().await;
    stack.invoke("Echo", &json!({"do": "log", "line": "hello"})).await;
    let init = stack.line(Source::Platform, "INIT_START").await;
    assert_eq!((init.line.as_str(), init.request_id), ("INIT_START Runtime Version: provided.al2023", None));
    let start = stack.line(Source::Platform, "START").await;
    let id = start.request_id.clone().unwrap();
    assert_eq!(start.line, format!("START RequestId: {id} Version: $LATEST"));
    let end = stack.line(Source::Platform, "END").await;
    assert_eq!(end.line, format!("END RequestId: {id}"));
    let report = stack.line(Source::Platform, "REPORT").await;
    let fields: Vec<_> = report.line.split('\t').collect();
    let starts = ["REPORT RequestId: ", "Duration: ", "Billed Duration: ", "Memory Size: 128 MB", "Max Memory Used: "];
    for (field, start) in fields.iter().zip(starts.into_iter().chain(["Init Duration: ", ""])) {
        assert!(field.starts_with(start), "{report:?}");
    }
    assert_eq!(fields.len(), 7);
    // The function's own line stands between the two, exactly.
    let mine = |event: &Event| match event {
        Event::Log(log) if log.request_id.as_deref() == Some(&id) && !log.line.starts_with("EVENT") => {
            log.line.split(' ').next().map(str::to_owned)
        }
        _ => None,
    };
    let order: Vec<_> = stack.told().iter().filter_map(mine).collect();
    assert_eq!(order, ["START", "hello", "END", "REPORT"].map(|word| word.split('\t').next().unwrap()));
}

#[tokio::test]
async fn a_functions_lines_are_told_with_its_name_and_request() {
    let mut stack = Plan::new().start().await;
    stack.invoke("Echo", &json!({"do": "log", "line": "hello"})).await;
    let line = stack.line(Source::Error, "hello").await;
    assert_eq!((line.function.as_str(), line.request_id.is_some()), ("Echo", true));
}

#[tokio::test]
async fn idle_environments_cool_down() {
    let mut stack = Plan::new().limits(|limits| limits.warm = Duration::from_millis(50)).start().await;
    stack.invoke("Echo", &json!({})).await;
    let process = stack.cold_starts()[0];
    let gone = async {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while exists(process) {
            tick.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
    let crashed = |event: &Event| matches!(event, Event::Crash(_));
    assert!(!stack.told().iter().any(crashed));
}

#[tokio::test]
async fn shutdown_ends_every_process_idle_or_busy() {
    let mut stack = Plan::new().start().await;
    stack.invoke("Echo", &json!({})).await;
    let url = stack.url("/2015-03-31/functions/Echo/invocations");
    stack.event().await;
    let busy = |request: reqwest::RequestBuilder| request.header("x-amz-invocation-type", "Event");
    for _ in 0..2 {
        let sleep = reqwest::Client::new().post(&url).json(&json!({"do": "sleep", "ms": "60000"}));
        assert_eq!(busy(sleep).send().await.unwrap().status(), 202);
        stack.event().await;
    }
    let processes = stack.cold_starts();
    assert_eq!(processes.len(), 2);
    stack.stop().await;
    for process in processes {
        assert!(!exists(process), "{process}");
    }
}

struct Missing;

impl Launcher for Missing {
    fn launch(&self, function: &gateway::model::Function) -> Result<Launch, LaunchError> {
        if function.logical_id == "Echo" {
            return Err(LaunchError("no binary target/lambda/echo/bootstrap".to_owned()));
        }
        Ok(Launch { program: PathBuf::from("/nowhere/bootstrap"), ..Launch::default() })
    }
}

#[tokio::test]
async fn missing_binaries_are_refused_at_start_by_name_and_line() {
    let plan = Plan::new().function("Other", |_| {}).function("Reserved", |function| {
        function.environment.insert("AWS_REGION".to_owned(), "x".to_owned());
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let started = gateway::start(plan.application, Options::new(listener, Arc::new(Missing)));
    let Err(error @ StartError::Launch(_)) = started else { panic!("started") };
    assert_eq!(
        error.to_string(),
        "template.yaml:1:3: Echo: no binary target/lambda/echo/bootstrap\n\
         template.yaml:2:3: Other: no program at /nowhere/bootstrap\n\
         template.yaml:3:3: Reserved: the environment variable AWS_REGION is reserved by Lambda"
    );
}

#[tokio::test]
async fn a_program_that_cannot_run_is_an_error_of_the_invocation() {
    struct NoProgram(PathBuf);
    impl Launcher for NoProgram {
        fn launch(&self, _: &gateway::model::Function) -> Result<Launch, LaunchError> {
            Ok(Launch { program: self.0.clone(), ..Launch::default() })
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let launcher = Arc::new(NoProgram(file.path().to_owned()));
    let running = gateway::start(Plan::new().application, Options::new(listener, launcher)).unwrap();
    let url = format!("http://{}/2015-03-31/functions/Echo/invocations", running.address());
    let answer = reqwest::Client::new().post(url).body("{}").send().await.unwrap();
    let payload: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(payload["errorType"], "Runtime.InvalidEntrypoint");
    running.shutdown().await;
}
