//! The command line: from options to a running gateway.

mod arguments;
mod check;
mod welcome;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gateway::command_line::{self, stopped};
use gateway::launch::{Preload, Programs, extensions};
use gateway::model::Application;
use gateway::tls::Tls;
use gateway::watch::{self, Build, Template};
use gateway::{Options, Running};
use tokio::net::TcpListener;

pub(crate) use arguments::Arguments;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Starts what the template declares, says where it is, and runs until Ctrl-C or SIGTERM.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Error> {
    if arguments.check {
        return check::run(&arguments);
    }
    // Before anything starts, so that no signal can leave something behind.
    let stopped = stopped()?;
    tokio::pin!(stopped);
    let (running, build, followed) = tokio::select! {
        started = start(&arguments) => started?,
        () = &mut stopped => return Ok(()),
    };
    let watched = tokio::select! {
        watched = watch::run(&running, build, followed), if arguments.gateway.watch => watched,
        () = &mut stopped => Ok(()),
    };
    eprintln!("\nStopping.");
    running.shutdown().await;
    Ok(watched?)
}

async fn start(arguments: &Arguments) -> Result<(Running, Build, Template), Error> {
    let common = &arguments.gateway;
    let (path, settings) = (arguments.template()?, arguments.settings());
    let path = std::path::absolute(path)?;
    let beside = path.parent().unwrap_or(Path::new("/")).to_owned();
    let mut application = arguments.read(&path, &settings)?;
    // What is watched is the source.
    if !common.watch {
        Programs::prefer_built(&mut application, &beside);
    }
    let binaries = arguments.binaries.as_ref().map(std::path::absolute).transpose()?;
    let port = common.port;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener =
        listener.map_err(|error| format!("cannot listen on port {port}: {error}; choose another with --port"))?;
    let mut environment = services(&application, listener.local_addr()?.port());
    let tls = Tls::new(&application)?;
    environment.extend(tls.variables());
    environment.extend(arguments.env.iter().cloned());
    let programs = Programs {
        binaries: binaries.clone(),
        named: arguments.functions.iter().cloned().collect(),
        beside: beside.clone(),
        extensions: match &arguments.extensions {
            Some(folder) => extensions(folder).map_err(|error| format!("{}: {error}", folder.display()))?,
            None => Vec::new(),
        },
        environment,
        preload: Some(Arc::new(Preload::new(&application, listener.local_addr()?.port())?)),
        remote: match &arguments.invoke {
            Some(url) => Some(command_line::connect(url, &arguments.region).await?),
            None => None,
        },
        path: std::env::var_os("PATH").unwrap_or_default(),
    };
    let build = if common.watch {
        Build::of(&application, &beside, binaries.as_deref(), arguments.build.as_deref()).await?
    } else {
        Build::default()
    };
    let mut options = Options::new(listener, Arc::new(programs));
    options.report = common.report();
    options.behaviour = common.behaviour();
    options.sources.dynamodb = arguments.dynamodb();
    options.partial = !arguments.strict;
    let authority = tls.authority();
    options.tls = Some(tls);
    let running = gateway::start(application, options)?;
    common.started(&welcome::text(&running, &authority), &running.application(), running.address().port());
    Ok((running, build, Template::new(&path, settings)?.strict(arguments.strict)))
}

/// Where the SDKs in functions find what runs here: the Invoke API, and `@connections` when it is clear of which API.
fn services(application: &Application, port: u16) -> BTreeMap<String, String> {
    let here = format!("http://localhost:{port}");
    let mut services = BTreeMap::from([("AWS_ENDPOINT_URL_LAMBDA".to_owned(), here.clone())]);
    let mut apis = application.websocket_apis.values();
    if let (Some(api), None) = (apis.next(), apis.next()) {
        services.insert("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI".to_owned(), format!("{here}/{}", api.stage));
    }
    services
}
