//! Schedules: SAM events `Schedule` and `ScheduleV2`, `AWS::Events::Rule` and `AWS::Scheduler::Schedule`.

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
        if let Some((key, node)) =
            ["InputPath", "InputTransformer"].into_iter().find_map(|key| Some((key, target.get(key)?)))
        {
            target.leave_out(node.at, format_args!("the target is left out: a schedule here has `Input`, not `{key}`"));
            continue;
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
    match Expression::read(&text, scheduler) {
        Ok(expression) => Some(expression),
        Err(message) => {
            fields.report(fields.get(key).map_or(at, |node| node.at), message);
            None
        }
    }
}
