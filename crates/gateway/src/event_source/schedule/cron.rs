//! Cron expressions: what their fields name, and the next time that fits.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// Years a cron expression can name.
const YEARS: std::ops::RangeInclusive<u16> = 1970..=2199;
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// From 1.
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

#[derive(Debug, Clone)]
pub(super) struct Cron {
    minutes: BTreeSet<u16>,
    hours: BTreeSet<u16>,
    day_of_month: DayOfMonth,
    months: BTreeSet<u16>,
    day_of_week: DayOfWeek,
    years: BTreeSet<u16>,
}

#[derive(Debug, Clone)]
enum DayOfMonth {
    Any,
    Set(BTreeSet<u16>),
    /// `L`.
    Last,
    /// `15W`: the working day nearest to it, in the same month.
    Nearest(i8),
}

#[derive(Debug, Clone)]
enum DayOfWeek {
    Any,
    Set(BTreeSet<u16>),
    /// `6L`: the last Friday of the month.
    Last(u16),
    /// `3#2`: the second Tuesday.
    Nth(u16, i8),
}

impl Cron {
    /// The first time after `now`; `None` when there is none any more.
    pub(super) fn next(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let mut date = zone.to_datetime(now).date();
        let last = i16::try_from(*self.years.last()?).ok()?;
        while date.year() <= last {
            if !self.has_month(date) {
                date = date.first_of_month().checked_add(1.month()).ok()?;
                continue;
            }
            if self.has_day(date) {
                let mut times =
                    self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (hour, minute)));
                let at = |(hour, minute): (&u16, &u16)| {
                    let (hour, minute) = (i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?);
                    let time = zone.to_ambiguous_timestamp(date.at(hour, minute, 0, 0));
                    // A time that the clocks leave out is left out; one that comes twice is the first.
                    let skipped = matches!(time.offset(), AmbiguousOffset::Gap { .. });
                    time.compatible().ok().filter(|time| !skipped && *time > now)
                };
                if let Some(found) = times.find_map(at) {
                    return Some(found);
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn has_month(&self, date: Date) -> bool {
        let has = |set: &BTreeSet<u16>, number: i16| u16::try_from(number).is_ok_and(|number| set.contains(&number));
        has(&self.years, date.year()) && has(&self.months, date.month().into())
    }

    fn has_day(&self, date: Date) -> bool {
        let day = u16::try_from(date.day()).unwrap_or_default();
        let weekday = u16::try_from(date.weekday().to_sunday_one_offset()).unwrap_or_default();
        let of_month = match &self.day_of_month {
            DayOfMonth::Any => true,
            DayOfMonth::Set(days) => days.contains(&day),
            DayOfMonth::Last => date == date.last_of_month(),
            DayOfMonth::Nearest(wanted) => nearest(date, *wanted) == Some(date),
        };
        let of_week = match &self.day_of_week {
            DayOfWeek::Any => true,
            DayOfWeek::Set(days) => days.contains(&weekday),
            DayOfWeek::Last(wanted) => weekday == *wanted && date.day() > date.days_in_month() - 7,
            DayOfWeek::Nth(wanted, nth) => weekday == *wanted && (date.day() - 1) / 7 + 1 == *nth,
        };
        of_month && of_week
    }
}

/// The working day of this month that is nearest to a day of it.
fn nearest(month: Date, day: i8) -> Option<Date> {
    let wanted = month.first_of_month().with().day(day.min(month.days_in_month())).build().ok()?;
    let moved = match wanted.weekday() {
        Weekday::Saturday if wanted.day() == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if wanted == wanted.last_of_month() => -2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    wanted.checked_add(moved.days()).ok()
}

/// Reads the six fields; the error says what is wrong with one.
pub(super) fn read(fields: &[String; 6]) -> Result<Cron, String> {
    let [minutes, hours, day_of_month, months, day_of_week, years] = fields;
    Ok(Cron {
        minutes: set(minutes, 0..=59, &[])?,
        hours: set(hours, 0..=23, &[])?,
        day_of_month: match day_of_month.as_str() {
            "?" | "*" => DayOfMonth::Any,
            "L" => DayOfMonth::Last,
            field => match field.strip_suffix('W') {
                Some(day) => DayOfMonth::Nearest(i8::try_from(number(day, &(1..=31), &[])?).unwrap_or(31)),
                None => DayOfMonth::Set(set(field, 1..=31, &[])?),
            },
        },
        months: set(months, 1..=12, &MONTHS)?,
        day_of_week: match day_of_week.as_str() {
            "?" | "*" => DayOfWeek::Any,
            "L" => DayOfWeek::Set(BTreeSet::from([7])),
            field => match (field.strip_suffix('L'), field.split_once('#')) {
                (Some(day), _) => DayOfWeek::Last(number(day, &(1..=7), &DAYS)?),
                (_, Some((day, nth))) => DayOfWeek::Nth(
                    number(day, &(1..=7), &DAYS)?,
                    i8::try_from(number(nth, &(1..=5), &[])?).unwrap_or(5),
                ),
                _ => DayOfWeek::Set(set(field, 1..=7, &DAYS)?),
            },
        },
        years: set(years, YEARS, &[])?,
    })
}

/// `*`, `5`, `1-5`, `*/15`, `10/20`, `MON-FRI`, and lists of these.
fn set(field: &str, allowed: std::ops::RangeInclusive<u16>, names: &[&str]) -> Result<BTreeSet<u16>, String> {
    let mut numbers = BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (*allowed.start(), *allowed.end()),
            Some((from, to)) => (number(from, &allowed, names)?, number(to, &allowed, names)?),
            None => {
                let from = number(range, &allowed, names)?;
                (from, if step.is_some() { *allowed.end() } else { from })
            }
        };
        let step = match step {
            None => 1,
            Some(step) => number(step, &(1..=*allowed.end()), &[])?,
        };
        // Backwards goes round: FRI-MON.
        let whole = || allowed.clone();
        let range: Vec<u16> = if from <= to {
            (from..=to).collect()
        } else {
            whole().filter(|n| *n >= from).chain(whole().filter(|n| *n <= to)).collect()
        };
        numbers.extend(range.into_iter().step_by(step.into()));
    }
    Ok(numbers)
}

fn number(text: &str, allowed: &std::ops::RangeInclusive<u16>, names: &[&str]) -> Result<u16, String> {
    let first = *allowed.start();
    let position = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let by_name = position.and_then(|position| Some(u16::try_from(position).ok()? + first));
    let number = by_name.or_else(|| text.parse().ok()).filter(|number| allowed.contains(number));
    number.ok_or_else(|| format!("`{text}` must be from {first} to {}", allowed.end()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::times;
    use super::*;

    #[test]
    fn cron_expressions_of_the_guide() {
        let from = "2026-11-20T12:00:30Z";
        let table: [(&str, &[&str]); 13] = [
            ("0 10 * * ? *", &["2026-11-21T10:00", "2026-11-22T10:00"]),
            ("15 12 * * ? *", &["2026-11-20T12:15", "2026-11-21T12:15"]),
            ("0 18 ? * MON-FRI *", &["2026-11-20T18:00", "2026-11-23T18:00"]),
            ("0 8 1 * ? *", &["2026-12-01T08:00", "2027-01-01T08:00"]),
            ("0/15 * * * ? *", &["2026-11-20T12:15", "2026-11-20T12:30"]),
            ("0/30 20-2 ? * MON-FRI *", &["2026-11-20T20:00", "2026-11-20T20:30"]),
            ("0 9 ? * 2#1 *", &["2026-12-07T09:00", "2027-01-04T09:00"]),
            ("0 9 L * ? *", &["2026-11-30T09:00", "2026-12-31T09:00"]),
            ("0 9 ? * 6L *", &["2026-11-27T09:00", "2026-12-25T09:00"]),
            // The 15th of November 2026 is a Sunday, the 1st of August 2026 a Saturday.
            ("0 9 15W * ? *", &["2026-12-15T09:00", "2027-01-15T09:00"]),
            ("0 0 29 FEB ? *", &["2028-02-29T00:00", "2032-02-29T00:00"]),
            ("0 12 1,15 JAN ? 2027", &["2027-01-01T12:00", "2027-01-15T12:00"]),
            ("0 0 ? * FRI-MON *", &["2026-11-21T00:00", "2026-11-22T00:00"]),
        ];
        for (cron, expected) in table {
            assert_eq!(times(cron, "UTC", from, expected.len()), expected, "{cron}");
        }
        assert_eq!(times("0 9 15W * ? *", "UTC", "2026-11-01T00:00:00Z", 1), ["2026-11-16T09:00"]);
        assert_eq!(times("0 9 1W * ? *", "UTC", "2026-07-31T00:00:00Z", 2), ["2026-08-03T09:00", "2026-09-01T09:00"]);
        assert_eq!(times("0 12 1 JAN ? 2020", "UTC", from, 1), [""; 0]);
        assert_eq!(times("0 0 31 FEB ? *", "UTC", from, 1), [""; 0]);
    }

    #[test]
    fn wrong_fields_are_told() {
        let wrong = [
            ("60 * * * ? *", "`60` must be from 0 to 59"),
            ("0 24 * * ? *", "`24` must be from 0 to 23"),
            ("0 0 0 * ? *", "`0` must be from 1 to 31"),
            ("0 0 * FOO ? *", "`FOO` must be from 1 to 12"),
            ("0 0 ? * 8 *", "`8` must be from 1 to 7"),
            ("0/0 * * * ? *", "`0` must be from 1 to 59"),
            ("0 0 * * ? 2200", "`2200` must be from 1970 to 2199"),
            ("- * * * ? *", "`` must be from 0 to 59"),
        ];
        for (cron, message) in wrong {
            let fields: Vec<_> = cron.split(' ').map(str::to_owned).collect();
            assert_eq!(read(&fields.try_into().unwrap()).unwrap_err(), message, "{cron}");
        }
    }
}
