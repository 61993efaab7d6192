//! `docs/security.md` says which test holds which check, and what it says is so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::root;

/// Names of all tests of the workspace.
fn tests_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            tests_in(&entry, found);
        } else if entry.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&entry).unwrap();
            let mut lines = text.lines().map(str::trim);
            while let Some(line) = lines.next() {
                if line == "#[test]" || line.starts_with("#[tokio::test") {
                    let function = lines.by_ref().find_map(|line| line.split_once("fn ")).expect("a test's function").1;
                    found.insert(function.split('(').next().unwrap().to_owned());
                }
            }
        }
    }
}

/// The checks in a name: `b4_e5_tries_are_limited` is of B4 and of E5.
fn checks(name: &str) -> BTreeSet<String> {
    let is_check = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|first| ('a'..='k').contains(&first))
            && !letters.as_str().is_empty()
            && letters.all(|letter| letter.is_ascii_digit())
    };
    name.split('_').take_while(is_check).map(str::to_uppercase).collect()
}

/// Rows of the table under a heading: the first cell's checks, and the rest.
fn rows<'a>(page: &'a str, heading: &str) -> Vec<(BTreeSet<String>, &'a str)> {
    let part = page.split_once(&format!("## {heading}\n")).unwrap_or_else(|| panic!("no {heading}")).1;
    let part = part.split("\n## ").next().unwrap();
    let lines = part.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let names = |cell: &str| cell.split(", ").map(str::to_owned).collect();
    let is_row = |(first, _): &(&str, _)| first.split(", ").all(|name| !checks(&name.to_lowercase()).is_empty());
    lines.filter(is_row).map(|(first, rest)| (names(first), rest)).collect()
}

#[test]
fn every_check_that_holds_says_what_holds_it_and_every_test_it_names_is_there() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut tests = BTreeSet::new();
    for folder in ["crates", "functions", "tests"] {
        tests_in(&root().join(folder), &mut tests);
    }
    let mut held: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (checks_of_row, rest) in rows(&page, "By which tests") {
        let cited: Vec<_> = rest.split('`').skip(1).step_by(2).filter(|name| !checks(name).is_empty()).collect();
        for name in &cited {
            assert!(tests.contains(*name), "docs/security.md names {name}, and there is no such test");
            assert!(!checks(name).is_disjoint(&checks_of_row), "{name} is not a test of {checks_of_row:?}");
        }
        assert!(!cited.is_empty() || rest.starts_with("no test: "), "{checks_of_row:?}: neither a test nor why not");
        for check in checks_of_row {
            held.entry(check).or_default().extend(&cited);
        }
    }
    let promised: BTreeSet<_> = rows(&page, "What holds").into_iter().flat_map(|(checks, _)| checks).collect();
    let listed: BTreeSet<_> = held.keys().cloned().collect();
    assert!(promised.len() > 40, "{promised:?}");
    assert_eq!(promised, listed, "what holds, and by which tests, are not the same checks");
}

#[test]
fn the_checks_in_a_name_are_its_first_words() {
    let of = |name: &str| checks(name).into_iter().collect::<Vec<_>>();
    assert_eq!(of("b4_e5_tries_are_limited"), ["B4", "E5"]);
    assert_eq!(of("k1_fifty_senders_at_once"), ["K1"]);
    for name in ["a_group_keeps_an_admin", "w07_an_offer", "every_check", "i"] {
        assert_eq!(of(name), [""; 0], "{name}");
    }
}
