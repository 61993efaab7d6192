//! The program on the command line: what it says, and how it fails.

mod watch;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::PARLANCE;

/// A port that nobody listens on: the system gives none below 1024 to whoever asks for a free one.
const NOBODY: &str = "1";

fn parlance(arguments: &[&str]) -> Command {
    let mut command = Command::new(PARLANCE);
    command.args(arguments);
    listened_to(command)
}

fn listened_to(mut command: Command) -> Command {
    command.env("NO_COLOR", "1").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a command said when it is done. The demonstration has many things to wait for, one after the other.
async fn finished(mut command: Command) -> Output {
    tokio::time::timeout(8 * testkit::PATIENCE, command.output()).await.expect("it goes on and on").unwrap()
}

/// The one sentence of a start that failed.
async fn refusal(arguments: &[&str]) -> String {
    let output = finished(parlance(arguments)).await;
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let sentence = said.strip_prefix("error: ").unwrap_or_else(|| panic!("{said}")).trim_end().to_owned();
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence
}

/// A running stack, once it says that it runs; and what it said.
async fn running(arguments: &[&str]) -> (Child, String) {
    said_that_it_runs(parlance(arguments)).await
}

async fn said_that_it_runs(command: Command) -> (Child, String) {
    let mut child = listened_to(command).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    let end = "cargo run -- demo";
    while !said.contains(end) {
        let line = tokio::time::timeout(testkit::PATIENCE, lines.next_line()).await.expect("it says nothing more");
        said += &line.unwrap().unwrap_or_else(|| panic!("it stopped: {said}"));
        said.push('\n');
    }
    (child, said)
}

async fn signal(child: &mut Child, name: &str) -> std::process::ExitStatus {
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args([name, &id]).status().await.unwrap().success());
    tokio::time::timeout(testkit::PATIENCE, child.wait()).await.expect("it does not stop").unwrap()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// Processes that this one has started.
fn started_by(parent: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // Behind the program's name, which may hold anything: the state, and the parent.
    let parent_of = |id: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

/// Whether a function still runs in this process: one that has ended has no arguments any more.
fn runs(function: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{function}/cmdline")).is_ok_and(|arguments| arguments.contains("function"))
}

#[tokio::test]
async fn it_says_where_it_is_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    for signal_name in ["-INT", "-TERM"] {
        let (mut child, said) = running(&["--port", "0", "--data", &path(folder.path(), "data")]).await;
        let url = url(&said).to_owned();
        for part in ["WebSocket", "Translator", "/api/auth/register", "message:send"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        reqwest::get(&url).await.unwrap();
        let functions = started_by(child.id().unwrap());
        assert!(!functions.is_empty() && functions.iter().all(|id| runs(*id)), "{functions:?}");
        assert!(signal(&mut child, signal_name).await.success());
        assert!(!functions.iter().any(|id| runs(*id)), "a function was left behind");
    }
}

/// The first address that it says.
fn url(said: &str) -> &str {
    said.split_whitespace().find(|word| word.starts_with("http://localhost:")).unwrap()
}

#[tokio::test]
async fn functions_run_where_another_invoke_api_is() {
    let folder = tempfile::tempdir().unwrap();
    let (mut there, said) = running(&["--port", "0", "--data", &path(folder.path(), "there")]).await;
    let elsewhere = url(&said).to_owned();
    let (mut here, said) =
        running(&["--port", "0", "--data", &path(folder.path(), "here"), "--invoke", &elsewhere]).await;
    let client = reqwest::Client::new();
    let languages = client.get(format!("{}/api/languages", url(&said))).send().await.unwrap();
    assert_eq!(languages.status(), 200);
    assert!(!started_by(there.id().unwrap()).is_empty(), "it runs there");
    assert!(started_by(here.id().unwrap()).is_empty(), "and not here");
    // What it needs to be started by hand.
    let variables = std::fs::read_to_string(folder.path().join("here/functions.env")).unwrap();
    for name in ["TABLE_NAME", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ACCESS_KEY_ID", "AWS_REGION", "FAN_OUT_FUNCTION"] {
        assert!(variables.lines().any(|line| line.starts_with(&format!("{name}='"))), "{name}: {variables}");
    }
    let refused = finished(parlance(&["--invoke", &elsewhere, "--binaries"])).await;
    assert!(String::from_utf8(refused.stderr).unwrap().contains("cannot be used with"));
    signal(&mut here, "-TERM").await;
    signal(&mut there, "-TERM").await;
}

/// A login shell often lets a process have 1,024 files, and each client is one.
#[tokio::test]
async fn it_takes_as_many_files_as_it_may_have() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    let script = "ulimit -Sn 256 && exec \"$0\" \"$@\"";
    command.args(["-c", script, PARLANCE, "--port", "0", "--data", &path(folder.path(), "data")]);
    let (mut child, _) = said_that_it_runs(command).await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id().unwrap())).unwrap();
    let files: Vec<_> =
        limits.lines().find(|line| line.starts_with("Max open files")).unwrap().split_whitespace().collect();
    assert_eq!(files[3], files[4], "soft and hard: {limits}");
    signal(&mut child, "-TERM").await;
}

#[tokio::test]
async fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let said = refusal(&["--port", &port, "--data", &path(folder.path(), "data")]).await;
    assert!(said.contains(&format!("port {port}")) && said.contains("--port"), "{said}");
}

#[tokio::test]
async fn a_data_folder_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let data = path(folder.path(), "data");
    let (mut child, _) = running(&["--port", "0", "--data", &data]).await;
    let said = refusal(&["--port", "0", "--data", &data]).await;
    assert!(said.contains("in use by another"), "{said}");
    signal(&mut child, "-TERM").await;
}

#[tokio::test]
async fn a_data_folder_that_is_not_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "ten years of work").unwrap();
    let data = folder.path().to_str().unwrap();
    let said = refusal(&["--port", "0", "--data", data, "--fresh"]).await;
    assert!(said.contains("not of this program"), "{said}");
    assert!(folder.path().join("thesis.txt").exists());
    let said = refusal(&["--port", "0", "--data", &path(folder.path(), "thesis.txt")]).await;
    assert!(said.starts_with("cannot write to"), "{said}");
}

#[tokio::test]
async fn damaged_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = path(folder.path(), "data");
    let (mut child, _) = running(&["--port", "0", "--data", &data]).await;
    signal(&mut child, "-TERM").await;
    let key = folder.path().join("data/signing-key.json");
    let kept = std::fs::read(&key).unwrap();
    std::fs::write(&key, "garbage").unwrap();
    let said = refusal(&["--port", "0", "--data", &data]).await;
    assert!(said.contains("signing-key.json is damaged"), "{said}");

    std::fs::write(&key, kept).unwrap();
    for file in ["dynamodb.sqlite-wal", "dynamodb.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.path().join("data").join(file));
    }
    std::fs::write(folder.path().join("data/dynamodb.sqlite"), "garbage ".repeat(1000)).unwrap();
    let said = refusal(&["--port", "0", "--data", &data]).await;
    assert!(said.contains("damaged") && said.contains("--fresh"), "{said}");
    let (mut child, _) = running(&["--port", "0", "--data", &data, "--fresh"]).await;
    signal(&mut child, "-TERM").await;
}

/// Needs the right to mount a small disk, as CI has it; elsewhere it says that it looked at nothing.
#[tokio::test]
async fn a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().to_str().unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).output().await.unwrap();
    if !mount.status.success() {
        eprintln!("skipped: no right to mount a small disk");
        return;
    }
    let said = refusal(&["--port", "0", "--data", &path(folder.path(), "data")]).await;
    assert!(Command::new("umount").arg(disk).status().await.unwrap().success());
    assert!(said.contains("no room left on the disk") && !said.contains("--fresh"), "{said}");
}

#[tokio::test]
async fn a_template_with_mistakes_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (template, data) = (path(folder.path(), "template.yaml"), path(folder.path(), "data"));
    let text = "Resources:\n  Log:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      LogGroupName: !Ref Nothing\n";
    std::fs::write(&template, text).unwrap();
    let said = refusal(&["--port", "0", "--data", &data, "--template", &template]).await;
    assert!(said.contains("template.yaml:5:") && said.contains("Nothing"), "{said}");
    let said = refusal(&["--port", "0", "--data", &data, "--template", &path(folder.path(), "none.yaml")]).await;
    assert!(said.contains("there is no template"), "{said}");
}

#[tokio::test]
async fn parameters_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let data = path(folder.path(), "data");
    let said = refusal(&["--port", "0", "--data", &data, "--parameter-overrides", "HttpPerMinute=many"]).await;
    assert!(said.contains("HttpPerMinute"), "{said}");
    let said = refusal(&["--port", "0", "--data", &data, "--parameter-overrides", "TokenPublicKeys=a=b"]).await;
    assert!(said.contains("TokenSigningKey"), "{said}");
    let output = finished(parlance(&["--parameter-overrides", "HttpPerMinute"])).await;
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("Name=Value"), "{output:?}");
}

#[tokio::test]
async fn a_translator_that_is_not_there() {
    let (folder, url) = (tempfile::tempdir().unwrap(), format!("http://127.0.0.1:{NOBODY}"));
    let data = path(folder.path(), "data");
    let said = refusal(&["--port", "0", "--data", &data, "--libretranslate", &url]).await;
    assert!(said.contains(&format!("no LibreTranslate at {url}")), "{said}");
}

#[tokio::test]
async fn keys_for_a_deployment_are_accepted_as_parameters() {
    let output = finished(parlance(&["keys"])).await;
    let said = String::from_utf8(output.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let overrides: Vec<_> = said.lines().map(|line| line.trim_matches('\'')).collect();
    let data = path(folder.path(), "data");
    let arguments = [&["--port", "0", "--data", &data, "--parameter-overrides"], overrides.as_slice()].concat();
    let (mut child, _) = running(&arguments).await;
    assert!(!folder.path().join("data/signing-key.json").exists(), "keys were given");
    signal(&mut child, "-TERM").await;
}

#[tokio::test]
async fn the_demonstration_starts_a_backend_of_its_own() {
    let output = finished(parlance(&["demo", "--port", NOBODY])).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for part in ["a backend of its own", "Ana reads Spanish", "message:receive", "tempId demo-0", "unread: "] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn help_tells_a_newcomer_what_to_type() {
    let output = finished(parlance(&["--help"])).await;
    let said = String::from_utf8(output.stdout).unwrap();
    for part in ["cargo run -- demo", "--port", "--data", "--fresh", "--parameter-overrides", "--binaries"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
