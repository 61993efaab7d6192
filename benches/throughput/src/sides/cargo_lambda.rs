//! `cargo lambda watch`: a crate whose program is the function, built before.

use tokio::process::Command;

use super::{Side, Tools, free_port, with_function};

/// It becomes the function, so that Cargo has nothing to build but this.
const MAIN: &str = r#"use std::os::unix::process::CommandExt;
fn main() {
    panic!("{}", std::process::Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/trivial")).exec());
}
"#;

pub(super) async fn start(tools: &Tools) -> Result<Side, String> {
    let (folder, port) = (with_function(), free_port());
    let manifest = "[package]\nname = \"trivial\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    let source = folder.path().join("src");
    let written = std::fs::create_dir(&source)
        .and_then(|()| std::fs::write(source.join("main.rs"), MAIN))
        .and_then(|()| std::fs::write(folder.path().join("Cargo.toml"), manifest));
    written.map_err(|error| error.to_string())?;
    let cargo = || {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(folder.path()).env("CARGO_TARGET_DIR", folder.path().join("target"));
        cargo
    };
    let built = cargo().args(["build", "--release", "--offline", "--quiet"]).status().await;
    if !built.is_ok_and(|status| status.success()) {
        return Err("its crate does not build".to_owned());
    }
    let program = tools.find("python/bin/cargo-lambda").unwrap_or_else(|_| "cargo-lambda".into());
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env("CARGO_TARGET_DIR", folder.path().join("target"));
    command.args(["lambda", "watch", "--release", "--ignore-changes", "--invoke-port", &port.to_string()]);
    command.args(["--concurrency", &tools.connections.to_string()]);
    Side::launch(command, folder, format!("http://127.0.0.1:{port}/lambda-url/trivial/trivial")).await
}
