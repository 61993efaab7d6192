//! `--watch` on a small workspace with the packages that it builds: what is saved answers, and nothing else changes.
//!
//! The program of functions is a few lines there, so that building it takes a second: it is the real functions, by
//! `parlance`, with another least length of passwords, which tells who answers.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Client, Person};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{path, signal};
use crate::PARLANCE;

/// `NAMES`, `PARLANCE` and `LEAST` become what they say. `greetings-say` is a function that `parlance` does not have.
const FUNCTIONS: &str = r#"use std::os::unix::process::CommandExt;

fn main() {
    let Some(name) = std::env::args().nth(1) else { return println!("NAMES") };
    let played = if name == "greetings-say" { "languages-list" } else { &name };
    let mut command = std::process::Command::new("PARLANCE");
    panic!("{}", command.args(["function", played]).env("PASSWORD_MIN_LENGTH", "LEAST").exec());
}
"#;

/// Its first build waits here until somebody opens the gate.
const GATE: &str = r#"fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    std::fs::read("gate").unwrap();
}
"#;

/// A workspace beside a copy of the template, with the program that watches where Cargo would have built it.
struct Workspace {
    folder: TempDir,
    program: PathBuf,
    names: String,
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["infra", "local/src", "functions", "target/debug"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        let template = testkit::template();
        let original = template.parent().unwrap();
        for file in std::fs::read_dir(original.join("infra")).unwrap().map(|file| file.unwrap().path()) {
            std::fs::copy(&file, at("infra").join(file.file_name().unwrap())).unwrap();
        }
        std::fs::copy(&template, at("template.yaml")).unwrap();
        let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        let program = "\n[[bin]]\nname = \"functions\"\npath = \"main.rs\"\n";
        let files = [
            ("Cargo.toml", "[workspace]\nmembers = [\"local\", \"functions\"]\nresolver = \"3\"\n".to_owned()),
            ("local/Cargo.toml", package("local")),
            ("local/src/lib.rs", String::new()),
            ("functions/Cargo.toml", package("all-functions") + program),
            ("functions/build.rs", GATE.to_owned()),
        ];
        for (name, text) in files {
            std::fs::write(at(name), text).unwrap();
        }
        let made = std::process::Command::new("mkfifo").arg(at("functions/gate")).status();
        assert!(made.unwrap().success());
        let program = at("target/debug/parlance");
        if std::fs::hard_link(PARLANCE, &program).is_err() {
            // On another disk.
            std::fs::copy(PARLANCE, &program).unwrap();
        }
        // What an earlier run may have left, and what nobody may run.
        std::os::unix::fs::symlink("/bin/false", at("target/debug/functions")).unwrap();
        Self { folder, program, names: functions::NAMES.join("\\n") }
    }

    fn save(&self, least: &str) {
        let program = FUNCTIONS.replace("NAMES", &self.names).replace("PARLANCE", PARLANCE).replace("LEAST", least);
        std::fs::write(self.folder.path().join("functions/main.rs"), program).unwrap();
    }

    /// Lets the first build go on.
    async fn open_the_gate(&self) {
        let gate = self.folder.path().join("functions/gate");
        soon(tokio::fs::write(gate, "")).await.unwrap();
    }

    /// A function that is new in the template.
    fn declare(&self, name: &str) {
        let file = self.folder.path().join("template.yaml");
        let function = format!(
            "\nResources:\n  NewFunction:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: target/lambda/{name}/\n      \
             Events:\n        Route:\n          Type: HttpApi\n          Properties:\n            ApiId: !Ref HttpApi\n            \
             Method: GET\n            Path: /api/greetings\n\n"
        );
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("\nResources:\n"));
        std::fs::write(&file, text.replace("\nResources:\n", &function)).unwrap();
    }
}

async fn soon<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(testkit::PATIENCE, coming).await.expect("never")
}

/// A stack that watches.
struct Run {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    client: Client,
}

impl Run {
    async fn start(workspace: &Workspace) -> Self {
        let folder: &Path = workspace.folder.path();
        let mut command = Command::new(&workspace.program);
        command.args(["--watch", "--log", "json", "--port", "0", "--data", &path(folder, "data")]);
        command.args(["--template", &path(folder, "template.yaml")]).current_dir(folder).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut run = Self { child, lines, client: Client::anonymous("") };
        let started = run.event("started").await;
        run.client = Client::anonymous(started["url"].as_str().unwrap());
        run
    }

    /// The next event of this kind.
    async fn event(&mut self, kind: &str) -> Value {
        let waiting = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                let event: Value = serde_json::from_str(&line).unwrap();
                if event["event"] == kind {
                    return event;
                }
            }
            let mut errors = String::new();
            self.child.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
            panic!("no {kind}, it ended: {errors}")
        };
        tokio::time::timeout(testkit::PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {kind}"))
    }

    /// The least length of passwords that the functions want.
    async fn least(&self) -> String {
        let body = json!({ "email": "a@example.com", "username": "a", "password": "x", "preferredLanguage": "en" });
        let refusal = self.client.post("/api/auth/register", &body, 400).await;
        let said = refusal["details"].to_string();
        let (_, length) = said.split_once("must be at least ").unwrap_or_else(|| panic!("{refusal:#}"));
        length.split(' ').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn saving_swaps_functions_for_a_program_of_functions_alone_while_sockets_stay_open() {
    let workspace = Workspace::new();
    workspace.save("20");
    let mut run = Run::start(&workspace).await;
    // Until the first build is done, functions run in the program itself.
    assert_eq!(run.least().await, "8");
    let body = json!({ "email": "ana@example.com", "username": "ana_ana", "password": "four random words and more",
        "preferredLanguage": "es" });
    let registered = run.client.post("/api/auth/register", &body, 201).await;
    let ana = Person::arrived(&run.client, &registered, "");
    let mut socket = ana.connect().await;
    workspace.open_the_gate().await;
    run.event("prepared").await;
    assert_eq!(run.least().await, "20");

    workspace.save("21");
    let swapped = run.event("swapped").await;
    assert_eq!(swapped["functions"].as_array().unwrap().len(), functions::NAMES.len());
    assert_eq!(run.least().await, "21");
    socket.send("ping", &json!({})).await;
    socket.expect("pong").await;

    workspace.save("22\").oops(\"");
    let failed = run.event("buildFailed").await;
    assert!(failed["error"].as_str().unwrap().contains("functions/main.rs"), "{failed}");
    assert_eq!(run.least().await, "21");

    // However many builds they are: the last one is of what was saved last.
    workspace.save("23");
    run.event("building").await;
    workspace.save("24");
    while run.event("swapped").await.is_object() && run.least().await != "24" {}

    std::fs::write(workspace.folder.path().join("local/src/lib.rs"), "// Another one.\n").unwrap();
    let restart = run.event("restartNeeded").await;
    assert!(restart["changed"][0].as_str().unwrap().ends_with("local/src/lib.rs"), "{restart}");
    socket.send("ping", &json!({})).await;
    socket.expect("pong").await;
    assert!(signal(&mut run.child, "-TERM").await.success());
}

#[tokio::test]
async fn a_function_may_be_added_while_it_watches() {
    let mut workspace = Workspace::new();
    workspace.save("20");
    let mut run = Run::start(&workspace).await;
    workspace.open_the_gate().await;
    run.event("prepared").await;
    workspace.declare("greetings-say");
    // The file may be seen while it is half written, and that is a mistake too.
    while !run.event("buildFailed").await["error"].as_str().unwrap().contains("no function `greetings-say`") {}
    run.client.get("/api/greetings", 404).await;
    workspace.names += "\\ngreetings-say";
    workspace.save("21");
    run.event("templateFollowed").await;
    run.client.get("/api/greetings", 200).await;
    run.event("swapped").await;
    assert_eq!(run.least().await, "21");
    assert!(signal(&mut run.child, "-TERM").await.success());
}

/// A save while the first build is still under way is in what is run after it.
#[tokio::test]
async fn a_save_during_the_first_build_is_not_lost() {
    let workspace = Workspace::new();
    workspace.save("20");
    let mut run = Run::start(&workspace).await;
    run.event("watching").await;
    workspace.save("21");
    run.event("building").await;
    assert_eq!(run.least().await, "8");
    workspace.open_the_gate().await;
    run.event("swapped").await;
    assert_eq!(run.least().await, "21");
    assert!(signal(&mut run.child, "-TERM").await.success());
}
