//! Starting and stopping a gateway.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::event_source::queue::Queues;
use crate::event_source::{self, BadProgress, BadSource, Followed, Sources};
use crate::lambda::{Functions, Surroundings, variables};
use crate::launch::inline::Inline;
use crate::launch::{Launch, LaunchError, Launcher, Program};
use crate::model::{Application, Function, Location, TemplateError};
use crate::report::{Event, Report, Silent};
use crate::roles::Roles;
use crate::server::{self, Gateway};
use crate::template::event_invoke;
use crate::time::Clock;
use crate::tls::Tls;
use crate::{Behaviour, Limits};

/// What a gateway runs on.
pub struct Options {
    /// Where it listens: one port for the HTTP API, the WebSocket API, `@connections` and the Invoke API.
    pub listener: TcpListener,
    /// Chooses the program of each function.
    pub launcher: Arc<dyn Launcher>,
    /// Is told everything that happens.
    pub report: Arc<dyn Report>,
    /// Switches for what is not proven about AWS.
    pub behaviour: Behaviour,
    /// Sizes, times and numbers.
    pub limits: Limits,
    /// What tells it the time.
    pub clock: Clock,
    /// What event source mappings read.
    pub sources: Sources,
    /// TLS on the same port, for clients that begin with it.
    pub tls: Option<Tls>,
    /// Whether functions that cannot be launched are left out as long as others can: what leads to them answers 503.
    pub partial: bool,
}

impl Options {
    /// Defaults everywhere, and a report that tells nobody.
    pub fn new(listener: TcpListener, launcher: Arc<dyn Launcher>) -> Self {
        Self {
            listener,
            launcher,
            report: Arc::new(Silent),
            behaviour: Behaviour::default(),
            limits: Limits::default(),
            clock: Clock::system(),
            sources: Sources::default(),
            tls: None,
            partial: false,
        }
    }
}

/// Why a gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Functions that cannot be launched, every one of them.
    #[error("{}", render(.0))]
    Launch(Vec<LaunchFailure>),
    /// An event source that cannot run.
    #[error(transparent)]
    Source(#[from] BadSource),
    /// How far streams were handled cannot be read.
    #[error(transparent)]
    Progress(#[from] BadProgress),
    /// Code that stands in the template cannot be written to files.
    #[error("cannot write the template's inline code: {0}")]
    Inline(std::io::Error),
    /// The listener has no address.
    #[error("cannot listen: {0}")]
    Listener(#[from] std::io::Error),
}

/// A function that cannot be launched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchFailure {
    /// Logical id of the function.
    pub function: String,
    /// Where the template declares it.
    pub location: Location,
    /// Why.
    pub error: LaunchError,
}

fn render(failures: &[LaunchFailure]) -> String {
    let line = |failure: &LaunchFailure| {
        let Location { file, line, column } = &failure.location;
        format!("{}:{line}:{column}: {}: {}", file.display(), failure.function, failure.error)
    };
    failures.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A gateway that is listening. Dropping it leaves it running until the runtime ends; [`Running::shutdown`] stops it.
pub struct Running {
    address: SocketAddr,
    gateway: Arc<Gateway>,
    launcher: Arc<dyn Launcher>,
    followed: Followed,
    inline: Inline,
    partial: bool,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The application it runs.
    pub fn application(&self) -> Arc<Application> {
        self.gateway.application()
    }

    /// The program of each function that runs on this machine, by logical id.
    pub fn programs(&self) -> Vec<(String, std::path::PathBuf)> {
        self.gateway.functions.programs()
    }

    /// Tells an event to whoever the gateway tells its own.
    pub(crate) fn tell(&self, event: &crate::Event) {
        self.gateway.report.event(event);
    }

    /// Tells the launcher that there was a build.
    pub(crate) fn built(&self) -> Result<bool, LaunchError> {
        self.launcher.built()
    }

    /// Has new invocations of a function go to another program, while what is under way finishes in the old one and
    /// open sockets stay open. An error when the launcher finds no program; then the old one stays.
    pub fn swap(&self, function: &str) -> Result<(), LaunchError> {
        let application = self.gateway.application();
        let Some(declared) = application.functions.get(function) else {
            return Err(LaunchError(format!("there is no function {function}")));
        };
        let mut launch = self.launcher.launch(declared).and_then(runnable)?;
        self.gateway.roles.equip(declared, &mut launch);
        if self.gateway.functions.swap(function, launch) {
            Ok(())
        } else {
            Err(LaunchError(format!("{function} does not run on this machine")))
        }
    }

    /// Goes on with a changed template: requests, and messages on connections that are open already, are routed by it
    /// from now on (W-26). Functions, mappings and schedules that are new or no longer as they were begin anew, what is
    /// gone ends; invocations that are under way are finished.
    ///
    /// Fails, changing nothing, when a function cannot be launched or a mapping or schedule cannot run.
    pub fn replace(&self, mut application: Application) -> Result<(), StartError> {
        let Gateway { functions, roles, queues, .. } = &*self.gateway;
        self.inline.unpack(&mut application).map_err(StartError::Inline)?;
        let launcher = self.launcher.as_ref();
        let programs = programs(&mut application, |function| functions.has(function), launcher, roles, self.partial)?;
        let planned = self.followed.plan(&application)?;
        for left_out in &application.left_out {
            self.gateway.report.event(&Event::LeftOut(left_out.clone()));
        }
        event_source::make_queues(queues, &application);
        functions.replace(programs, |id| application.functions.contains_key(id));
        self.gateway.replace(application);
        self.followed.follow(planned, &self.gateway);
        Ok(())
    }

    /// Stops: no new requests, open sockets closed with 1001 and their `$disconnect` run, then every function's
    /// process ended. Returns when nothing of it is left.
    pub async fn shutdown(self) {
        self.gateway.shutdown().await;
    }
}

/// Starts serving `application`. Must be called within a Tokio runtime.
///
/// Fails when any function cannot be launched, naming each with its place in the template; nothing is left running. With
/// [`Options::partial`] it fails so only when none can.
/// The report is told first what of the template does not run here.
pub fn start(mut application: Application, options: Options) -> Result<Running, StartError> {
    let Options { listener, launcher, report, behaviour, limits, clock, sources, tls, partial } = options;
    let address = listener.local_addr()?;
    let roles = Roles::default();
    let inline = Inline::default();
    inline.unpack(&mut application).map_err(StartError::Inline)?;
    let programs = programs(&mut application, |_| false, launcher.as_ref(), &roles, partial)?;
    let queues = Arc::new(Queues::new(clock.clone()));
    event_source::make_queues(&queues, &application);
    let surroundings = Surroundings {
        region: application.region.clone(),
        account_id: application.account_id.clone(),
        limits: limits.clone(),
        behaviour: behaviour.clone(),
        clock: clock.clone(),
        queues: Arc::clone(&queues),
        report: Arc::clone(&report),
    };
    let followed = Followed::new(sources, limits.clone())?;
    let planned = followed.plan(&application)?;
    for left_out in &application.left_out {
        report.event(&Event::LeftOut(left_out.clone()));
    }
    let functions = Functions::new(programs, surroundings);
    let settings = server::Settings { behaviour, limits, clock, queues, report, tls };
    let gateway = Gateway::new(application, functions, roles, settings, address.port());
    gateway.spawn(server::accept(Arc::clone(&gateway), listener));
    followed.follow(planned, &gateway);
    Ok(Running { address, gateway, launcher, followed, inline, partial })
}

/// Programs of the functions that are not known already as they are declared.
fn programs(
    application: &mut Application,
    known: impl Fn(&Function) -> bool,
    launcher: &dyn Launcher,
    roles: &Roles,
    partial: bool,
) -> Result<Vec<(Function, Program)>, StartError> {
    let mut failures = Vec::new();
    let mut found = Vec::new();
    let mut any = false;
    for function in application.functions.values() {
        let mut function = function.clone();
        if let Some(settings) = event_invoke::declared(&*application, &function) {
            function.event_invoke = settings;
        }
        if known(&function) {
            any = true;
            continue;
        }
        let refused = variables::refused(&function).map_or(Ok(()), |reason| Err(LaunchError(reason)));
        let program = refused.and_then(|()| match launcher.remote(&function) {
            Some(remote) => Ok(Program::Remote(remote)),
            None => launcher.launch(&function).and_then(runnable).map(Program::Process),
        });
        match program {
            Ok(mut program) => {
                if let Program::Process(launch) = &mut program {
                    roles.equip(&function, launch);
                }
                found.push((function, program));
            }
            Err(error) => failures.push(LaunchFailure {
                function: function.logical_id.clone(),
                location: function.location.clone(),
                error,
            }),
        }
    }
    if !failures.is_empty() && !(partial && (any || !found.is_empty())) {
        return Err(StartError::Launch(failures));
    }
    application.left_out.extend(failures.into_iter().map(|LaunchFailure { function, location, error }| {
        let message = format!("{function}: {error}: what leads to it answers 503");
        TemplateError { location, message }
    }));
    Ok(found)
}

/// Processes start in the folder of their code, so a relative path would not find the program.
fn runnable(launch: Launch) -> Result<Launch, LaunchError> {
    match std::path::absolute(&launch.program) {
        Ok(program) if program.is_file() => Ok(Launch { program, ..launch }),
        _ => Err(LaunchError(format!("no program at {}", launch.program.display()))),
    }
}
