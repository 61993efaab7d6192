//! The person's view: one readable line per request and frame, on standard error.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::{Event, Execution, Frame, FrameKind, Log, Outcome, Rebuild, Report, Source, Triggered};

const RED: Style = colour(AnsiColor::Red);
const YELLOW: Style = colour(AnsiColor::Yellow);
const GREEN: Style = colour(AnsiColor::Green);

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(colour)))
}

/// Writes one line per request, frame and function log line to standard error, in colour on a terminal.
#[derive(Debug)]
pub struct Console {
    colour: bool,
}

impl Console {
    /// Colours when standard error is a terminal and `no_colour` (the `NO_COLOR` convention) is `false`.
    pub fn new(no_colour: bool) -> Self {
        Self { colour: !no_colour && std::io::stderr().is_terminal() }
    }

    /// The line that tells of `event`; `None` for what a person need not see (platform log lines, cold starts that
    /// the request's own line tells of, successful management calls).
    pub fn line(&self, event: &Event) -> Option<String> {
        match event {
            Event::Request(request) => Some(self.row(
                &request.method,
                &request.path,
                request.route.as_deref().filter(|route| !route.ends_with(&request.path)),
                (&request.status.to_string(), request.status < 400, request.status < 500),
                request.duration,
                request.authorizer.iter().chain(&request.execution),
            )),
            Event::Frame(frame) => Some(self.frame(frame)),
            Event::Log(log) => self.log(log),
            Event::Crash(crash) => {
                let text = format!("{} {}: {}", self.paint(RED, "crash"), crash.function, visible(&crash.reason));
                Some(with_lines(text, &crash.last_lines))
            }
            Event::Panic(panic) => {
                let (function, location, message) =
                    (&panic.function, visible(&panic.location), visible(&panic.message));
                let text = format!("{} {function} at {location}: {message}", self.paint(RED, "panic"));
                Some(with_lines(text, &panic.last_lines))
            }
            Event::Delivery(delivery) => {
                let good = delivery.condition == "Success";
                let condition = self.paint(if good { GREEN } else { RED }, &visible(&delivery.condition));
                Some(format!("event    {} {condition} -> {}", delivery.function, visible(&delivery.destination)))
            }
            Event::Rebuild(rebuild) => Some(self.rebuild(rebuild)),
            Event::Triggered(triggered) => Some(self.triggered(triggered)),
            Event::Management(call) if call.status >= 400 => {
                Some(format!("{} {} {}", self.paint(YELLOW, &call.status.to_string()), call.action, call.resource))
            }
            Event::LeftOut(left_out) => {
                Some(format!("{} {}", self.paint(YELLOW, "left out"), visible(&left_out.to_string())))
            }
            Event::Management(_) | Event::ColdStart(_) => None,
        }
    }

    fn rebuild(&self, rebuild: &Rebuild) -> String {
        match rebuild {
            Rebuild::Watching { folders } => {
                format!("watch    {} folders: saving a file there builds again", folders.len())
            }
            Rebuild::Prepared { duration } => format!("watch    ready {}", milliseconds(*duration)),
            Rebuild::Restart { changed } => {
                let (what, names) = (self.paint(YELLOW, "restart"), names(changed));
                format!("watch    {names}: the running program is made of it, {what} to have the change")
            }
            Rebuild::Started { changed } => format!("build    {}", names(changed)),
            Rebuild::Swapped { functions, duration } => {
                let took = milliseconds(*duration);
                let what = match functions.as_slice() {
                    [] => "nothing changed".to_owned(),
                    [one] => format!("{one} is new"),
                    more => format!("{} functions are new", more.len()),
                };
                format!("build    {} {took}, {what}", self.paint(GREEN, "done"))
            }
            Rebuild::Followed { duration } => {
                format!("template {} {}", self.paint(GREEN, "followed"), milliseconds(*duration))
            }
            // The compiler's words are for the person as they are.
            Rebuild::Failed { error } => format!("build    {}\n{error}", self.paint(RED, "failed")),
        }
    }

    fn triggered(&self, triggered: &Triggered) -> String {
        let Triggered { source, function, records, outcome, duration, execution, trouble } = triggered;
        if let Some(trouble) = trouble {
            return format!("{} {source} -> {function}: {}", self.paint(RED, "source"), visible(trouble));
        }
        let good = *outcome == Outcome::Done;
        let detail = format!("{records} to {function}");
        let outcome = (if good { "ok" } else { "failed" }, good, false);
        self.row("source", source, Some(&detail), outcome, *duration, execution.iter())
    }

    fn frame(&self, frame: &Frame) -> String {
        let (kind, detail) = match frame.kind {
            FrameKind::Connect => ("ws open", String::new()),
            FrameKind::Message(bytes) => ("ws recv", format!("{bytes} B")),
            FrameKind::Disconnect(code) => ("ws close", code.to_string()),
        };
        let outcome = match frame.outcome {
            Outcome::Done => ("ok".to_owned(), true, true),
            Outcome::Refused(status) => (status.to_string(), false, status < 500),
            Outcome::NoRoute => ("no route".to_owned(), false, true),
            Outcome::Failed => ("failed".to_owned(), false, false),
        };
        let target = match &frame.route {
            Some(route) => format!("{route} {}", frame.connection_id),
            None => frame.connection_id.clone(),
        };
        let detail = Some(detail.as_str()).filter(|detail| !detail.is_empty());
        let executions = frame.authorizer.iter().chain(&frame.execution);
        self.row(kind, &target, detail, (&outcome.0, outcome.1, outcome.2), frame.duration, executions)
    }

    fn row<'a>(
        &self,
        verb: &str,
        target: &str,
        detail: Option<&str>,
        (outcome, good, tolerable): (&str, bool, bool),
        duration: Duration,
        executions: impl Iterator<Item = &'a Execution>,
    ) -> String {
        let outcome_colour = match (good, tolerable) {
            (true, _) => GREEN,
            (false, true) => YELLOW,
            (false, false) => RED,
        };
        let detail = detail.map(|detail| format!(" ({})", visible(detail))).unwrap_or_default();
        let executions = executions.map(execution_text).collect::<Vec<_>>().join("  ");
        let executions = if executions.is_empty() { executions } else { format!("  {executions}") };
        format!(
            "{verb:<8} {}{detail} {} {}{}",
            visible(target),
            self.paint(outcome_colour, outcome),
            milliseconds(duration),
            self.paint(Style::new().dimmed(), &executions),
        )
    }

    fn log(&self, log: &Log) -> Option<String> {
        match log.source {
            Source::Platform => None,
            Source::Output | Source::Error => {
                let name = self.paint(Style::new().dimmed(), &format!("{} |", log.function));
                Some(format!("         {name} {}", visible(&log.line)))
            }
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

impl Report for Console {
    fn event(&self, event: &Event) {
        if let Some(mut line) = self.line(event) {
            // In one piece: nothing is between standard error and the system.
            line.push('\n');
            // Nobody left to read it is no reason to stop serving.
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
    }
}

fn with_lines(mut text: String, lines: &[String]) -> String {
    for line in lines {
        text.push_str("\n      ");
        text.push_str(&visible(line));
    }
    text
}

fn names(files: &[std::path::PathBuf]) -> String {
    let names = files.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy());
    visible(&names.collect::<Vec<_>>().join(", "))
}

/// What clients and functions wrote, without the control characters that would move the cursor or forge a line.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

fn execution_text(execution: &Execution) -> String {
    let warmth = match execution.init {
        Some(init) => format!("cold {}", milliseconds(init)),
        None => "warm".to_owned(),
    };
    let memory = execution.memory_mb.map(|mb| format!(" {mb} MB")).unwrap_or_default();
    let error = execution.error.as_ref().map(|error| format!(" {}", visible(error))).unwrap_or_default();
    format!("{} {warmth} {}{memory}{error}", execution.function, milliseconds(execution.duration))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Crash, Panic, Request};

    #[test]
    fn a_request_is_one_line() {
        let request = Request {
            request_id: "ATfSmjLgPHcESJw=".to_owned(),
            method: "GET".to_owned(),
            path: "/pets/1".to_owned(),
            route: Some("GET /pets/{id}".to_owned()),
            status: 200,
            duration: Duration::from_millis(12),
            authorizer: None,
            execution: Some(Execution::example()),
        };
        let line = Console { colour: false }.line(&Event::Request(request)).unwrap();
        assert_eq!(line, "GET      /pets/1 (GET /pets/{id}) 200 12.0 ms  PetsFunction cold 5.2 ms 3.1 ms 9 MB");
    }

    #[test]
    fn a_frame_is_one_line() {
        let frame = Frame {
            connection_id: "abc=".to_owned(),
            request_id: "r".to_owned(),
            route: Some("message:send".to_owned()),
            kind: FrameKind::Message(70),
            outcome: Outcome::Failed,
            duration: Duration::from_millis(2),
            authorizer: None,
            execution: Some(Execution {
                init: None,
                error: Some("Sandbox.Timedout".to_owned()),
                ..Execution::example()
            }),
        };
        let line = Console { colour: false }.line(&Event::Frame(frame)).unwrap();
        assert_eq!(
            line,
            "ws recv  message:send abc= (70 B) failed 2.0 ms  PetsFunction warm 3.1 ms 9 MB Sandbox.Timedout"
        );
    }

    #[test]
    fn a_crash_shows_the_last_lines() {
        let crash = Crash {
            function: "F".to_owned(),
            request_id: None,
            reason: "Runtime exited with error: exit status 101".to_owned(),
            last_lines: vec!["panicked at src/main.rs:3".to_owned()],
        };
        let line = Console { colour: false }.line(&Event::Crash(crash)).unwrap();
        assert!(line.ends_with("exit status 101\n      panicked at src/main.rs:3"));
    }

    #[test]
    fn a_panic_says_where_and_what_and_what_came_before() {
        let panic = Panic {
            function: "F".to_owned(),
            request_id: None,
            location: "src/pets.rs:3:5".to_owned(),
            message: "index out of bounds".to_owned(),
            last_lines: vec!["looking for a pet".to_owned()],
        };
        let line = Console { colour: false }.line(&Event::Panic(panic)).unwrap();
        assert_eq!(line, "panic F at src/pets.rs:3:5: index out of bounds\n      looking for a pet");
    }

    #[test]
    fn control_characters_of_others_are_not_printed() {
        let log = Log {
            function: "F".to_owned(),
            request_id: None,
            source: Source::Error,
            line: "\u{1b}[2Jforged\r".to_owned(),
        };
        let line = Console { colour: false }.line(&Event::Log(log)).unwrap();
        assert_eq!(line, "         F | \u{fffd}[2Jforged\u{fffd}");
    }
}
