//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gateway::command_line::GatewayArguments;
use local::aws::Elsewhere;

const ABOUT: &str = "Parlance on this machine: a multilingual chat backend, without an account and without Docker";

const LONG_ABOUT: &str = "\
Parlance on this machine: a multilingual chat backend, without an account and without Docker.

Run without a command, it reads template.yaml, starts everything in there (the HTTP and WebSocket API, the functions \
behind them, and the AWS services they use), prints the addresses and a first conversation to paste, and runs until \
Ctrl-C. Only this machine can reach it.";

const EXAMPLES: &str = "\
Examples (cargo run builds what is missing; what follows -- is for this program):
  cargo run                                     start, and keep the data in .local
  cargo run -- --fresh                          start with no data
  cargo run -- --port 8080 --data /tmp/parlance another port, another place for the data
  cargo run -- --watch                          build again and swap the functions when a file is saved
  cargo run -- --invoke http://localhost:9000   functions run by cargo lambda watch
  cargo run -- --parameter-overrides Stage=test HttpPerMinute=1000
  cargo run -- demo                             watch two people talk, each in their language";

/// What was asked for.
#[derive(Debug, Parser)]
#[command(name = "parlance", version, about = ABOUT, long_about = LONG_ABOUT, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Something else than running the backend.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// How to run the backend.
    #[command(flatten)]
    pub(crate) stack: StackArguments,
}

/// Something else than running the backend.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch a conversation of two people in two languages, in the running backend or in one of its own
    Demo(DemoArguments),
    /// Make a pair of keys for a deployment, in the spelling of --parameter-overrides
    Keys,
    /// Run one function (this is how the backend starts them)
    #[command(hide = true)]
    Function {
        /// Its name, e.g. auth-me.
        name: String,
    },
}

/// How to run the backend.
#[derive(Debug, Clone, Args)]
pub(crate) struct StackArguments {
    /// What every gateway can do.
    #[command(flatten)]
    pub(crate) gateway: GatewayArguments,
    /// Folder for accounts, messages and files [default: .local beside the template]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Start with an empty data folder: everything in it is deleted first
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Build and run one program per function, as they are deployed, instead of this program for all
    #[arg(long)]
    pub(crate) binaries: bool,
    /// Run no function but ask this Lambda Invoke API for all of them, e.g. that of cargo lambda watch
    #[arg(long, value_name = "URL", conflicts_with_all = ["binaries", "watch", "freeze"])]
    pub(crate) invoke: Option<String>,
    /// Translate with a LibreTranslate server [default: Apertium if it is installed, else texts are only marked]
    #[arg(long, value_name = "URL")]
    pub(crate) libretranslate: Option<String>,
    /// Keep tables and files in DynamoDB and S3 at this address, LocalStack's for one, instead of in this process
    #[arg(long, value_name = "URL", value_parser = Elsewhere::parse)]
    pub(crate) endpoint: Option<Elsewhere>,
}

/// How to play the demonstration.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArguments {
    /// Port of the running backend; if nothing runs there, one is started for the time being
    #[arg(long, value_name = "PORT", default_value_t = 3001)]
    pub(crate) port: u16,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn overrides_take_several_values_until_the_next_option() {
        let arguments = Arguments::try_parse_from([
            "parlance",
            "--parameter-overrides",
            "Stage=test",
            "HttpPerMinute=1",
            "--fresh",
        ]);
        let stack = arguments.map(|arguments| arguments.stack).ok();
        let names = stack.map(|stack| (stack.gateway.parameter_overrides.len(), stack.fresh));
        assert_eq!(names, Some((2, true)));
        assert!(Arguments::try_parse_from(["parlance", "--parameter-overrides", "Stage"]).is_err());
    }
}
