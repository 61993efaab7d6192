//! The backend in the foreground.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use gateway::report::Console;
use local::{Data, Functions, Stack, StackOptions, Translator};
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::StackArguments;
use super::{binaries, place, welcome};
use crate::Outcome;

/// Starts the stack, says where it is, and runs until Ctrl-C or SIGTERM.
pub(crate) async fn run(arguments: StackArguments) -> Outcome {
    // Before anything starts, so that no signal can leave something behind.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stopped = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::pin!(stopped);
    let stack = tokio::select! {
        stack = start(arguments) => stack?,
        () = &mut stopped => return Ok(()),
    };
    stopped.await;
    let _ = writeln!(io::stderr(), "\nStopping.");
    stack.shutdown().await;
    Ok(())
}

async fn start(arguments: StackArguments) -> Result<Stack, Box<dyn std::error::Error + Send + Sync>> {
    let template = place::template(arguments.template, &std::env::current_dir()?)?;
    let beside = template.parent().unwrap_or(Path::new(".")).to_owned();
    let program = place::program()?;
    let functions = if arguments.binaries {
        Functions::Binaries { directory: binaries::build(&beside, &program).await? }
    } else {
        Functions::MultiCall { program }
    };
    let data = arguments.data.unwrap_or_else(|| beside.join(".local"));
    let options = StackOptions {
        template,
        data: Data::Directory(data.clone()),
        fresh: arguments.fresh,
        endpoint: arguments.endpoint.clone(),
        name: gateway::template::Settings::default().stack_name,
        port: arguments.port,
        parameters: arguments.parameter_overrides.into_iter().collect(),
        functions,
        translator: match arguments.libretranslate {
            Some(url) => Translator::LibreTranslate { url },
            None => Translator::Installed,
        },
        record: false,
        report: Arc::new(Console::new(std::env::var_os("NO_COLOR").is_some())),
    };
    let stack = Stack::start(options).await?;
    // Whoever reads this may be gone before the last line; the stack runs all the same.
    let _ = writeln!(io::stdout(), "{}", welcome::text(&stack, &data, arguments.endpoint.as_ref()));
    Ok(stack)
}
