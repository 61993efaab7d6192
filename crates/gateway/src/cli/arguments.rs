//! The options.

use std::path::{Path, PathBuf};

use clap::Parser;
use gateway::command_line::{self, GatewayArguments};
use gateway::event_source::Endpoint;
use gateway::model::{Application, TemplateErrors};
use gateway::template::{self, Settings};

const ABOUT: &str = "Runs a SAM template on this machine: HTTP APIs, WebSocket APIs, @connections, Lambda functions";

const LONG_ABOUT: &str = "\
Runs a SAM template on this machine: HTTP APIs, WebSocket APIs, @connections and the Lambda functions behind them, \
without an AWS account and without Docker.

It reads template.yaml, listens on one port of this machine, and starts a function's program when the first request \
for it comes. Programs are looked for in this order: --function, --binaries, .aws-sam/build (sam build), CodeUri with \
a bootstrap in it (cargo lambda build), and for nodejs and python runtimes the interpreter with its Lambda runtime \
interface client (npm install aws-lambda-ric, pip install awslambdaric). Tables, buckets and queues are not started: \
point the functions at yours with --env AWS_ENDPOINT_URL=…, from where streams are read too.

What it cannot run of a template (REST APIs, other integrations, remote templates, macros …) is told with its line and \
column and left out; a route that leads to such a thing answers 500. With --strict it is a mistake.";

const EXAMPLES: &str = "\
Examples:
  gateway                                              the template.yaml of this folder
  gateway --template app/template.yaml --port 8080
  gateway --check                                      what would run of it, and what is left out
  gateway --binaries target/debug --watch              programs of this Cargo workspace, built again when you save
  gateway --function PetsFunction=./pets               one function by a program of yours
  gateway --env AWS_ENDPOINT_URL=http://localhost:4566 functions talk to LocalStack
  gateway --invoke http://localhost:9000               functions run by cargo lambda watch

Every function can also be invoked directly:
  aws lambda invoke --endpoint-url http://localhost:3001 --function-name NAME --payload '{}' /dev/stdout";

/// What was asked for.
#[expect(clippy::doc_markdown, reason = "the texts are the help on the terminal, where backticks would be read")]
#[derive(Debug, Parser)]
#[command(name = "gateway", version, about = ABOUT, long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What every gateway can do.
    #[command(flatten)]
    pub(crate) gateway: GatewayArguments,
    /// Folder of programs, each named after the last part of its function's CodeUri
    #[arg(long, value_name = "DIR")]
    pub(crate) binaries: Option<PathBuf>,
    /// Program of one function, by its logical id or name; it must speak the Lambda Runtime API
    #[arg(long = "function", value_name = "NAME=PROGRAM", value_parser = program)]
    pub(crate) functions: Vec<(String, PathBuf)>,
    /// Refuse a template with anything in it that does not run here, in place of leaving that out with a note
    #[arg(long)]
    pub(crate) strict: bool,
    /// Only read the template: tell its mistakes, or what would run and what is left out
    #[arg(long, conflicts_with = "watch")]
    pub(crate) check: bool,
    /// Runs no program but asks this Lambda Invoke API: cargo lambda watch, LocalStack, or AWS
    #[arg(long, value_name = "URL", conflicts_with_all = ["binaries", "functions", "extensions", "watch", "freeze"])]
    pub(crate) invoke: Option<String>,
    /// Variable for every function, e.g. AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,
    /// Folder of programs that run as Lambda extensions beside every function
    #[arg(long, value_name = "DIR")]
    pub(crate) extensions: Option<PathBuf>,
    /// Command that builds for --watch [default: cargo build with --binaries, else cargo lambda build --release]
    #[arg(long, value_name = "COMMAND", requires = "watch")]
    pub(crate) build: Option<String>,
    /// AWS::StackName, the first part of names that the template leaves open
    #[arg(long, value_name = "NAME", default_value = "local")]
    pub(crate) stack_name: String,
    /// AWS::Region
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// AWS::AccountId, 12 digits
    #[arg(long, value_name = "ID", default_value = "000000000000")]
    pub(crate) account: String,
}

impl Arguments {
    /// Where the template is: as asked for, or found from this folder up.
    pub(crate) fn template(&self) -> Result<PathBuf, Box<dyn std::error::Error + Send + Sync>> {
        Ok(command_line::template(self.gateway.template.as_deref(), &std::env::current_dir()?)?)
    }

    /// What the template means. With `--strict` it is a mistake that anything is left out.
    pub(crate) fn read(&self, template: &Path, settings: &Settings) -> Result<Application, TemplateErrors> {
        let application = template::read(template, settings)?;
        if self.strict { application.complete() } else { Ok(application) }
    }

    /// What stands around the template.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            parameters: self.gateway.parameter_overrides.iter().cloned().collect(),
            region: self.region.clone(),
            account_id: self.account.clone(),
            stack_name: self.stack_name.clone(),
        }
    }

    /// The DynamoDB whose streams are read: where the functions are sent to.
    pub(crate) fn dynamodb(&self) -> Option<Endpoint> {
        let given_url = |wanted: &str| {
            let mut given = self.env.iter().rev();
            given.find(|(name, url)| name == wanted && url.starts_with("http://")).map(|(_, url)| url.clone())
        };
        let names = ["AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"];
        Some(Endpoint {
            url: names.into_iter().find_map(given_url)?,
            region: self.region.clone(),
            access_key_id: given_or(&self.env, "AWS_ACCESS_KEY_ID", "local"),
            secret_access_key: given_or(&self.env, "AWS_SECRET_ACCESS_KEY", "local"),
        })
    }
}

fn given_or(variables: &[(String, String)], wanted: &str, otherwise: &str) -> String {
    let given = variables.iter().rev().find(|(name, _)| name == wanted);
    given.map_or(otherwise, |(_, value)| value).to_owned()
}

fn program(text: &str) -> Result<(String, PathBuf), String> {
    let (name, program) = variable(text)?;
    let program = std::path::absolute(program).map_err(|error| error.to_string())?;
    Ok((name, program))
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` has no form NAME=VALUE")),
    }
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
    fn streams_are_read_where_the_functions_are_sent_to() {
        let of = |words: &[&str]| {
            let arguments = Arguments::try_parse_from(std::iter::once(&"gateway").chain(words)).unwrap();
            arguments.dynamodb().map(|endpoint| (endpoint.url, endpoint.access_key_id))
        };
        assert_eq!(of(&[]), None);
        // No TLS is spoken to it.
        assert_eq!(of(&["--env", "AWS_ENDPOINT_URL=https://here"]), None);
        let all = of(&["--env", "AWS_ENDPOINT_URL=http://a", "--env", "AWS_ENDPOINT_URL_DYNAMODB=http://b"]);
        assert_eq!(all, Some(("http://b".to_owned(), "local".to_owned())));
        let key = of(&["--env", "AWS_ENDPOINT_URL=http://a", "--env", "AWS_ACCESS_KEY_ID=k"]);
        assert_eq!(key, Some(("http://a".to_owned(), "k".to_owned())));
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        let parse = |words: &[&str]| Arguments::try_parse_from(std::iter::once(&"gateway").chain(words)).is_ok();
        assert!(parse(&["--function", "F=./f", "--function", "G=g", "--env", "A=b=c", "--parameter-overrides", "A=b"]));
        assert!(!parse(&["--invoke", "http://localhost:9000", "--binaries", "target/debug"]));
        assert!(!parse(&["--build", "make"]) && parse(&["--build", "make", "--watch"]));
        assert!(!parse(&["--function", "F"]) && !parse(&["--env", "=b"]));
    }
}
