//! The tests of the workspace, by the facts in their names: `w_06_rejection…`, `m_03_m_04_sizes…`, `a_09b_…`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::facts::Fact;

/// Where tests are.
const PLACES: [&str; 4] = ["crates/gateway/src", "crates/gateway/tests", "crates/local", "tests"];

/// Names of tests by the number of each fact they carry, as `path::name` below the workspace.
pub(crate) fn by_fact(root: &Path, facts: &[Fact]) -> BTreeMap<String, BTreeSet<String>> {
    let known: BTreeSet<&str> = facts.iter().map(|fact| fact.number.as_str()).collect();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for place in PLACES {
        visit(&root.join(place), &mut |file| {
            let path = file.strip_prefix(root).unwrap().display().to_string();
            for name in names(&std::fs::read_to_string(file).unwrap()) {
                for number in numbers(&name) {
                    assert!(known.contains(number.as_str()), "{path}: {name} names {number}, which is no fact");
                    found.entry(number).or_default().insert(format!("{path} {name}"));
                }
            }
        });
    }
    found
}

fn visit(directory: &Path, each: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, each);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&path);
        }
    }
}

/// Names of the test functions of a file. A test that does not run by itself proves nothing every day.
fn names(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut is_test, mut is_ignored) = (false, false);
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            is_ignored |= line.starts_with("#[ignore");
        } else if let Some(name) = line.trim_start_matches("async ").strip_prefix("fn ") {
            if is_test && !is_ignored {
                names.push(name.split(['(', '<']).next().unwrap_or_default().to_owned());
            }
            (is_test, is_ignored) = (false, false);
        }
    }
    names
}

/// `W-06` and `W-08` of `w06_w_08_refusals`: the numbers that the name begins with.
fn numbers(name: &str) -> Vec<String> {
    let mut parts = name.split('_').peekable();
    let mut numbers = Vec::new();
    while let Some(part) = parts.next() {
        let joined = match parts.peek() {
            Some(digits) if part.len() == 1 && digits.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("{part}{}", parts.next().unwrap())
            }
            _ => part.to_owned(),
        };
        let Some((letter, digits)) = joined.split_at_checked(1) else { break };
        let two = digits.len() >= 2 && digits[..2].bytes().all(|byte| byte.is_ascii_digit());
        if !two || !"hcawmlet".contains(letter) || !matches!(&digits[2..], "" | "b") {
            break;
        }
        numbers.push(format!("{}-{digits}", letter.to_uppercase()));
    }
    numbers
}

#[test]
fn numbers_stand_at_the_start_of_a_name() {
    let table = [
        ("w_06_rejection", vec!["W-06"]),
        ("w06_w_08_refusals", vec!["W-06", "W-08"]),
        ("a_09b_scopes", vec!["A-09b"]),
        ("rfc_6455_handshakes", vec![]),
        ("e_01", vec!["E-01"]),
        ("a_table", vec![]),
        ("wildcards", vec![]),
    ];
    for (name, expected) in table {
        assert_eq!(numbers(name), expected, "{name}");
    }
    let ignored = "#[test]\n#[ignore]\nfn w_01_x() {}\n#[tokio::test]\nasync fn w_02_y() {}\nfn w_03_z() {}";
    assert_eq!(names(ignored), ["w_02_y"]);
}
