//! The backend in the foreground.

use std::path::Path;

use gateway::command_line::{connect, stopped, template};
use gateway::watch::{self, Build, Template};
use local::{Data, Functions, Stack, StackOptions, Translator};

use super::arguments::StackArguments;
use super::{binaries, variables, welcome};
use crate::Outcome;

/// Starts the stack, says where it is, and runs until Ctrl-C or SIGTERM.
pub(crate) async fn run(arguments: StackArguments) -> Outcome {
    // Before anything starts, so that no signal can leave something behind.
    let stopped = stopped()?;
    tokio::pin!(stopped);
    let (stack, build, followed) = tokio::select! {
        started = start(&arguments) => started?,
        () = &mut stopped => return Ok(()),
    };
    let watched = tokio::select! {
        watched = watch::run(stack.gateway(), build, followed), if arguments.gateway.watch => watched,
        () = &mut stopped => Ok(()),
    };
    eprintln!("\nStopping.");
    stack.shutdown().await;
    Ok(watched?)
}

async fn start(
    arguments: &StackArguments,
) -> Result<(Stack, Build, Template), Box<dyn std::error::Error + Send + Sync>> {
    let template = template(arguments.gateway.template.as_deref(), &std::env::current_dir()?)?;
    let beside = template.parent().unwrap_or(Path::new(".")).to_owned();
    let program = std::env::current_exe()?;
    let build = binaries::build(&beside, &program, arguments.binaries)?;
    let functions = if let Some(url) = &arguments.invoke {
        Functions::Elsewhere(connect(url, &gateway::template::Settings::default().region).await?)
    } else if arguments.binaries {
        build.in_foreground().await?;
        Functions::Binaries { directory: program.parent().unwrap_or(Path::new(".")).to_owned() }
    } else {
        let next = arguments.gateway.watch.then(|| binaries::of_functions_alone(&program));
        Functions::MultiCall { program, next }
    };
    let data = arguments.data.clone().unwrap_or_else(|| beside.join(".local"));
    let options = StackOptions {
        template,
        data: Data::Directory(data.clone()),
        fresh: arguments.fresh,
        endpoint: arguments.endpoint.clone(),
        name: gateway::template::Settings::default().stack_name,
        port: arguments.gateway.port,
        parameters: arguments.gateway.parameter_overrides.iter().cloned().collect(),
        functions,
        translator: match &arguments.libretranslate {
            Some(url) => Translator::LibreTranslate { url: url.clone() },
            None => Translator::Installed,
        },
        record: false,
        show_push: std::sync::Arc::new(|push| eprintln!("{push}")),
        report: arguments.gateway.report(),
        behaviour: arguments.gateway.behaviour(),
    };
    let stack = Stack::start(options).await?;
    let variables = variables::write(&data, &stack.functions_environment())?;
    let welcome = welcome::text(&stack, &data, &variables, arguments);
    arguments.gateway.started(&welcome, stack.application(), stack.address().port());
    let followed = stack.template()?;
    Ok((stack, build, followed))
}
