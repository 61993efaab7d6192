//! The page: a table for each letter. Counts stand with their table, so that two changes seldom meet in one line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::facts::Fact;

const SECTIONS: [(&str, &str); 8] = [
    ("H", "HTTP APIs: routes, events, answers"),
    ("C", "HTTP APIs: CORS"),
    ("A", "HTTP APIs: authorizers"),
    ("W", "WebSocket APIs"),
    ("M", "`@connections`"),
    ("L", "Lambda: execution environments and the Runtime API"),
    ("E", "DynamoDB Streams as event sources"),
    ("T", "SAM templates"),
];

const HEAD: &str = "\
# How faithful the gateway is

What is publicly known about API Gateway, Lambda and stream mappings, fact by fact, and the tests that hold
`crates/gateway` to it. Written by the test `conformance` of that crate from `tests/conformance/facts.txt` and the names
of tests; do not edit it: `UPDATE_CONFORMANCE=1 cargo test -p gateway --test conformance`.

Tags: **N** recorded on AWS, **D** documented by AWS, **R** AWS output quoted by others: these have a test each, or are
**missing**. **I** said by other implementers only, **?** open: these are defaults behind a switch of
`crates/gateway/src/behaviour.rs`, set by `--behaviour NAME=VALUE`. **L** is a rule of this gateway.
";

pub(crate) fn render(facts: &[Fact], tests: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut page = HEAD.to_owned();
    for (letter, title) in SECTIONS {
        let section: Vec<_> = facts.iter().filter(|fact| fact.number.starts_with(letter)).collect();
        let asserted: Vec<_> = section.iter().filter(|fact| fact.is_asserted()).collect();
        let missing: Vec<_> = asserted.iter().filter(|fact| !tests.contains_key(&fact.number)).collect();
        let shown = asserted.len() - missing.len();
        write!(page, "\n## {letter}: {title}\n\n{shown} of {} proven facts have a test", asserted.len()).unwrap();
        let numbers: Vec<_> = missing.iter().map(|fact| fact.number.as_str()).collect();
        match numbers.as_slice() {
            [] => page.push_str(".\n"),
            some => writeln!(page, "; missing: {}.", some.join(", ")).unwrap(),
        }
        page.push_str("\n| fact | | evidence | tests | state |\n|---|---|---|---|---|\n");
        for fact in section {
            let Fact { number, tag, evidence, text, .. } = fact;
            let text = text.replace('|', "\\|");
            let (tests, state) = (links(tests.get(number)), state(fact, tests.contains_key(number)));
            writeln!(page, "| {number} **{tag}** | {text} | {evidence} | {tests} | {state} |").unwrap();
        }
    }
    page
}

fn state(fact: &Fact, tested: bool) -> String {
    let mut state = match (fact.is_asserted(), tested) {
        (_, true) => "tested".to_owned(),
        (true, false) => "**missing**".to_owned(),
        (false, false) => "default".to_owned(),
    };
    for switch in &fact.switches {
        let shown = if switch.starts_with('(') { switch.clone() } else { format!("switch `{switch}`") };
        state = format!("{state}, {shown}");
    }
    state
}

/// Each test's name, with a link to its file.
fn links(tests: Option<&BTreeSet<String>>) -> String {
    let link = |test: &String| {
        let (path, name) = test.split_once(' ').unwrap();
        format!("[{name}](../{path})")
    };
    tests.into_iter().flatten().map(link).collect::<Vec<_>>().join("<br>")
}
