//! Schedule expressions.

use std::time::Duration;

use jiff::civil::DateTime;

/// When a [`Schedule`](super::Schedule) is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// `rate(5 minutes)`.
    Rate(Duration),
    /// `cron(0 12 * * ? *)`: minutes, hours, day of month, month, day of week, year.
    Cron([String; 6]),
    /// `at(2026-11-20T13:00:00)`, once, in the time zone; Scheduler alone has it.
    At(DateTime),
}

impl Expression {
    /// Reads `rate(…)`, `cron(…)` and, for the Scheduler, `at(…)`; the error says what is wrong with it. The fields of
    /// a cron expression are not looked at.
    pub fn read(text: &str, scheduler: bool) -> Result<Self, String> {
        let inner = |name: &str| text.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(inner) = inner("rate") {
            let rate = rate(inner, scheduler);
            return rate.ok_or_else(|| {
                format!("`{text}` is no rate such as `rate(1 minute)`, `rate(5 hours)`, `rate(2 days)`")
            });
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
            return Ok(Self::Cron(fields));
        }
        if let Some(inner) = inner("at").filter(|_| scheduler) {
            let time = inner.trim().parse::<DateTime>();
            return time.map(Self::At).map_err(|_| format!("`{text}` is no time: `at(2026-11-20T13:00:00)`"));
        }
        let forms = if scheduler { "rate(…), cron(…) or at(…)" } else { "rate(…) or cron(…)" };
        Err(format!("`{text}` is no schedule: it must be {forms}"))
    }
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
        assert_eq!(Expression::read("rate(1 minute)", false), rate(60));
        assert_eq!(Expression::read("rate( 5  hours )", false), rate(18_000));
        assert_eq!(Expression::read("rate(2 days)", true), rate(172_800));
        let cron = ["0", "12", "*", "*", "?", "*"].map(str::to_owned);
        assert_eq!(Expression::read("cron(0 12 * * ? *)", false), Ok(Expression::Cron(cron)));
        let at = "2026-11-20T13:00:00".parse().map(Expression::At);
        assert_eq!(Expression::read("at(2026-11-20T13:00:00)", true).ok(), at.ok());
        assert_eq!(Expression::read("rate(1 minutes)", true), rate(60));
        let wrong = ["rate(2 minute)", "rate(1 hours)", "rate(0 minutes)", "rate(2 weeks)", "cron(0 12 * * ?)"];
        for wrong in wrong.into_iter().chain(["cron(0 12 * * * *)"]) {
            assert!(Expression::read(wrong, false).is_err(), "{wrong}");
        }
        assert!(Expression::read("at(2026-11-20T13:00:00)", false).is_err());
        assert!(Expression::read("every minute", true).is_err_and(|message| message.contains("at(…)")));
    }
}
