//! Options, and where programs are found.

use serde_json::json;

use crate::support::{Run, folder, place, refused, template};

fn rust() -> String {
    template("target/lambda/echo/", "bootstrap", "provided.al2023")
}

#[tokio::test]
async fn programs_of_a_folder_are_named_after_their_code() {
    let folder = folder(&rust());
    place(&folder.path().join("bin/echo"));
    let mut run = Run::start(folder.path(), &["--binaries", "bin"]).await;
    let (status, body) = run.get("/echo?do=raw&payload=%22hello%22").await;
    assert_eq!((status, body.as_str()), (200, "hello"));
    let request = run.event("request").await;
    assert_eq!((&request["path"], &request["status"]), (&json!("/echo"), &json!(200)));
    assert_eq!((&request["execution"]["function"], &request["execution"]["cold"]), (&json!("Echo"), &json!(true)));
    assert!(run.stop().await);
}

#[tokio::test]
async fn h_09_switches_are_options() {
    let folder = folder(&rust());
    place(&folder.path().join("bin/echo"));
    for (options, status) in
        [(&["--binaries", "bin"][..], 404), (&["--binaries", "bin", "--behaviour", "trailing_slash_matches=true"], 200)]
    {
        let run = Run::start(folder.path(), options).await;
        assert_eq!(run.get("/echo/").await.0, status);
        assert!(run.stop().await);
    }
    let refused = refused(folder.path(), &["--behaviour", "trailing=true"]).await;
    assert!(refused.contains("expected one of `trailing_slash_matches`"), "{refused}");
}

#[tokio::test]
async fn bootstraps_are_found_where_tools_leave_them() {
    for program in ["target/lambda/echo/bootstrap", ".aws-sam/build/Echo/bootstrap"] {
        let folder = folder(&rust());
        place(&folder.path().join(program));
        let run = Run::start(folder.path(), &[]).await;
        assert_eq!(run.get("/echo?do=raw&payload=1").await.0, 200, "{program}");
        assert!(run.stop().await);
    }
}

#[tokio::test]
async fn any_program_that_speaks_the_runtime_api_will_do() {
    let folder = folder(&rust());
    let program = format!("Echo={}", env!("CARGO_BIN_EXE_gateway-echo"));
    let options = ["--function", &program, "--env", "GREETING=hello", "--parameter-overrides", "A=b"];
    let refused = refused(folder.path(), &options).await;
    assert!(refused.contains("template.yaml") && refused.contains("`A`"), "{refused}");
    let run = Run::start(folder.path(), &options[..4]).await;
    let (_, body) = run.get("/echo?do=environment").await;
    let variables: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(variables["GREETING"], "hello");
    // What runs here is found by the SDKs without being told.
    assert_eq!(variables["AWS_ENDPOINT_URL_LAMBDA"], run.url);
    assert_eq!(variables["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"], format!("{}/default", run.url));
    assert!(run.stop().await);
}

#[tokio::test]
async fn functions_may_run_behind_another_invoke_api() {
    let far = folder(&rust());
    place(&far.path().join("bin/echo"));
    // Another stack: there the function has another name, and is found by its program's.
    let elsewhere = Run::start(far.path(), &["--binaries", "bin", "--stack-name", "far"]).await;
    let near = folder(&rust());
    let mut run = Run::start(near.path(), &["--invoke", &elsewhere.url]).await;
    assert_eq!(run.get("/echo?do=raw&payload=%22far%22").await, (200, "far".to_owned()));
    assert_eq!(run.get("/echo?do=error&message=no").await.0, 500);
    assert!(elsewhere.stop().await);
    assert_eq!(run.get("/echo").await.0, 503);
    assert_eq!(run.event("request").await["execution"]["function"], "Echo");
    assert!(run.stop().await);
}

#[tokio::test]
async fn what_is_missing_is_named_with_its_place_and_what_to_do() {
    let folder = folder(&rust());
    let refused = refused(folder.path(), &[]).await;
    assert!(refused.contains("template.yaml:3:3: Echo: there is no program "), "{refused}");
    assert!(refused.contains("cargo lambda build") && refused.contains("--function Echo=PROGRAM"), "{refused}");
    let nowhere = crate::support::refused(folder.path(), &["--template", "other.yaml"]).await;
    assert!(nowhere.contains("there is no template other.yaml"), "{nowhere}");
}
