//! When a schedule is due, and what its function is told.

mod cron;

use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::model::{self, Expression};
use cron::Cron;

/// A schedule that was read.
#[derive(Debug, Clone)]
pub struct Times {
    rule: Rule,
    zone: TimeZone,
}

#[derive(Debug, Clone)]
enum Rule {
    /// Seconds between two times, counted from the start.
    Rate(i64),
    At(jiff::civil::DateTime),
    Cron(Cron),
}

impl Times {
    /// Reads an expression; the error says what is wrong with it.
    pub fn read(expression: &Expression, zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(zone).map_err(|_| format!("`{zone}` is no time zone"))?;
        let rule = match expression {
            Expression::Rate(every) => Rule::Rate(i64::try_from(every.as_secs()).unwrap_or(i64::MAX).max(1)),
            Expression::At(at) => Rule::At(*at),
            Expression::Cron(fields) => Rule::Cron(cron::read(fields)?),
        };
        Ok(Self { rule, zone })
    }

    /// The first time after `now` of a schedule that began at `began`; `None` when there is none any more.
    pub fn next(&self, began: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Rate(every) => {
                let passed = now.as_second().saturating_sub(began.as_second()).max(0);
                let due = (passed / every + 1).checked_mul(*every)?;
                began.checked_add(SignedDuration::from_secs(due)).ok()
            }
            Rule::At(at) => self.zone.to_timestamp(*at).ok().filter(|at| *at > now),
            Rule::Cron(cron) => cron.next(&self.zone, now),
        }
    }
}

/// What a function is told: the schedule's own input, or the event of EventBridge's rules and of its Scheduler.
pub fn event(schedule: &model::Schedule, time: Timestamp, id: &str, account_id: &str, region: &str) -> Bytes {
    let time = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    if let Some(input) = &schedule.input {
        let mut input = input.clone();
        if schedule.scheduler {
            let words = [("schedule-arn", schedule.arn.as_str()), ("scheduled-time", &time), ("execution-id", id)];
            for (word, value) in words {
                input = input.replace(&format!("<aws.scheduler.{word}>"), value);
            }
        }
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&input).is_ok();
        return Bytes::from(if is_json { input } else { Value::from(input).to_string() });
    }
    let (source, detail) = if schedule.scheduler { ("aws.scheduler", json!("{}")) } else { ("aws.events", json!({})) };
    let event = json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": source,
        "account": account_id,
        "time": time,
        "region": region,
        "resources": [schedule.arn],
        "detail": detail,
    });
    Bytes::from(event.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::model::Location;

    pub(super) fn times(cron: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let fields: Vec<_> = cron.split(' ').map(str::to_owned).collect();
        let times = Times::read(&Expression::Cron(fields.try_into().unwrap()), zone).unwrap();
        let mut now: Timestamp = from.parse().unwrap();
        let began = now;
        let mut found = Vec::new();
        while found.len() < count {
            let Some(next) = times.next(began, now) else { break };
            assert!(next > now);
            now = next;
            found.push(next.strftime("%Y-%m-%dT%H:%M").to_string());
        }
        found
    }

    #[test]
    fn time_zones_and_the_hours_that_clocks_skip_or_repeat() {
        // Berlin, 2026: on March 29 there is no 02:30, on October 25 there are two.
        let (half_past_two, berlin) = ("30 2 * * ? *", "Europe/Berlin");
        let spring = times(half_past_two, berlin, "2026-03-28T00:00:00Z", 2);
        assert_eq!(spring, ["2026-03-28T01:30", "2026-03-30T00:30"]);
        let autumn = times(half_past_two, berlin, "2026-10-24T12:00:00Z", 2);
        assert_eq!(autumn, ["2026-10-25T00:30", "2026-10-26T01:30"]);
        let wrong = Times::read(&Expression::Rate(Duration::from_mins(1)), "Europe/Nowhere").unwrap_err();
        assert_eq!(wrong, "`Europe/Nowhere` is no time zone");
    }

    #[test]
    fn rates_count_from_the_start_and_at_is_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let rate = Times::read(&Expression::Rate(Duration::from_mins(5)), "UTC").unwrap();
        assert_eq!(rate.next(at(7), at(7)), Some(at(307)));
        assert_eq!(rate.next(at(7), at(307)), Some(at(607)));
        assert_eq!(rate.next(at(7), at(1_000)), Some(at(1_207)));
        // Further away than there is time.
        let never = Times::read(&Expression::Rate(Duration::MAX), "UTC").unwrap();
        assert_eq!(never.next(at(7), at(1_000)), None);
        let once = Expression::At("2026-11-20T13:00:00".parse().unwrap());
        let once = Times::read(&once, "America/New_York").unwrap();
        let due: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        assert_eq!(once.next(at(0), at(0)), Some(due));
        assert_eq!(once.next(at(0), due), None);
    }

    #[test]
    fn what_a_function_is_told() {
        let schedule = |scheduler, input: Option<&str>| model::Schedule {
            logical_id: "S".to_owned(),
            name: "s".to_owned(),
            arn: "arn:s".to_owned(),
            function: "F".to_owned(),
            expression: Expression::Rate(Duration::from_mins(1)),
            time_zone: "UTC".to_owned(),
            scheduler,
            enabled: true,
            input: input.map(str::to_owned),
            location: Location { file: PathBuf::new(), line: 1, column: 1 },
        };
        let of = |scheduler, input| {
            let told = event(&schedule(scheduler, input), Timestamp::UNIX_EPOCH, "id", "000000000000", "us-east-1");
            String::from_utf8(told.to_vec()).unwrap()
        };
        assert_eq!(
            of(false, None),
            r#"{"version":"0","id":"id","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":"1970-01-01T00:00:00Z","region":"us-east-1","resources":["arn:s"],"detail":{}}"#
        );
        assert!(of(true, None).contains(r#""source":"aws.scheduler""#) && of(true, None).contains(r#""detail":"{}""#));
        assert_eq!(of(false, Some(r#"{"a":1}"#)), r#"{"a":1}"#);
        assert_eq!(of(true, Some(r#"["<aws.scheduler.scheduled-time>"]"#)), r#"["1970-01-01T00:00:00Z"]"#);
        assert_eq!(of(true, Some("plain")), r#""plain""#);
    }
}
