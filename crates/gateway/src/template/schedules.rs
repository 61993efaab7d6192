//! Schedules: SAM events `Schedule` and `ScheduleV2`, `AWS::Events::Rule` and `AWS::Scheduler::Schedule`.

use std::time::Duration;

use jiff::civil::DateTime;

use super::fields::Fields;
use super::link::SchedulePart;
use super::node::{Kind, Mark, Node};
use super::sources::function_arn;
use super::stack::{Declared, Stack};
use crate::model::{Expression, Schedule};

const RULE_EVENT: [&str; 9] =
    ["DeadLetterConfig", "Description", "Enabled", "Input", "Name", "RetryPolicy", "RoleArn", "Schedule", "State"];
const SCHEDULER_EVENT: [&str; 17] = [
    "DeadLetterConfig",
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "Input",
    "KmsKeyArn",
    "Name",
    "OmitName",
    "PermissionsBoundary",
    "RetryPolicy",
    "RoleArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Tags",
];

/// A SAM event `Schedule` (a rule) or `ScheduleV2` (`EventBridge` Scheduler): the resource `{Function}{Event}`.
pub(super) fn event(fields: &Fields<'_>, function: &Declared, event: &str, at: Mark, scheduler: bool) -> Option<()> {
    let key = if scheduler {
        fields.only(SCHEDULER_EVENT.into_iter());
        "ScheduleExpression"
    } else {
        fields.only(RULE_EVENT.into_iter());
        "Schedule"
    };
    let id = format!("{}{event}", function.id);
    let expression = expression(fields, key, at, scheduler);
    let target = Target {
        id: id.clone(),
        function: function_arn(fields.stack, function)?,
        input: fields.text("Input"),
        location: at,
    };
    let enabled = fields.flag("Enabled").unwrap_or(true) && is_enabled(fields);
    let name = fields.text("Name").unwrap_or_else(|| format!("{}-{id}", fields.stack.name));
    add(fields, target, &name, expression?, enabled, scheduler);
    Some(())
}

/// `AWS::Events::Rule` with a schedule: one part for each target that is a function.
pub(super) fn rule(stack: &Stack<'_>, declared: &Declared, properties: &Node) -> Option<()> {
    let fields = Fields::new(stack, &declared.id, properties);
    fields.get("ScheduleExpression")?;
    let expression = expression(&fields, "ScheduleExpression", declared.at, false)?;
    let name = stack.name_of(declared)?;
    let Kind::List(targets) = &fields.get("Targets")?.kind else { return None };
    for (position, node) in targets.iter().enumerate() {
        let target = fields.part(node);
        for key in ["InputPath", "InputTransformer"] {
            if let Some(node) = target.get(key) {
                target.report(node.at, format_args!("`{key}` is not supported here for a schedule; use `Input`"));
            }
        }
        let Some(function) = target.required("Arn", node.at).filter(|arn| is_function(arn)) else { continue };
        let id = if position == 0 { declared.id.clone() } else { format!("{}{position}", declared.id) };
        let target = Target { id, function, input: target.text("Input"), location: node.at };
        add(&fields, target, &name, expression.clone(), is_enabled(&fields), false);
    }
    Some(())
}

/// `AWS::Scheduler::Schedule` with a function as its target.
pub(super) fn schedule(stack: &Stack<'_>, declared: &Declared, properties: &Node) -> Option<()> {
    let fields = Fields::new(stack, &declared.id, properties);
    let expression = expression(&fields, "ScheduleExpression", declared.at, true);
    let node = fields.get("Target")?;
    let target = fields.part(node);
    let function = target.required("Arn", node.at).filter(|arn| is_function(arn))?;
    let target = Target { id: declared.id.clone(), function, input: target.text("Input"), location: node.at };
    add(&fields, target, &stack.name_of(declared)?, expression?, is_enabled(&fields), true);
    Some(())
}

fn is_function(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("lambda")
}

fn is_enabled(fields: &Fields<'_>) -> bool {
    // `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` is enabled too.
    fields.text("State").is_none_or(|state| state != "DISABLED")
}

struct Target {
    id: String,
    function: String,
    input: Option<String>,
    location: Mark,
}

fn add(fields: &Fields<'_>, target: Target, name: &str, expression: Expression, enabled: bool, scheduler: bool) {
    let stack = fields.stack;
    let settings = stack.reader.settings;
    let group = fields.text("GroupName").unwrap_or_else(|| "default".into());
    let (service, path) =
        if scheduler { ("scheduler", format!("schedule/{group}")) } else { ("events", "rule".to_owned()) };
    let schedule = Schedule {
        logical_id: stack.full_id(&target.id),
        arn: format!("arn:aws:{service}:{}:{}:{path}/{name}", settings.region, settings.account_id),
        name: name.to_owned(),
        function: target.function,
        expression,
        time_zone: fields.text("ScheduleExpressionTimezone").unwrap_or_else(|| "UTC".into()),
        scheduler,
        enabled,
        input: target.input,
        location: stack.location(target.location),
    };
    let part = SchedulePart { owner: fields.owner.clone(), schedule };
    stack.reader.parts.borrow_mut().schedules.push(part);
}

fn expression(fields: &Fields<'_>, key: &str, at: Mark, scheduler: bool) -> Option<Expression> {
    let text = fields.required(key, at)?;
    match parse(&text, scheduler) {
        Ok(expression) => Some(expression),
        Err(message) => {
            fields.report(fields.get(key).map_or(at, |node| node.at), message);
            None
        }
    }
}

/// Reads `rate(…)`, `cron(…)` and, for the Scheduler, `at(…)`.
fn parse(text: &str, scheduler: bool) -> Result<Expression, String> {
    let inner = |name: &str| text.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(inner) = inner("rate") {
        let rate = rate(inner, scheduler);
        return rate
            .ok_or_else(|| format!("`{text}` is no rate such as `rate(1 minute)`, `rate(5 hours)`, `rate(2 days)`"));
    }
    if let Some(inner) = inner("cron") {
        let fields: Vec<String> = inner.split_whitespace().map(str::to_owned).collect();
        let count = fields.len();
        let fields: [String; 6] = fields.try_into().map_err(|_| {
            format!("`{text}` has {count} fields; cron has 6: minutes, hours, day, month, weekday, year")
        })?;
        if (fields[2] == "?") == (fields[4] == "?") {
            return Err(format!("`{text}`: exactly one of day of month and day of week must be `?`"));
        }
        return Ok(Expression::Cron(fields));
    }
    if let Some(inner) = inner("at").filter(|_| scheduler) {
        let time = inner.trim().parse::<DateTime>();
        return time.map(Expression::At).map_err(|_| format!("`{text}` is no time: `at(2026-11-20T13:00:00)`"));
    }
    let forms = if scheduler { "rate(…), cron(…) or at(…)" } else { "rate(…) or cron(…)" };
    Err(format!("`{text}` is no schedule: it must be {forms}"))
}

/// A whole number and a unit; a rule wants the singular for 1 and the plural else, the Scheduler takes both.
fn rate(inner: &str, scheduler: bool) -> Option<Expression> {
    let (number, unit) = inner.trim().split_once(char::is_whitespace)?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let (unit, plural) = unit.trim().strip_suffix('s').map_or((unit.trim(), false), |singular| (singular, true));
    let seconds = match unit {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    if !scheduler && plural != (number > 1) {
        return None;
    }
    Some(Expression::Rate(Duration::from_secs(u64::from(number) * seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let rate = |seconds| Ok(Expression::Rate(Duration::from_secs(seconds)));
        assert_eq!(parse("rate(1 minute)", false), rate(60));
        assert_eq!(parse("rate( 5  hours )", false), rate(18_000));
        assert_eq!(parse("rate(2 days)", true), rate(172_800));
        let cron = ["0", "12", "*", "*", "?", "*"].map(str::to_owned);
        assert_eq!(parse("cron(0 12 * * ? *)", false), Ok(Expression::Cron(cron)));
        let at = "2026-11-20T13:00:00".parse().map(Expression::At);
        assert_eq!(parse("at(2026-11-20T13:00:00)", true).ok(), at.ok());
        assert_eq!(parse("rate(1 minutes)", true), rate(60));
        let wrong = ["rate(2 minute)", "rate(1 hours)", "rate(0 minutes)", "rate(2 weeks)", "cron(0 12 * * ?)"];
        for wrong in wrong.into_iter().chain(["cron(0 12 * * * *)"]) {
            assert!(parse(wrong, false).is_err(), "{wrong}");
        }
        assert!(parse("at(2026-11-20T13:00:00)", false).is_err());
        assert!(parse("every minute", true).is_err_and(|message| message.contains("at(…)")));
    }
}
