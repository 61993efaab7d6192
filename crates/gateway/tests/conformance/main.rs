//! Holds `docs/gateway-conformance.md` to the facts (`facts.txt`) and to the tests that carry their numbers.
//!
//! `UPDATE_CONFORMANCE=1 cargo test -p gateway --test conformance` writes the page anew.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod facts;
mod page;
mod tests;

use std::path::{Path, PathBuf};

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_page_says_what_is_so() {
    let facts = facts::read();
    let tests = tests::by_fact(&root(), &facts);
    let page = page::render(&facts, &tests);
    let path = root().join("docs/gateway-conformance.md");
    if std::env::var_os("UPDATE_CONFORMANCE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let stale = page.lines().zip(written.lines().chain(std::iter::repeat(""))).find(|(now, then)| now != then);
    assert!(
        page == written,
        "docs/gateway-conformance.md is stale; write it with UPDATE_CONFORMANCE=1 cargo test -p gateway --test \
         conformance\nfirst difference (now, then): {stale:#?}"
    );
}

/// What is not proven has a switch, and every switch that a fact names exists.
#[test]
fn open_facts_have_their_switch() {
    let behaviour = include_str!("../../src/behaviour.rs");
    for fact in facts::read() {
        if fact.is_open() {
            assert!(!fact.switches.is_empty(), "{} needs a switch", fact.number);
        }
        for switch in fact.switches.iter().filter(|switch| !switch.starts_with('(')) {
            assert!(behaviour.contains(&format!("pub {switch}:")), "{}: no switch {switch}", fact.number);
        }
    }
}
