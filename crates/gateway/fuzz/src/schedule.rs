//! Schedule expressions. Input: a line with an expression, then a line with a time zone (none is UTC).

use gateway::event_source::schedule::Times;
use gateway::model::Expression;
use jiff::Timestamp;

use super::message;

/// Reads the expression and asks for the next times, from the beginning of time and from today.
pub fn run(data: &[u8]) {
    let (expression, rest) = message::line(data);
    let (zone, _) = message::line(rest);
    let (Ok(expression), Ok(zone)) = (std::str::from_utf8(expression), std::str::from_utf8(zone)) else { return };
    let zone = if zone.is_empty() { "UTC" } else { zone };
    for scheduler in [false, true] {
        let Ok(expression) = Expression::read(expression, scheduler) else { continue };
        let Ok(times) = Times::read(&expression, zone) else { continue };
        for began in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::constant(1_795_000_000, 0), Timestamp::MAX] {
            let mut now = began;
            for _ in 0..3 {
                let Some(next) = times.next(began, now) else { break };
                assert!(next > now, "{next} is not after {now}");
                now = next;
            }
        }
    }
}
